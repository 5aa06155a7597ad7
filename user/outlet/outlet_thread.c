// SPDX-License-Identifier: BSD-2-Clause
#include "outlet/outlet_thread.h"

#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "base/clock.h"
#include "base/say.h"
#include "base/text.h"
#include "base/thread.h"
#include "outlet/outlet_queue.h"

/* In a storm so many events wake the thread by themselves. Otherwise it is woken for each, at most
 * this often. */
#define MANY_EVENTS 64
#define WAKE_EVERY_NS (20 * (uint64_t)NS_PER_S / 1000)
#define STACK_SIZE (256U << 10)

#define FIRST_PAUSE_NS ((uint64_t)NS_PER_S / 4)
#define LONGEST_PAUSE_NS (30 * (uint64_t)NS_PER_S)

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
	uint64_t lost, refusals; /* of the outlet: already counted */
	unsigned int rows_done;  /* rows of the first event that were delivered */
};

/* With the lock. 0 is forever. False: the time is over. */
static bool wait_until(struct outlet_thread *thread, uint64_t monotonic_ns)
{
	if (!monotonic_ns)
		return !pthread_cond_wait(&thread->changed, &thread->lock);
	return thread_condition_wait(&thread->changed, &thread->lock, monotonic_ns);
}

/* With the lock. An outlet that sums up writes no records. */
static void tell_written(struct outlet_thread *thread)
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
		tell_written(thread);
	}
	event_unref(event);
	return error;
}

/* By the thread itself, in a flush; without the lock. What fails is tried again later. */
static unsigned int deliver_meanwhile(struct outlet_thread *thread)
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
		tell_written(thread);
	}
	return error;
}

/* With the lock. */
static void tell_metrics(struct outlet_thread *thread)
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
	uint64_t refusals = thread->outlet->refusals - thread->refusals;

	if (!fresh && !refusals)
		return;
	thread->lost += fresh;
	thread->refusals += refusals;
	thread->counts.errors += refusals;
	thread->counts.dropped += fresh;
	outlet_queue_give_up(&thread->queue, fresh);
	/* some can be of an earlier run */
	thread->counts.delivered -= fresh < thread->counts.delivered ? fresh
								     : thread->counts.delivered;
	tell_metrics(thread);
}

/* With the lock. Repeated equal failures are said once; `next`: what happens next. */
static void tell_failure(struct outlet_thread *thread, const struct trouble *trouble, int error,
			 const char *next)
{
	const struct outlet *outlet = thread->outlet;

	thread->counts.errors++;
	tell_metrics(thread);
	if (error != trouble->error)
		say("%s: %s; %s", outlet->ops->name,
		    outlet->trouble ? outlet->trouble : strerror(-error), next);
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
	tell_failure(thread, trouble, error, "it will be tried again");
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
		while (!thread->ending && !thread->reopening && wait_until(thread, until))
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
		tell_failure(thread, trouble, result, "this was the last try");
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

static void *run(void *context)
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
			(void)wait_until(thread, earlier(course.due, course.sync_due));
	}
	flush_at_end(thread, &course.flushing);
	thread->ended = true;
	(void)pthread_cond_broadcast(&thread->changed);
	(void)pthread_mutex_unlock(&thread->lock);
	return NULL;
}

static void release(struct outlet_thread *thread)
{
	outlet_queue_free(&thread->queue);
	thread->outlet->ops->free(thread->outlet);
	free(thread);
}

/* Counts what was lost with an earlier agent. */
static void take_up(struct outlet_thread *thread, struct ledger_outlet *mark)
{
	const struct outlet *outlet = thread->outlet;
	uint64_t lost = outlet_queue_begin(&thread->queue, outlet->has, mark, outlet->counts);
	uint64_t reported = 0, folded = 0;

	/* pins can be younger than the saved counts */
	if (thread->metrics)
		metrics_written(thread->metrics, outlet->ops->name, &reported, &folded);
	if (reported + folded > thread->queue.counts->reported + thread->queue.counts->folded) {
		atomic_store(&thread->queue.counts->reported, reported);
		atomic_store(&thread->queue.counts->folded, folded);
	}

	if (lost)
		say("%s: %" PRIu64 " %s lost with the agent before this one",
		    thread->outlet->ops->name, lost, text_plural(lost, "event was", "events were"));
	thread->counts.dropped = lost;
}

struct outlet_thread *outlet_thread_start(struct outlet *outlet, struct metrics *metrics,
					  struct ledger_outlet *mark)
{
	struct outlet_thread *thread = outlet ? calloc(1, sizeof(*thread)) : NULL;

	if (!outlet)
		return NULL;
	if (!thread) {
		outlet->ops->free(outlet);
		return NULL;
	}
	thread->outlet = outlet;
	thread->metrics = metrics;
	outlet->deliver_meanwhile = deliver_meanwhile;
	outlet->thread = thread;
	take_up(thread, mark);
	(void)pthread_mutex_init(&thread->lock, NULL);
	thread_condition_init(&thread->changed);
	if (thread_start(STACK_SIZE, run, thread, &thread->id)) {
		release(thread);
		return NULL;
	}
	tell_metrics(thread);
	tell_written(thread);
	return thread;
}

/* With the lock. */
static void count_dropped(struct outlet_thread *thread, uint64_t dropped)
{
	if (!dropped)
		return;
	thread->counts.dropped += dropped;
	tell_metrics(thread);
}

bool outlet_thread_wants(struct outlet_thread *thread, uint64_t sequence)
{
	bool wants;

	(void)pthread_mutex_lock(&thread->lock);
	wants = outlet_queue_wants(&thread->queue, sequence);
	(void)pthread_mutex_unlock(&thread->lock);
	return wants;
}

