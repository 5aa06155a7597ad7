/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The thread and the bounded queue of one outlet, so that an outlet that is slow, full or dead
 * delays no other and loses nothing of theirs.
 *
 * An event that could not be delivered is tried again, with growing pauses, while the queue fills
 * after it. Events that find no room are counted. Trouble and its end are reported once each, not
 * per event.
 *
 * Ownership: outlet_thread_start() takes over the outlet. Threads: all functions are for the thread
 * that started it.
 */
#ifndef KT_OUTLET_OUTLET_THREAD_H
#define KT_OUTLET_OUTLET_THREAD_H

#include <stdbool.h>
#include <stdint.h>

#include "base/clock.h"
#include "metrics/metrics.h"
#include "outlet/outlet.h"
#include "source/ledger.h"

struct outlet_counts {
	uint64_t delivered; /* deaths (one event can be many), and losses */
	uint64_t errors;    /* failed attempts */
	uint64_t dropped;   /* events that found no room, or were lost at the end */
	uint64_t left;      /* at the end: they are still in the ring buffer, for the next agent */
	uint64_t first_unsafe; /* the first that was not written; 0: none */
	bool hangs;            /* its thread is left behind */
};

/*
 * `metrics`, which count errors and drops, may be NULL. In `mark` it notes how far it has come, and
 * it begins from what is noted there. If it is NULL, there is no next agent. NULL if `outlet` is
 * NULL, or when out of memory or threads; the outlet is freed then.
 */
struct outlet_thread *outlet_thread_start(struct outlet *outlet, struct metrics *metrics,
					  struct ledger_outlet *mark);

/* False: it has a death of this sequence, or has no room for it now. */
bool outlet_thread_wants(struct outlet_thread *thread, uint64_t sequence);

/* Never blocks. Takes a reference of its own. In a storm a wake-up for each event is expensive: the
 * thread may not look before outlet_thread_wake(), which is to be called when no more comes for
 * now. */
void outlet_thread_offer(struct outlet_thread *thread, struct event *event);
void outlet_thread_wake(struct outlet_thread *thread);

/* Sequence of the first event that was offered and is neither written for good nor counted as lost;
 * 0: there is none. */
uint64_t outlet_thread_first_unsafe(struct outlet_thread *thread);

/* How many events wait to be written for good; *ret_room: there is room for many more. For callers
 * that can wait: what is offered without room may be lost. */
uint64_t outlet_thread_waiting(struct outlet_thread *thread, bool *ret_room);

/* The first event that found no room and must be offered again, with all that follow, when there is
 * room (*ret_ready); 0: none. Only with a `mark`: otherwise it is lost. */
uint64_t outlet_thread_behind(struct outlet_thread *thread, bool *ret_ready);

/* Like outlet_thread_behind(), but 0 if the outlet has not written anything for OUTLET_STALLED_NS,
 * though there was something to write: no other outlet loses anything because of it. */
#define OUTLET_STALLED_NS (2 * (uint64_t)NS_PER_S)
uint64_t outlet_thread_needs(struct outlet_thread *thread);

/* Events up to this sequence are nowhere else any more. Events that found no room are lost, in
 * rows. Returns the sequence up to which they are lost, which may be further; 0: nothing is lost.
 */
uint64_t outlet_thread_risk(struct outlet_thread *thread, uint64_t sequence);

/* Lets an outlet that sums up the losses of others write without an event of its own. */
void outlet_thread_touch(struct outlet_thread *thread);

void outlet_thread_reopen(struct outlet_thread *thread);

const char *outlet_thread_name(const struct outlet_thread *thread);
bool outlet_thread_sums_up(const struct outlet_thread *thread);

/* For so long, what is queued is still delivered, but no more is taken. */
void outlet_thread_order_end(struct outlet_thread *thread, uint64_t patience_ns);

/* Waits for that end and frees everything; what was not delivered is counted as dropped. A thread
 * that hangs is left behind, and when it continues it uses whatever the outlet uses: none of that
 * may be freed. */
void outlet_thread_stop(struct outlet_thread *thread, struct outlet_counts *ret);

#endif
