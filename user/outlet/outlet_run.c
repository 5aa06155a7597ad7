// SPDX-License-Identifier: BSD-2-Clause
#include "outlet/outlet_run.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>

#include "base/clock.h"
#include "base/say.h"
#include "base/thread.h"

#define FIRST_PAUSE_NS ((uint64_t)NS_PER_S / 4)
#define LONGEST_PAUSE_NS (30 * (uint64_t)NS_PER_S)

bool outlet_run_wait(struct outlet_thread *thread, uint64_t monotonic_ns)
{
	if (!monotonic_ns)
		return !pthread_cond_wait(&thread->changed, &thread->lock);
	return thread_condition_wait(&thread->changed, &thread->lock, monotonic_ns);
}

void outlet_run_show_written(struct outlet_thread *thread)
{
	const struct ledger_counts *counts = thread->queue.counts;

	if (thread->metrics && !thread->outlet->sums_up)
		metrics_set_written(thread->metrics, thread->outlet->ops->name, counts->reported,
				    counts->folded);
}

/* Row by row, if the outlet needs that; after a failure it continues with the row that failed. */
static int deliver(struct outlet_thread *thread, const struct event *event)
{
	struct outlet *outlet = thread->outlet;
	const struct event *row = event;
	int error = 0;

	if (outlet->takes_rows)
		return outlet->ops->deliver(outlet, event);
	for (unsigned int i = 0; i < thread->rows_done; i++)
		row = row->next;
	while (row && !(error = outlet->ops->deliver(outlet, row))) {
		thread->rows_done++;
		row = row->next;
	}
	if (!error)
		thread->rows_done = 0;
	return error;
}

/* With the lock, which is released meanwhile. */
static int deliver_first(struct outlet_thread *thread)
{
	const struct outlet *outlet = thread->outlet;
	struct event *event = event_ref(thread->queue.events[thread->queue.first]);
	int error;

	(void)pthread_mutex_unlock(&thread->lock);
	error = deliver(thread, event);
	(void)pthread_mutex_lock(&thread->lock);
	if (!error) {
		thread->counts.delivered += event_deaths(event);
		thread->moved_ns = clock_monotonic_ns();
		outlet_queue_delivered(&thread->queue, outlet->ops->flush != NULL,
				       !outlet->safe_when_flushed);
		outlet_run_show_written(thread);
	}
	event_unref(event);
	return error;
}

unsigned int outlet_run_deliver_meanwhile(struct outlet_thread *thread)
{
	unsigned int delivered = 0;

	(void)pthread_mutex_lock(&thread->lock);
	/* the flush goes on even in an endless storm */
	while (thread->queue.count && delivered < OUTLET_QUEUE_MOST && !deliver_first(thread))
		delivered++;
	(void)pthread_mutex_unlock(&thread->lock);
	return delivered;
}

/* With the lock, which is released meanwhile. */
static int flush(struct outlet_thread *thread)
{
	int error = 0;

	(void)pthread_mutex_unlock(&thread->lock);
	if (thread->outlet->ops->flush)
		error = thread->outlet->ops->flush(thread->outlet);
	(void)pthread_mutex_lock(&thread->lock);
	if (error >= 0)
		thread->moved_ns = clock_monotonic_ns();
	if (!error) {
		outlet_queue_flushed(&thread->queue);
		outlet_run_show_written(thread);
	}
	return error;
}

void outlet_run_show_counts(struct outlet_thread *thread)
{
	if (thread->metrics)
		metrics_set_outlet(thread->metrics, thread->outlet->ops->name,
				   thread->counts.errors, thread->counts.dropped);
}

/* Repeated failures of one kind of call. */
struct trouble {
	int error; /* 0: no failure */
	uint64_t pause_ns;
};

/* Keeps nodes from coming back all at the same moment. */
static uint64_t spread(uint64_t ns)
{
	uint32_t random = 0;

	(void)getrandom(&random, sizeof(random), GRND_NONBLOCK);
	return ns + ns / 4 * (random % 1024) / 1024;
}