void outlet_thread_offer(struct outlet_thread *thread, struct event *event)
{
	const uint64_t now_ns = clock_monotonic_ns();

	(void)pthread_mutex_lock(&thread->lock);
	if (!thread->queue.count)
		thread->moved_ns = now_ns;
	if (!outlet_queue_offer(&thread->queue, event, thread->ending))
		count_dropped(thread, event_deaths(event));
	if (thread->queue.count == MANY_EVENTS ||
	    (thread->queue.count == 1 && now_ns > thread->woken_ns + WAKE_EVERY_NS)) {
		thread->woken_ns = now_ns;
		(void)pthread_cond_broadcast(&thread->changed);
	}
	(void)pthread_mutex_unlock(&thread->lock);
}

void outlet_thread_wake(struct outlet_thread *thread)
{
	(void)pthread_mutex_lock(&thread->lock);
	if (thread->queue.count)
		(void)pthread_cond_broadcast(&thread->changed);
	(void)pthread_mutex_unlock(&thread->lock);
}

uint64_t outlet_thread_behind(struct outlet_thread *thread, bool *ret_ready)
{
	uint64_t behind;

	(void)pthread_mutex_lock(&thread->lock);
	behind = thread->queue.behind;
	*ret_ready = !thread->ending && outlet_queue_is_ready(&thread->queue);
	(void)pthread_mutex_unlock(&thread->lock);
	return behind;
}

uint64_t outlet_thread_needs(struct outlet_thread *thread)
{
	uint64_t behind;

	(void)pthread_mutex_lock(&thread->lock);
	behind = thread->queue.behind;
	if (!atomic_load(&thread->outlet->waits) &&
	    clock_monotonic_ns() > thread->moved_ns + OUTLET_STALLED_NS)
		behind = 0;
	(void)pthread_mutex_unlock(&thread->lock);
	return behind;
}

uint64_t outlet_thread_waiting(struct outlet_thread *thread, bool *ret_room)
{
	uint64_t waiting;

	(void)pthread_mutex_lock(&thread->lock);
	waiting = outlet_queue_waiting(&thread->queue, ret_room);
	(void)pthread_mutex_unlock(&thread->lock);
	return waiting;
}

uint64_t outlet_thread_first_unsafe(struct outlet_thread *thread)
{
	uint64_t first;

	(void)pthread_mutex_lock(&thread->lock);
	first = outlet_queue_first_unsafe(&thread->queue);
	(void)pthread_mutex_unlock(&thread->lock);
	return first;
}

uint64_t outlet_thread_risk(struct outlet_thread *thread, uint64_t sequence)
{
	uint64_t lost, given_up;

	(void)pthread_mutex_lock(&thread->lock);
	lost = outlet_queue_risk(&thread->queue, sequence);
	count_dropped(thread, lost);
	given_up = lost ? thread->queue.given_up : 0;
	(void)pthread_mutex_unlock(&thread->lock);
	return given_up;
}

void outlet_thread_touch(struct outlet_thread *thread)
{
	(void)pthread_mutex_lock(&thread->lock);
	thread->touched = true;
	(void)pthread_cond_broadcast(&thread->changed);
	(void)pthread_mutex_unlock(&thread->lock);
}

void outlet_thread_reopen(struct outlet_thread *thread)
{
	(void)pthread_mutex_lock(&thread->lock);
	thread->reopening = true;
	(void)pthread_cond_broadcast(&thread->changed);
	(void)pthread_mutex_unlock(&thread->lock);
}

const char *outlet_thread_name(const struct outlet_thread *thread)
{
	return thread->outlet->ops->name;
}

bool outlet_thread_sums_up(const struct outlet_thread *thread)
{
	return thread->outlet->sums_up;
}

void outlet_thread_order_end(struct outlet_thread *thread, uint64_t patience_ns)
{
	(void)pthread_mutex_lock(&thread->lock);
	thread->ending = true;
	thread->deadline_ns = clock_monotonic_ns() + patience_ns;
	atomic_store(&thread->outlet->end_ns, thread->deadline_ns);
	(void)pthread_cond_broadcast(&thread->changed);
	(void)pthread_mutex_unlock(&thread->lock);
}

void outlet_thread_stop(struct outlet_thread *thread, struct outlet_counts *ret)
{
	struct outlet_queue *queue = &thread->queue;
	uint64_t unwritten, lost;
	bool ended;

	(void)pthread_mutex_lock(&thread->lock);
	/* the last event may take a little longer than the patience */
	while (!thread->ended && wait_until(thread, thread->deadline_ns + (uint64_t)NS_PER_S / 4))
		;
	ended = thread->ended;
	unwritten = queue->deaths + queue->skipped + (thread->outlet->holds ? queue->held : 0);
	if (thread->outlet->holds)
		thread->counts.delivered -= queue->held;
	lost = queue->mark ? outlet_queue_risked(queue) : unwritten;
	count_dropped(thread, lost);
	thread->counts.left = unwritten > lost ? unwritten - lost : 0;
	thread->counts.first_unsafe = outlet_queue_first_unsafe(queue);
	if (queue->mark) /* losses are reported and counted now */
		atomic_store(&queue->mark->risked, 0);
	if (!ended)
		queue->mark = NULL; /* it may be gone when that thread continues */
	thread->counts.hangs = !ended;
	*ret = thread->counts;
	(void)pthread_mutex_unlock(&thread->lock);
	if (!ended)
		return;
	(void)pthread_join(thread->id, NULL);
	release(thread);
}
