/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Passes every event to all outlets, and to the metrics. It never fails and never blocks: trouble
 * of one outlet affects only that outlet.
 *
 * Ownership: the fan-out owns the threads that are added, until fanout_stop(). Threads: one caller.
 */
#ifndef KT_OUTLET_FANOUT_H
#define KT_OUTLET_FANOUT_H

#include "explain/report_receiver.h"
#include "metrics/metrics.h"
#include "outlet/outlet_thread.h"

#define FANOUT_MOST 8

struct fanout;

/* `metrics` may be NULL, and must outlive the fan-out. NULL when out of memory. */
struct fanout *fanout_new(struct metrics *metrics);
/* After fanout_stop(), if outlets were added. NULL is fine. */
void fanout_free(struct fanout *fanout);

/* Takes over the outlet's thread. False: it was NULL, or there are too many. */
bool fanout_add(struct fanout *fanout, struct outlet_thread *thread);

void fanout_death(struct fanout *fanout, const struct report *report);
void fanout_losses(struct fanout *fanout, const struct origin *origin, const struct losses *losses,
		   int64_t realtime_ns);
/* The two functions as a receiver, which never fails. */
struct report_receiver fanout_receiver(struct fanout *fanout);

/* From now on equal deaths above a rate are one event: see fold/fold.h, also for `span`. False:
 * out of memory. */
bool fanout_fold(struct fanout *fanout, uint64_t span);

/* Closes all rows of folded deaths: nothing more comes. */
void fanout_close_rows(struct fanout *fanout);

/* Closes rows of folded deaths whose time is over, or that keep too much of the ring buffer, whose
 * last record is `newest`. Returns whether others are open: to be called again then. */
bool fanout_close_due(struct fanout *fanout, uint64_t newest);

/* No more comes for now: the outlets look at what there is. */
void fanout_wake(struct fanout *fanout);

void fanout_reopen(struct fanout *fanout);

/* Sequence of the first event that not all outlets have written for good or counted as lost; 0:
 * there is none. */
uint64_t fanout_first_unsafe(struct fanout *fanout);

/* How many events wait at all outlets together; *ret_room: each has room for many more. */
uint64_t fanout_waiting(struct fanout *fanout, bool *ret_room);

/* The first event that an outlet had no room for and wants again; *ret_ready: it has room now. 0:
 * there is none. */
uint64_t fanout_behind(struct fanout *fanout, bool *ret_ready);

/* The first event that an outlet still has to take, and will: it is not stalled. 0: there is none.
 */
uint64_t fanout_needs(struct fanout *fanout);

/* Events up to this sequence are only in the outlets' queues. Like outlet_thread_risk(), for the
 * outlet that is furthest. */
uint64_t fanout_risk(struct fanout *fanout, uint64_t sequence);

/* Ends all outlets, in the same time, and soon after that those that sum up. Says what was left;
 * *ret_lost is how many events outlets have ever lost. Returns the same as fanout_first_unsafe().
 * The fan-out must still be freed. */
uint64_t fanout_stop(struct fanout *fanout, uint64_t patience_ns, uint64_t *ret_lost);

/* After that: the thread of an outlet was left behind. What was given to the outlets must not be
 * freed. */
bool fanout_hangs(const struct fanout *fanout);

#endif