/* With the lock. What the outlet gave up counts as dropped, not as delivered. */
static void take_lost(struct outlet_thread *thread)
{
	uint64_t fresh = thread->outlet->lost - thread->lost;
	uint64_t folded = thread->outlet->lost_folded - thread->lost_folded;
	uint64_t refusals = thread->outlet->refusals - thread->refusals;

	if (!fresh && !refusals)
		return;
	thread->lost += fresh;
	thread->lost_folded += folded;
	thread->refusals += refusals;
	thread->counts.errors += refusals;
	thread->counts.dropped += fresh;
	outlet_queue_give_up(&thread->queue, fresh, folded);
	/* some can be of an earlier run */
	thread->counts.delivered -= fresh < thread->counts.delivered ? fresh
								     : thread->counts.delivered;
	outlet_run_show_counts(thread);
	outlet_run_show_written(thread);
}

/* With the lock. Repeated equal failures are said once; `next`: what happens next. */
static void say_failure(struct outlet_thread *thread, const struct trouble *trouble, int error,
			const char *next)
{
	const struct outlet *outlet = thread->outlet;
	const char *words = outlet->trouble ? outlet->trouble : strerror(-error);

	thread->counts.errors++;
	outlet_run_show_counts(thread);
	if (error == trouble->error)
		return;
	if (outlet->place)
		say("%s: cannot write to '%s': %s; %s", outlet->ops->name, outlet->place, words,
		    next);
	else
		say("%s: %s; %s", outlet->ops->name, words, next);
}

/* With the lock. Says what changed; after a failure, trouble->pause_ns is how long to wait. */
static void note_result(struct outlet_thread *thread, struct trouble *trouble, int error)
{
	uint64_t pause_ns;

	take_lost(thread);
	if (!error) {
		if (trouble->error)
			say("%s works again", thread->outlet->ops->name);
		*trouble = (struct trouble){ 0 };
		return;
	}
	say_failure(thread, trouble, error, "it will be tried again");
	trouble->error = error;
	pause_ns = trouble->pause_ns ? trouble->pause_ns * 2 : FIRST_PAUSE_NS;
	trouble->pause_ns = pause_ns > LONGEST_PAUSE_NS ? LONGEST_PAUSE_NS : pause_ns;
}

/* With the lock. */
static uint64_t end_of_pause(const struct outlet_thread *thread, const struct trouble *trouble)
{
	uint64_t pause_ns = spread(trouble->pause_ns), asked_ns = thread->outlet->pause_ns;

	return clock_monotonic_ns() + (asked_ns > pause_ns ? asked_ns : pause_ns);
}

/* With the lock, which is released meanwhile. */
static void reopen(struct outlet_thread *thread)
{
	thread->reopening = false;
	if (!thread->outlet->ops->reopen)
		return;
	(void)pthread_mutex_unlock(&thread->lock);
	thread->outlet->ops->reopen(thread->outlet);
	(void)pthread_mutex_lock(&thread->lock);
}

/* The state of the thread's loop. */
struct course {
	struct trouble delivering, flushing;
	uint64_t due;      /* the next flush; 0: nothing is gathered, and there is no heartbeat */
	uint64_t sync_due; /* 0: everything delivered is as safe as it can be */
	bool gathered;     /* something waits for a flush */
	bool more;         /* some of it is left, for when there is nothing to deliver */
	bool full;         /* nothing can be delivered before a flush */
};

/* With the lock. Whether to continue after the end was requested. */
static bool may_go_on(const struct outlet_thread *thread, const struct course *course)
{
	if (!thread->ending)
		return true;
	return thread->queue.count && !course->delivering.error &&
	       !(course->full && course->flushing.error) &&
	       clock_monotonic_ns() < thread->deadline_ns;
}

static uint64_t next_heartbeat(const struct outlet_thread *thread)
{
	unsigned int seconds = thread->outlet->heartbeat_s;

	return seconds ? clock_monotonic_ns() + seconds * (uint64_t)NS_PER_S : 0;
}

