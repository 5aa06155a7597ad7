// SPDX-License-Identifier: BSD-2-Clause
#include "sink/event.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "sink/json_record.h"

static struct event *make(const char *line, size_t size, bool is_death, int64_t realtime_ns,
			  uint64_t sequence)
{
	struct event *event = line ? malloc(sizeof(*event) + size + 1) : NULL;

	if (!event)
		return NULL;
	atomic_init(&event->references, 1);
	event->is_death = is_death;
	event->sequence = sequence;
	event->realtime_ns = realtime_ns;
	event->size = size;
	memcpy(event->line, line, size + 1);
	return event;
}

struct event *event_of_death(const struct report *report)
{
	const struct death *death = report->death;
	size_t size = 0;
	AUTO_FREE char *line = json_record_of_death(report, &size);

	return make(line, size, true,
		    clock_realtime_ns(death->record.time_ns, death->realtime_offset_ns),
		    death->sequence);
}

struct event *event_of_losses(const struct origin *origin, const struct losses *losses,
			      int64_t realtime_ns, uint64_t sequence)
{
	size_t size = 0;
	AUTO_FREE char *line = json_record_of_losses(origin, losses, realtime_ns, &size);

	return make(line, size, false, realtime_ns, sequence);
}

uint64_t event_line_sequence(const char *line, size_t size, const char *boot_id)
{
	json_t *record = json_loadb(line, size, JSON_DISABLE_EOF_CHECK, NULL);
	const char *id = json_string_value(json_object_get(record, "id"));
	const size_t length = strlen(boot_id);
	uint64_t sequence = 0;

	if (id && !strncmp(id, boot_id, length) && id[length] == '-')
		sequence = strtoull(id + length + 1, NULL, 10);
	json_decref(record);
	return sequence;
}

struct event *event_ref(struct event *event)
{
	atomic_fetch_add(&event->references, 1);
	return event;
}

void event_unref(struct event *event)
{
	if (event && atomic_fetch_sub(&event->references, 1) == 1)
		free(event);
}
