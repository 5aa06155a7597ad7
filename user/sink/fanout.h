/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A sink that hands every event to all outlets, and to the metrics. It never fails and never blocks:
 * an outlet in trouble is that outlet's.
 */
#ifndef KT_SINK_FANOUT_H
#define KT_SINK_FANOUT_H

#include "sink/metrics.h"
#include "sink/outlet.h"
#include "sink/sink.h"

#define FANOUT_MOST 8

/* `metrics` may be NULL, and has to outlive the sink. NULL when out of memory. */
struct sink *sink_fanout_new(struct metrics *metrics);

/* Takes the outlet. False: it was NULL, or there are too many. */
bool sink_fanout_add(struct sink *sink, struct outlet *outlet);

/* Nothing more comes for now: the outlets look at what there is. */
void sink_fanout_wake(struct sink *sink);

void sink_fanout_reopen(struct sink *sink);

/* Sequence of the first event that not all outlets have written for good or counted as lost; 0: none. */
uint64_t sink_fanout_first_unsafe(struct sink *sink);

/* How many events wait at all outlets together; *ret_room: each has room for many more. */
uint64_t sink_fanout_waiting(struct sink *sink, bool *ret_room);

/* The first event that an outlet had no room for and wants again, which is *ret_ready if it has room now;
 * 0: none wants any. */
uint64_t sink_fanout_behind(struct sink *sink, bool *ret_ready);

/* Events up to this sequence are in the outlets' queues only. */
void sink_fanout_risk(struct sink *sink, uint64_t sequence);

/* All outlets end, in the same time, and soon after that those that sum up; says what was left, and
 * *ret_lost is how many events outlets have lost, ever. As sink_fanout_first_unsafe(). The sink is still to
 * be freed. */
uint64_t sink_fanout_stop(struct sink *sink, uint64_t patience_ns, uint64_t *ret_lost);

/* After that: the thread of an outlet was left behind. What the outlets were given must not be freed. */
bool sink_fanout_hangs(const struct sink *sink);

#endif
