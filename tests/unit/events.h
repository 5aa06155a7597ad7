/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Events made from any line that a test wants, as from a death. Ends the program if there is no
 * memory.
 */
#ifndef KT_UNIT_EVENTS_H
#define KT_UNIT_EVENTS_H

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "line/event.h"

/* If a line is not JSON, everything is absent in its typed form. */
static inline struct event *events_make(const char *line, size_t size, int64_t realtime_ns)
{
	json_t *record = json_loadb(line, size, 0, NULL);
	struct reported *reported = reported_of_json(record, realtime_ns);
	struct event *event = calloc(1, sizeof(*event) + size + 1);

	if (!event || !reported)
		abort();
	json_decref(record);
	atomic_init(&event->references, 1);
	atomic_init(&event->queues, 0);
	event->is_death = reported->is_death;
	event->realtime_ns = realtime_ns;
	event->reported = reported;
	event->size = size;
	memcpy(event->line, line, size);
	return event;
}

#endif
