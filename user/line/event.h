/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What goes to several outlets at once, made once: a death or losses, as a line of JSON and in its
 * typed form.
 *
 * Ownership: counted references; who keeps one past a call takes a reference of his own. Immutable
 * once made, so that threads may share it.
 */
#ifndef KT_LINE_EVENT_H
#define KT_LINE_EVENT_H

#include <stdatomic.h>

#include "attribute/share.h"
#include "line/reported.h"
#include "source/losses.h"

/* Each line begins with it. */
#define EVENT_LINE_HEAD "{\"schema\":"

struct event {
	atomic_uint references;
	atomic_uint queues; /* that it waits in; theirs to count */
	bool is_death;
	uint64_t sequence; /* growing; that of losses lies between those of deaths */
	uint64_t span;     /* how far before that the first of the deaths was for which it stands */
	uint64_t folded;   /* deaths for which its line stands besides its own */
	/* Another row that was folded in the same time: its deaths lie between those of this one,
	 * so that only together they are a step in the order of events. Owned; NULL: there is
	 * none. Sequence and span of the first are those of all. */
	struct event *next;
	int64_t realtime_ns;
	int64_t last_ns; /* of the latest of the deaths for which its line stands; 0: it stands for
			    one */
	struct share share; /* of the death; all zero: it is none */
	struct reported *reported;
	size_t size; /* of the line with its newline, which is followed by a NUL */
	char line[];
};

/* With one reference; NULL when out of memory. */
struct event *event_of_death(const struct report *report);
struct event *event_of_losses(const struct origin *origin, const struct losses *losses,
			      int64_t realtime_ns, uint64_t sequence);

/* As `like`, with another line, which has its newline. NULL when out of memory. */
struct event *event_of_line(const struct event *like, const char *line, size_t size);

/* The sequence of the first of its deaths, of all rows. Of losses: its own. */
static inline uint64_t event_first(const struct event *event)
{
	return event->sequence - event->span;
}

/* For how many deaths its rows stand. Of losses: 1. */
uint64_t event_deaths(const struct event *event);

/* The length of all its lines. */
size_t event_size(const struct event *event);

/* What it takes of memory. */
size_t event_bytes(const struct event *event);

struct event *event_ref(struct event *event);
/* NULL is fine. */
void event_unref(struct event *event);

#endif
