// SPDX-License-Identifier: BSD-2-Clause
#include "outlet/outlet_thread.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/say.h"
#include "base/text.h"
#include "base/thread.h"
#include "outlet/outlet_run.h"

/* In a storm so many events wake the thread by themselves. Otherwise it is woken for each, at most
 * this often. */
#define MANY_EVENTS 64
#define WAKE_EVERY_NS (20 * (uint64_t)NS_PER_S / 1000)
#define STACK_SIZE (256U << 10)

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
	outlet->deliver_meanwhile = outlet_run_deliver_meanwhile;
	outlet->thread = thread;
	take_up(thread, mark);
	(void)pthread_mutex_init(&thread->lock, NULL);
	thread_condition_init(&thread->changed);
	if (thread_start(STACK_SIZE, outlet_run, thread, &thread->id)) {
		release(thread);
		return NULL;
	}
	outlet_run_show_counts(thread);
	outlet_run_show_written(thread);
	return thread;
}

/* With the lock. */
static void count_dropped(struct outlet_thread *thread, uint64_t dropped)
{
	if (!dropped)
		return;
	thread->counts.dropped += dropped;
	outlet_run_show_counts(thread);
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
	while (!thread->ended &&
	       outlet_run_wait(thread, thread->deadline_ns + (uint64_t)NS_PER_S / 4))
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