/* With the lock, which is released meanwhile. */
static void flush_and_plan(struct outlet_thread *thread, struct course *course)
{
	int result = flush(thread);

	note_result(thread, &course->flushing, result < 0 ? result : 0);
	course->more = result == OUTLET_MORE;
	course->gathered = result != 0;
	if (!course->more)
		course->sync_due = 0;
	if (result < 0) {
		course->due = end_of_pause(thread, &course->flushing);
		return;
	}
	course->full = false;
	course->due = course->more ? clock_monotonic_ns() : next_heartbeat(thread);
}

/* With the lock, which is released meanwhile. */
static void sync_delivered(struct outlet_thread *thread, struct course *course)
{
	course->sync_due = 0;
	(void)pthread_mutex_unlock(&thread->lock);
	thread->outlet->ops->sync(thread->outlet);
	(void)pthread_mutex_lock(&thread->lock);
}

/* With the lock, which is released meanwhile. */
static void deliver_and_plan(struct outlet_thread *thread, struct course *course)
{
	const struct outlet *outlet = thread->outlet;
	int error = deliver_first(thread);
	uint64_t until;

	if (error == -ENOBUFS) {
		course->full = true;
		if (!course->flushing.error)
			course->due = clock_monotonic_ns();
		return;
	}
	note_result(thread, &course->delivering, error);
	if (error) {
		until = end_of_pause(thread, &course->delivering);
		while (!thread->ending && !thread->reopening && outlet_run_wait(thread, until))
			;
	} else if (outlet->ops->flush) {
		until = clock_monotonic_ns() + outlet->gather_ms * (uint64_t)(NS_PER_S / 1000);
		if (!course->gathered)
			course->due = until;
		course->gathered = true;
		if (outlet->ops->sync && !course->sync_due)
			course->sync_due = until;
	}
}

/* With the lock. Flushes what is gathered, as far as time allows. */
static void flush_at_end(struct outlet_thread *thread, const struct trouble *trouble)
{
	int result;

	do
		result = flush(thread);
	while (result == OUTLET_MORE && clock_monotonic_ns() < thread->deadline_ns);
	take_lost(thread);
	if (result < 0)
		say_failure(thread, trouble, result, "this was the last try");
}

/* Times of CLOCK_MONOTONIC, 0: never. */
static bool is_due(uint64_t when_ns)
{
	return when_ns && clock_monotonic_ns() >= when_ns;
}

static uint64_t earlier(uint64_t a_ns, uint64_t b_ns)
{
	return !b_ns || (a_ns && a_ns < b_ns) ? a_ns : b_ns;
}

/* With the lock. The same as after an event that was delivered. */
static void take_touch(struct outlet_thread *thread, struct course *course)
{
	thread->touched = false;
	if (!course->gathered)
		course->due = clock_monotonic_ns() +
			      thread->outlet->gather_ms * (uint64_t)(NS_PER_S / 1000);
	course->gathered = true;
}

void *outlet_run(void *context)
{
	struct outlet_thread *thread = context;
	struct course course = { .due = thread->outlet->heartbeat_s ? clock_monotonic_ns() : 0 };
	char name[16];

	(void)snprintf(name, sizeof(name), "kt-%s", thread->outlet->ops->name);
	/* another thread's name would be written to a file below /proc */
	(void)pthread_setname_np(pthread_self(), name);
	(void)pthread_mutex_lock(&thread->lock);
	while (may_go_on(thread, &course)) {
		bool can_deliver = thread->queue.count && !course.full;

		if (thread->reopening) {
			reopen(thread);
			if (course.flushing.error) /* a reason to try at once */
				course.due = clock_monotonic_ns();
		}
		if (thread->touched)
			take_touch(thread, &course);
		if (is_due(course.due) && !(course.more && can_deliver))
			flush_and_plan(thread, &course);
		else if (is_due(course.sync_due))
			sync_delivered(thread, &course);
		else if (can_deliver)
			deliver_and_plan(thread, &course);
		else
			(void)outlet_run_wait(thread, earlier(course.due, course.sync_due));
	}
	flush_at_end(thread, &course.flushing);
	thread->ended = true;
	(void)pthread_cond_broadcast(&thread->changed);
	(void)pthread_mutex_unlock(&thread->lock);
	return NULL;
}
