/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One line of JSON as it goes to several sinks at once: a death or losses, made once.
 *
 * Ownership: counted references; who keeps one past a call takes a reference of his own. Immutable
 * once made, so that threads may share it.
 */
#ifndef KT_SINK_EVENT_H
#define KT_SINK_EVENT_H

#include <stdatomic.h>

#include "explain/report.h"
#include "source/losses.h"

/* Each line begins with it. */
#define EVENT_LINE_HEAD "{\"schema\":"

struct event {
	atomic_uint references;
	bool is_death;
	uint64_t sequence; /* growing; that of losses lies between those of deaths */
	int64_t realtime_ns;
	size_t size; /* of the line with its newline, which is followed by a NUL */
	char line[];
};

/* With one reference; NULL when out of memory. */
struct event *event_of_death(const struct report *report);
struct event *event_of_losses(const struct origin *origin, const struct losses *losses,
			      int64_t realtime_ns, uint64_t sequence);

/* The sequence of a death in a line that was once an event's, with or without its newline; 0: it has none,
 * or is of another boot. */
uint64_t event_line_sequence(const char *line, size_t size, const char *boot_id);

struct event *event_ref(struct event *event);
/* NULL is fine. */
void event_unref(struct event *event);

#endif
