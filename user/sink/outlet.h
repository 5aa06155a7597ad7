/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A sink with a thread and a bounded queue of its own, so that one that is slow, full or dead delays
 * no other and loses nothing of theirs.
 *
 * An event that could not be delivered is tried again, with growing pauses, while the queue fills
 * behind it; what finds no room is counted. Trouble and its end are said once each, not per event.
 *
 * Ownership: outlet_start() takes the target. Threads: `target` is used by the outlet's thread only,
 * but for free, which comes after it has ended.
 */
#ifndef KT_SINK_OUTLET_H
#define KT_SINK_OUTLET_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "sink/event.h"
#include "sink/metrics.h"
#include "source/ledger.h"

struct outlet;
struct target;

/* flush: done in part, to be called again at once. */
#define OUTLET_MORE 1

struct target_ops {
	const char *name; /* as it stands in metrics and in what is said */
	/* 0, or -errno: it will be called again with the same event. -ENOBUFS is no failure: what was
	 * gathered has to go first. */
	int (*deliver)(struct target *target, const struct event *event);
	/* What was gathered is to go: 0, OUTLET_MORE or -errno. Events are delivered all the same while
	 * it fails. NULL: nothing is gathered. */
	int (*flush)(struct target *target);
	/* The administrator asks for it (SIGHUP). NULL: nothing to open anew. */
	void (*reopen)(struct target *target);
	void (*free)(struct target *target);
	/* What was delivered is to be on the disk, called when it is gather_ms old and flush did not see to
	 * that. NULL: it is, or waits for flush. */
	void (*sync)(struct target *target);
};

struct target {
	const struct target_ops *ops;
	/* Seconds after which flush is called though nothing came, and at once at the start; 0: never. */
	unsigned int heartbeat_s;
	/* How long events are gathered before flush is called. */
	unsigned int gather_ms;
	/* Events are held in memory from deliver to flush: what cannot be flushed at the end is lost. */
	bool holds;
	/* What was delivered is on the disk when it is flushed, and not before. True of all that `holds`. */
	bool safe_when_flushed;
	/* It writes what is counted of all: it is ended after the others. */
	bool sums_up;
	/* Deaths up to this sequence are there already, from an earlier agent; 0: none. */
	uint64_t has;

	/* What the target has to say of its calls; looked at after each. */
	uint64_t lost;       /* delivered events that it has given up, ever */
	uint64_t pause_ns;   /* after a failure: to be left alone so long */
	const char *trouble; /* what failed, in words; NULL: those of the errno */

	/* When a call has to be over (CLOCK_MONOTONIC); 0: nobody waits. Set by the outlet, at any time. */
	atomic_uint_least64_t end_ns;
};

struct outlet_counts {
	uint64_t delivered;
	uint64_t errors;  /* failed attempts */
	uint64_t dropped; /* events that found no room, or were lost at the end */
	uint64_t left;    /* at the end: they are still in the ring buffer, for the next agent */
	uint64_t first_unsafe; /* the first of what was not written; 0: none */
	bool hangs;            /* its thread is left behind */
};

/*
 * `metrics`, which learn of errors and drops, may be NULL. `mark`, in which it notes how far it has come
 * and begins where it is noted, may be NULL too: then there is no next agent. NULL when `target` is, or
 * when out of memory or threads; the target is freed then.
 */
struct outlet *outlet_start(struct target *target, struct metrics *metrics,
			    struct ledger_sink *mark);

/* Never blocks. Takes a reference of its own. In a storm a wake-up for each event is dear: the thread
 * may not look before outlet_wake(), which is due when nothing more comes for now. */
void outlet_offer(struct outlet *outlet, struct event *event);
void outlet_wake(struct outlet *outlet);

/* Sequence of the first event that was offered and is neither written for good nor counted as lost; 0:
 * there is none. */
uint64_t outlet_first_unsafe(struct outlet *outlet);

/* How many events wait to be written for good; *ret_room: there is room for many more. For who can wait: what
 * is offered in spite of it may be lost. */
uint64_t outlet_waiting(struct outlet *outlet, bool *ret_room);

/* The first event that found no room and is to be offered again, with all that follow, when there is room
 * (*ret_ready); 0: none. Only where there is a `mark`: else it is lost. */
uint64_t outlet_behind(struct outlet *outlet, bool *ret_ready);

/* Events up to this sequence are nowhere else any more. What found no room is lost. */
void outlet_risk(struct outlet *outlet, uint64_t sequence);

void outlet_reopen(struct outlet *outlet);

const char *outlet_name(const struct outlet *outlet);
bool outlet_sums_up(const struct outlet *outlet);

/* What is queued is delivered for so long, and no more is taken. */
void outlet_order_end(struct outlet *outlet, uint64_t patience_ns);

/* Waits for that end and frees all; what was not delivered is counted as dropped. A thread that hangs
 * is left behind, and uses whatever the target does when it comes back: nothing of that may be freed. */
void outlet_stop(struct outlet *outlet, struct outlet_counts *ret);

#endif
