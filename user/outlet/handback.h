/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * How a death is handed back: the ring buffer keeps it until all outlets are done with it, so that
 * the next agent reads it again if this one is killed.
 *
 * A record is in one of these states for each outlet. The row of the ledger is that outlet's
 * (source/ledger.h): `safe` is the sequence up to which all is written, lost or at risk, `risked`
 * is how many of those are at risk.
 *
 *   state     who has it           if the agent is killed now   how it gets there
 *   -------   ------------------   --------------------------   --------------------------------
 *   waiting   ring buffer          the next agent reads it      the kernel writes it
 *   queued    ring buffer, queue   the next agent reads it      it was read; the outlet had room
 *   behind    ring buffer          the next agent reads it      it was read; the outlet had none
 *   at risk   queue                lost; the next agent         it was queued; the ring buffer
 *                                  counts `risked` as lost      had to make room, also for others
 *                                                               of its event or flush
 *   given up  nobody               lost, counted already        it was behind; the ring buffer
 *                                                               had to make room
 *   safe      the outlet's place   written once                 the outlet wrote it for good
 *
 * A record leaves the ring buffer (it is released) when it is safe or given up with every outlet,
 * or to make room. Transitions and what each guarantees:
 *
 *   queued → safe     `safe` moves on before anything is released, so no agent loses it. An agent
 *                     that is killed in between leads to a second reading, which the outlet
 *                     refuses by its row.
 *   behind → queued   once the outlet has room the ring buffer is rewound to the first record that
 *                     is behind. An outlet takes each record once and in order, whatever comes
 *                     again for another.
 *   → at risk,        only the oldest records, and no more than the ring buffer needs; not those
 *   → given up        that are behind with an outlet that still writes, unless there is hardly
 *                     any room. `risked` and the counters are written before that. What is given up
 *                     does not come again: it is released too, unless an outlet that works has
 *                     yet to take it.
 *   ending            what is queued is written within the patience. The rest is left in the ring
 *                     buffer for the next agent; only what is at risk is lost.
 *
 * Folded deaths (fold/fold.h) wait in an open row and are not safe before that is written: if
 * the agent is killed meanwhile, they come again like queued ones.
 *
 * Losses that the source has counted are forgotten (they need not be reported again) when nothing
 * at all is unsafe. Records that come again are not counted again: handback_note() says which do.
 *
 * Without pins there is no ledger and no next agent: records are released as they are read, and an
 * outlet that has no room loses them.
 *
 * Ownership: source and fan-out are the caller's and have to outlive it. Threads: the one that
 * reads.
 */
#ifndef KT_OUTLET_HANDBACK_H
#define KT_OUTLET_HANDBACK_H

#include <stdbool.h>
#include <stdint.h>

#include "outlet/fanout.h"
#include "source/tracer.h"

/* What it needs of a source: the functions of source/tracer.h, or a test's own. */
struct handback_source {
	void (*keep)(struct tracer *tracer);
	void (*release)(struct tracer *tracer, uint64_t sequence);
	uint64_t (*crowded)(const struct tracer *tracer, uint64_t needed, bool patient);
	void (*rewind)(struct tracer *tracer, uint64_t sequence);
	uint64_t (*newest)(const struct tracer *tracer);
	void (*losses_are_safe)(struct tracer *tracer);
};

extern const struct handback_source handback_from_tracer;

struct handback {
	const struct handback_source *source;
	struct tracer *tracer;
	struct fanout *fanout;
	uint64_t waited; /* sequence up to which records waited for this agent */
	uint64_t read;   /* of the newest record that was read */
};

/* Before the first record is read: from now on the source keeps what it hands out. */
void handback_begin(struct handback *handback, const struct handback_source *source,
		    struct tracer *tracer, struct fanout *fanout);

/* A record was read. False: it has been read before, and comes again for an outlet that was
 * behind. */
bool handback_note(struct handback *handback, uint64_t sequence);

/* Whenever records were read or losses were reported, and every so often while an outlet is behind
 * or folded deaths wait for the end of their row: true. */
bool handback_settle(struct handback *handback);

/* All outlets end; *ret_lost as fanout_stop(). What is not safe is left to the next agent. */
void handback_end(struct handback *handback, uint64_t patience_ns, uint64_t *ret_lost);

#endif
