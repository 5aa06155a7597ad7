/* SPDX-License-Identifier: BSD-2-Clause */
/* The parts of an outlet's thread, for outlet_thread.c, which others call, and outlet_run.c, which
 * is what the thread does. */
#ifndef KT_OUTLET_OUTLET_RUN_H
#define KT_OUTLET_OUTLET_RUN_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "outlet/outlet_queue.h"
#include "outlet/outlet_thread.h"

struct outlet_thread {
	struct outlet *outlet; /* used by the thread */
	struct metrics *metrics;
	pthread_t id;

	pthread_mutex_t lock; /* for all fields below */
	pthread_cond_t changed;
	struct outlet_queue queue;
	bool reopening, ending, ended;
	bool touched; /* there is something to write, without an event that says so */
	uint64_t deadline_ns;
	uint64_t woken_ns; /* when it was last woken for an event */
	uint64_t moved_ns; /* when something was written, or came while nothing waited */
	struct outlet_counts counts;
	uint64_t lost, lost_folded, refusals; /* of the outlet: already counted */
	unsigned int rows_done;               /* rows of the first event that were delivered */
};

/* What the thread runs, until its end is requested. */
void *outlet_run(void *context);

/* By the thread itself, in a flush; without the lock. How many were delivered: what fails is tried
 * again later. */
unsigned int outlet_run_deliver_meanwhile(struct outlet_thread *thread);

/* The rest with the lock. 0 is forever. False: the time is over. */
bool outlet_run_wait(struct outlet_thread *thread, uint64_t monotonic_ns);

/* An outlet that sums up writes no records. */
void outlet_run_show_written(struct outlet_thread *thread);

void outlet_run_show_counts(struct outlet_thread *thread);

#endif
