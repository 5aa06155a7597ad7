/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A place where events go: a few functions, called by the outlet's own thread (outlet_thread.h).
 * One that writes to journald, a file, a database or a collector begins with a struct outlet.
 *
 * The word in the code is "outlet" everywhere. What users see keeps its older names: the metric
 * killtrace_sink_errors_total{sink="…"} and "sink_errors" in the saved counters.
 *
 * Threads: the outlet is used by its thread only, except for free, which comes after that has
 * ended.
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

/* flush: done in part, to be called again at once. */
#define OUTLET_MORE 1

struct outlet_ops {
	const char *name; /* as it stands in metrics and in messages */
	/* 0, or -errno: it will be called again with the same event. -ENOBUFS is no failure: what
	 * was gathered has to go first. */
	int (*deliver)(struct outlet *outlet, const struct event *event);
	/* What was gathered is to go: 0, OUTLET_MORE or -errno. Events are delivered all the same
	 * while it fails. NULL: nothing is gathered. */
	int (*flush)(struct outlet *outlet);
	/* The administrator asks for it (SIGHUP). NULL: nothing to open anew. */
	void (*reopen)(struct outlet *outlet);
	void (*free)(struct outlet *outlet);
	/* What was delivered is to be on the disk, called when it is gather_ms old and flush did
	 * not see to that. NULL: it is, or waits for flush. */
	void (*sync)(struct outlet *outlet);
};

struct outlet {
	const struct outlet_ops *ops;
	/* Seconds after which flush is called though nothing came, and at once at the start; 0:
	 * never. */
	unsigned int heartbeat_s;
	/* How long events are gathered before flush is called. */
	unsigned int gather_ms;
	/* Events are held in memory from deliver to flush: what cannot be flushed at the end is
	 * lost. */
	bool holds;
	/* What was delivered is on the disk when it is flushed, and not before. True of all that
	 * `holds`. */
	bool safe_when_flushed;
	/* It writes what is counted of all: it is ended after the others. */
	bool sums_up;
	/* Rows that only together are a step (struct event's `next`) are written all or none. Else
	 * they are delivered one by one. */
	bool takes_rows;
	/* Deaths up to this sequence are there already, from an earlier agent; 0: none. */
	uint64_t has;

	/* In the ledger, where the next agent finds them; NULL: there is none. */
	struct ledger_counts *counts;

	/* What the outlet reports of its calls; looked at after each. */
	uint64_t lost;     /* delivered events that it has given up, ever */
	uint64_t refusals; /* how often somebody did not want them, ever: no reason to try again */
	uint64_t pause_ns; /* after a failure: to be left alone so long */
	const char *trouble; /* what failed, in words; NULL: those of the errno */

	/* It waits on purpose, for the limit of whoever it writes to: that is no standstill. */
	atomic_bool waits;

	/* The thread's, for a flush that waits for somebody: delivers what has come meanwhile, as
	 * far as that goes. How many that were. */
	unsigned int (*deliver_meanwhile)(struct outlet_thread *thread);
	struct outlet_thread *thread;

	/* When a call has to be over (CLOCK_MONOTONIC); 0: nobody waits. Set by the thread's owner,
	 * at any time. */
	atomic_uint_least64_t end_ns;
};

#endif
