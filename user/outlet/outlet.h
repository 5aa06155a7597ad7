/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A destination of events: a few functions, called by the outlet's own thread (outlet_thread.h). An
 * outlet that writes to journald, a file, a database or a collector begins with a struct outlet.
 *
 * The word in the code is "outlet" everywhere. What users see keeps its older names: the metric
 * killtrace_sink_errors_total{sink="…"} and "sink_errors" in the saved counters.
 *
 * Threads: the outlet is used only by its thread, except for free, which is called after the thread
 * has ended.
 */
#ifndef KT_OUTLET_OUTLET_H
#define KT_OUTLET_OUTLET_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "line/event.h"
#include "source/ledger.h"

struct outlet;
struct outlet_thread;

/* flush: done in part, to be called again at once */
#define OUTLET_MORE 1

struct outlet_ops {
	const char *name; /* its name in metrics and messages */
	/* 0, or -errno: it will be called again with the same event. -ENOBUFS is no failure: what
	 * was gathered must be flushed first. */
	int (*deliver)(struct outlet *outlet, const struct event *event);
	/* Sends what was gathered: 0, OUTLET_MORE or -errno. Events are still delivered while it
	 * fails. NULL: nothing is gathered. */
	int (*flush)(struct outlet *outlet);
	/* The administrator asks for it (SIGHUP). NULL: there is nothing to reopen. */
	void (*reopen)(struct outlet *outlet);
	void (*free)(struct outlet *outlet);
	/* Writes to the disk what was delivered; called when that is gather_ms old and flush did
	 * not do it. NULL: it is on the disk, or waits for flush. */
	void (*sync)(struct outlet *outlet);
};

struct outlet {
	const struct outlet_ops *ops;
	const char *place; /* path that it writes to, for messages; NULL: it has none */
	/* Seconds after which flush is called even if no event came, and at once at the start; 0:
	 * never. */
	unsigned int heartbeat_s;
	/* How long events are gathered before flush is called. */
	unsigned int gather_ms;
	/* Events are held in memory from deliver to flush: what cannot be flushed at the end is
	 * lost. */
	bool holds;
	/* What was delivered is on the disk once it is flushed, and not before. True of every
	 * outlet that `holds`. */
	bool safe_when_flushed;
	/* It writes totals of all outlets: it is ended after the others. */
	bool sums_up;
	/* Rows that are only a step together (struct event's `next`) are written all or none.
	 * Otherwise they are delivered one by one. */
	bool takes_rows;
	/* Deaths up to this sequence were written by an earlier agent; 0: none. */
	uint64_t has;

	/* In the ledger, for the next agent; NULL: there is none. */
	struct ledger_counts *counts;

	/* What the outlet reports about its calls; read after each. */
	uint64_t lost; /* deaths, and records of losses, that were delivered and it gave up, ever */
	uint64_t lost_folded; /* of these, ever: deaths beside the first of their row */
	uint64_t refusals; /* how often the receiver did not want them, ever: no reason to retry */
	uint64_t pause_ns; /* after a failure: no calls for so long */
	const char *trouble; /* what failed, in words; NULL: those of the errno */

	/* It waits on purpose, for the limit of its receiver: it is not stalled. */
	atomic_bool waits;

	/* For the thread, in a flush that waits for the other side: delivers what has come
	 * meanwhile, as far as possible. Returns how many events. */
	unsigned int (*deliver_meanwhile)(struct outlet_thread *thread);
	struct outlet_thread *thread;

	/* When a call must be over (CLOCK_MONOTONIC); 0: no limit. Set by the thread's owner, at
	 * any time. */
	atomic_uint_least64_t end_ns;
};

#endif
