/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * An event for several outlets, made once: a death or losses, as a line of JSON and in its typed
 * form.
 *
 * Ownership: counted references; to keep an event past a call, take a reference of your own.
 * Immutable once made, so that threads may share it.
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
	atomic_uint queues; /* in which it waits; counted by the queues */
	bool is_death;
	uint64_t sequence; /* growing; the sequence of losses is between those of deaths */
	uint64_t span;     /* distance from the first of the deaths that it stands for */
	uint64_t folded;   /* deaths that its line stands for, besides its own */
	/* Another row that was folded in the same time: its deaths are between those of this one,
	 * so only together they are a step in the order of events. Owned; NULL: none. Sequence and
	 * span of the first row are those of all. */
	struct event *next;
	int64_t realtime_ns;
	int64_t last_ns;    /* of the latest death that its line stands for; 0: it stands for one */
	struct share share; /* of the death; all zero: this is not a death */
	struct reported *reported;
	size_t size; /* of the line with its newline, which is followed by a NUL */
	char line[];
};

/* Returned with one reference; NULL when out of memory. */
struct event *event_of_death(const struct report *report);
struct event *event_of_losses(const struct origin *origin, const struct losses *losses,
			      int64_t realtime_ns, uint64_t sequence);

/* A copy of `like` with another line, which includes its newline. NULL when out of memory. */
struct event *event_of_line(const struct event *like, const char *line, size_t size);

/* The sequence of the first of its deaths, in all rows. For losses: its own. */
static inline uint64_t event_first(const struct event *event)
{
	return event->sequence - event->span;
}

/* How many deaths its rows stand for. For losses: 1. */
uint64_t event_deaths(const struct event *event);

/* The length of all its lines together. */
size_t event_size(const struct event *event);

/* How much memory it takes. */
size_t event_bytes(const struct event *event);

struct event *event_ref(struct event *event);
/* NULL is fine. */
void event_unref(struct event *event);

#endif
