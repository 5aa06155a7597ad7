// SPDX-License-Identifier: BSD-2-Clause
#include "sink/outlet.h"

#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

#include "base/clock.h"
#include "base/say.h"
#include "base/text.h"
#include "sink/outlet_queue.h"

/* In a storm so many events wake the thread by themselves, else it is woken for each, at most so often. */
#define MANY_EVENTS 64
#define WAKE_EVERY_NS (20 * (uint64_t)NS_PER_S / 1000)
#define STACK_SIZE (256U << 10)

#define FIRST_PAUSE_NS ((uint64_t)NS_PER_S / 4)
#define LONGEST_PAUSE_NS (30 * (uint64_t)NS_PER_S)

struct outlet {
	struct target *target; /* of the thread */
	struct metrics *metrics;
	pthread_t thread;

	pthread_mutex_t lock; /* all that follows */
	pthread_cond_t changed;
	struct outlet_queue queue;
	bool reopening, ending, ended;
	uint64_t deadline_ns;
	uint64_t woken_ns; /* for an event that came */
	struct outlet_counts counts;
	uint64_t lost; /* of the target's, what is counted already */
};

static struct timespec at(uint64_t boottime_ns)
{
	return (struct timespec){ .tv_sec = (time_t)(boottime_ns / (uint64_t)NS_PER_S),
				  .tv_nsec = (long)(boottime_ns % (uint64_t)NS_PER_S) };
}

/* With the lock. 0 is for ever. False: the time is up. */
static bool wait_until(struct outlet *outlet, uint64_t monotonic_ns)
{
	struct timespec until = at(monotonic_ns);

	if (!monotonic_ns)
		return !pthread_cond_wait(&outlet->changed, &outlet->lock);
	return !pthread_cond_timedwait(&outlet->changed, &outlet->lock, &until);
}

static uint64_t monotonic_ns(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * (uint64_t)NS_PER_S + (uint64_t)now.tv_nsec;
}

/* With the lock, which is let go meanwhile. */
static int deliver_first(struct outlet *outlet)
{
	const struct target *target = outlet->target;
	struct event *event = event_ref(outlet->queue.events[outlet->queue.first]);
	int error;

	(void)pthread_mutex_unlock(&outlet->lock);
	error = outlet->target->ops->deliver(outlet->target, event);
	(void)pthread_mutex_lock(&outlet->lock);
	if (!error) {
		outlet->counts.delivered++;
		outlet_queue_delivered(&outlet->queue, target->ops->flush != NULL,
				       !target->safe_when_flushed);
	}
	event_unref(event);
	return error;
}

/* With the lock, which is let go meanwhile. */
static int flush(struct outlet *outlet)
{
	int error = 0;

	(void)pthread_mutex_unlock(&outlet->lock);
	if (outlet->target->ops->flush)
		error = outlet->target->ops->flush(outlet->target);
	(void)pthread_mutex_lock(&outlet->lock);
	if (!error)
		outlet_queue_flushed(&outlet->queue);
	return error;
}

/* With the lock. */
static void tell_metrics(struct outlet *outlet)
{
	if (outlet->metrics)
		metrics_set_sink(outlet->metrics, outlet->target->ops->name, outlet->counts.errors,
				 outlet->counts.dropped);
}

/* A row of failures of one kind of call. */
struct trouble {
	int error; /* 0: all is well */
	uint64_t pause_ns;
};

/* Not all nodes are to come back at the same moment. */
static uint64_t spread(uint64_t ns)
{
	uint32_t random = 0;

	(void)getrandom(&random, sizeof(random), GRND_NONBLOCK);
	return ns + ns / 4 * (random % 1024) / 1024;
}

/* With the lock. What the target gave up counts as dropped, and not as delivered. */
static void take_lost(struct outlet *outlet)
{
	uint64_t fresh = outlet->target->lost - outlet->lost;

	if (!fresh)
		return;
	outlet->lost += fresh;
	outlet->counts.dropped += fresh;
	/* an earlier run's can be among them */
	outlet->counts.delivered -= fresh < outlet->counts.delivered ? fresh
								     : outlet->counts.delivered;
	tell_metrics(outlet);
}

/* With the lock. A row of the same failures is said once; `next`: what comes of it. */
static void tell_failure(struct outlet *outlet, const struct trouble *trouble, int error,
			 const char *next)
{
	const struct target *target = outlet->target;

	outlet->counts.errors++;
	tell_metrics(outlet);
	if (error != trouble->error)
		say("%s: %s; %s", target->ops->name,
		    target->trouble ? target->trouble : strerror(-error), next);
}

/* With the lock. Says what changes; after a failure, trouble->pause_ns is how long to wait. */
static void note_result(struct outlet *outlet, struct trouble *trouble, int error)
{
	uint64_t pause_ns;

	take_lost(outlet);
	if (!error) {
		if (trouble->error)
			say("%s works again", outlet->target->ops->name);
		*trouble = (struct trouble){ 0 };
		return;
	}
	tell_failure(outlet, trouble, error, "it will be tried again");
	trouble->error = error;
	pause_ns = trouble->pause_ns ? trouble->pause_ns * 2 : FIRST_PAUSE_NS;
	trouble->pause_ns = pause_ns > LONGEST_PAUSE_NS ? LONGEST_PAUSE_NS : pause_ns;
}

/* With the lock. */
static uint64_t end_of_pause(const struct outlet *outlet, const struct trouble *trouble)
{
	uint64_t pause_ns = spread(trouble->pause_ns), asked_ns = outlet->target->pause_ns;

	return monotonic_ns() + (asked_ns > pause_ns ? asked_ns : pause_ns);
}

/* With the lock, which is let go meanwhile. */
static void reopen(struct outlet *outlet)
{
	outlet->reopening = false;
	if (!outlet->target->ops->reopen)
		return;
	(void)pthread_mutex_unlock(&outlet->lock);
	outlet->target->ops->reopen(outlet->target);
	(void)pthread_mutex_lock(&outlet->lock);
}

/* Where the thread stands. */
struct course {
	struct trouble delivering, flushing;
	uint64_t due;      /* the next flush; 0: nothing is gathered, and there is no heartbeat */
	uint64_t sync_due; /* 0: all that was delivered is as safe as it can be */
	bool gathered;     /* something waits for a flush */
	bool more;         /* of it something is left, for when there is nothing to deliver */
	bool full;         /* nothing can be delivered before a flush */
};

/* With the lock. Whether to go on after the order to end. */
static bool may_go_on(const struct outlet *outlet, const struct course *course)
{
	if (!outlet->ending)
		return true;
	return outlet->queue.count && !course->delivering.error &&
	       !(course->full && course->flushing.error) && monotonic_ns() < outlet->deadline_ns;
}

static uint64_t next_heartbeat(const struct outlet *outlet)
{
	unsigned int seconds = outlet->target->heartbeat_s;

	return seconds ? monotonic_ns() + seconds * (uint64_t)NS_PER_S : 0;
}

/* With the lock, which is let go meanwhile. */
static void flush_and_plan(struct outlet *outlet, struct course *course)
{
	int result = flush(outlet);

	note_result(outlet, &course->flushing, result < 0 ? result : 0);
	course->more = result == OUTLET_MORE;
	course->gathered = result != 0;
	if (!course->more)
		course->sync_due = 0;
	if (result < 0) {
		course->due = end_of_pause(outlet, &course->flushing);
		return;
	}
	course->full = false;
	course->due = course->more ? monotonic_ns() : next_heartbeat(outlet);
}

/* With the lock, which is let go meanwhile. */
static void sync_delivered(struct outlet *outlet, struct course *course)
{
	course->sync_due = 0;
	(void)pthread_mutex_unlock(&outlet->lock);
	outlet->target->ops->sync(outlet->target);
	(void)pthread_mutex_lock(&outlet->lock);
}

/* With the lock, which is let go meanwhile. */
static void deliver_and_plan(struct outlet *outlet, struct course *course)
{
	const struct target *target = outlet->target;
	int error = deliver_first(outlet);
	uint64_t until;

	if (error == -ENOBUFS) {
		course->full = true;
		if (!course->flushing.error)
			course->due = monotonic_ns();
		return;
	}
	note_result(outlet, &course->delivering, error);
	if (error) {
		until = end_of_pause(outlet, &course->delivering);
		while (!outlet->ending && !outlet->reopening && wait_until(outlet, until))
			;
	} else if (target->ops->flush) {
		until = monotonic_ns() + target->gather_ms * (uint64_t)(NS_PER_S / 1000);
		if (!course->gathered)
			course->due = until;
		course->gathered = true;
		if (target->ops->sync && !course->sync_due)
			course->sync_due = until;
	}
}

/* With the lock. What is gathered is to go now, as far as time allows. */
static void flush_at_end(struct outlet *outlet, const struct trouble *trouble)
{
	int result;

	do
		result = flush(outlet);
	while (result == OUTLET_MORE && monotonic_ns() < outlet->deadline_ns);
	take_lost(outlet);
	if (result < 0)
		tell_failure(outlet, trouble, result, "this was the last try");
}

/* Times of CLOCK_MONOTONIC, 0: never. */
static bool is_due(uint64_t when_ns)
{
	return when_ns && monotonic_ns() >= when_ns;
}

static uint64_t earlier(uint64_t a_ns, uint64_t b_ns)
{
	return !b_ns || (a_ns && a_ns < b_ns) ? a_ns : b_ns;
}

static void *run(void *context)
{
	struct outlet *outlet = context;
	struct course course = { .due = outlet->target->heartbeat_s ? monotonic_ns() : 0 };

	(void)pthread_mutex_lock(&outlet->lock);
	while (may_go_on(outlet, &course)) {
		bool can_deliver = outlet->queue.count && !course.full;

		if (outlet->reopening) {
			reopen(outlet);
			if (course.flushing.error) /* a reason to try at once */
				course.due = monotonic_ns();
		}
		if (is_due(course.due) && !(course.more && can_deliver))
			flush_and_plan(outlet, &course);
		else if (is_due(course.sync_due))
			sync_delivered(outlet, &course);
		else if (can_deliver)
			deliver_and_plan(outlet, &course);
		else
			(void)wait_until(outlet, earlier(course.due, course.sync_due));
	}
	flush_at_end(outlet, &course.flushing);
	outlet->ended = true;
	(void)pthread_cond_broadcast(&outlet->changed);
	(void)pthread_mutex_unlock(&outlet->lock);
	return NULL;
}

/* Signals are the main thread's to take. */
static int start_thread(struct outlet *outlet)
{
	sigset_t all, before;
	pthread_attr_t attr;
	char name[16];
	int error;

	(void)sigfillset(&all);
	(void)pthread_attr_init(&attr);
	(void)pthread_attr_setstacksize(&attr, STACK_SIZE);
	(void)pthread_sigmask(SIG_SETMASK, &all, &before);
	error = pthread_create(&outlet->thread, &attr, run, outlet);
	(void)pthread_sigmask(SIG_SETMASK, &before, NULL);
	(void)pthread_attr_destroy(&attr);
	if (!error) {
		(void)snprintf(name, sizeof(name), "kt-%s", outlet->target->ops->name);
		(void)pthread_setname_np(outlet->thread, name);
	}
	return error;
}

static void release(struct outlet *outlet)
{
	outlet_queue_free(&outlet->queue);
	outlet->target->ops->free(outlet->target);
	free(outlet);
}

/* What an earlier agent took with it is lost. */
static void take_up(struct outlet *outlet, struct ledger_sink *mark)
{
	uint64_t lost = outlet_queue_begin(&outlet->queue, outlet->target->has, mark);

	if (lost)
		say("%s: %" PRIu64 " %s lost with the agent before this one",
		    outlet->target->ops->name, lost, text_plural(lost, "event was", "events were"));
	outlet->counts.dropped = lost;
}

struct outlet *outlet_start(struct target *target, struct metrics *metrics,
			    struct ledger_sink *mark)
{
	struct outlet *outlet = target ? calloc(1, sizeof(*outlet)) : NULL;
	pthread_condattr_t attr;

	if (!target)
		return NULL;
	if (!outlet) {
		target->ops->free(target);
		return NULL;
	}
	outlet->target = target;
	outlet->metrics = metrics;
	take_up(outlet, mark);
	(void)pthread_mutex_init(&outlet->lock, NULL);
	(void)pthread_condattr_init(&attr);
	(void)pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	(void)pthread_cond_init(&outlet->changed, &attr);
	(void)pthread_condattr_destroy(&attr);
	if (start_thread(outlet)) {
		release(outlet);
		return NULL;
	}
	tell_metrics(outlet);
	return outlet;
}

/* With the lock. */
static void count_dropped(struct outlet *outlet, uint64_t dropped)
{
	if (!dropped)
		return;
	outlet->counts.dropped += dropped;
	tell_metrics(outlet);
}

void outlet_offer(struct outlet *outlet, struct event *event)
{
	const uint64_t now_ns = monotonic_ns();

	(void)pthread_mutex_lock(&outlet->lock);
	if (!outlet_queue_offer(&outlet->queue, event, outlet->ending))
		count_dropped(outlet, 1);
	if (outlet->queue.count == MANY_EVENTS ||
	    (outlet->queue.count == 1 && now_ns > outlet->woken_ns + WAKE_EVERY_NS)) {
		outlet->woken_ns = now_ns;
		(void)pthread_cond_broadcast(&outlet->changed);
	}
	(void)pthread_mutex_unlock(&outlet->lock);
}

void outlet_wake(struct outlet *outlet)
{
	(void)pthread_mutex_lock(&outlet->lock);
	if (outlet->queue.count)
		(void)pthread_cond_broadcast(&outlet->changed);
	(void)pthread_mutex_unlock(&outlet->lock);
}

uint64_t outlet_behind(struct outlet *outlet, bool *ret_ready)
{
	uint64_t behind;

	(void)pthread_mutex_lock(&outlet->lock);
	behind = outlet->queue.behind;
	*ret_ready = !outlet->ending && outlet_queue_is_ready(&outlet->queue);
	(void)pthread_mutex_unlock(&outlet->lock);
	return behind;
}

uint64_t outlet_waiting(struct outlet *outlet, bool *ret_room)
{
	uint64_t waiting;

	(void)pthread_mutex_lock(&outlet->lock);
	waiting = outlet_queue_waiting(&outlet->queue, ret_room);
	(void)pthread_mutex_unlock(&outlet->lock);
	return waiting;
}

uint64_t outlet_first_unsafe(struct outlet *outlet)
{
	uint64_t first;

	(void)pthread_mutex_lock(&outlet->lock);
	first = outlet_queue_first_unsafe(&outlet->queue);
	(void)pthread_mutex_unlock(&outlet->lock);
	return first;
}

void outlet_risk(struct outlet *outlet, uint64_t sequence)
{
	(void)pthread_mutex_lock(&outlet->lock);
	count_dropped(outlet, outlet_queue_risk(&outlet->queue, sequence));
	(void)pthread_mutex_unlock(&outlet->lock);
}

void outlet_reopen(struct outlet *outlet)
{
	(void)pthread_mutex_lock(&outlet->lock);
	outlet->reopening = true;
	(void)pthread_cond_broadcast(&outlet->changed);
	(void)pthread_mutex_unlock(&outlet->lock);
}

const char *outlet_name(const struct outlet *outlet)
{
	return outlet->target->ops->name;
}

bool outlet_sums_up(const struct outlet *outlet)
{
	return outlet->target->sums_up;
}

void outlet_order_end(struct outlet *outlet, uint64_t patience_ns)
{
	(void)pthread_mutex_lock(&outlet->lock);
	outlet->ending = true;
	outlet->deadline_ns = monotonic_ns() + patience_ns;
	atomic_store(&outlet->target->end_ns, outlet->deadline_ns);
	(void)pthread_cond_broadcast(&outlet->changed);
	(void)pthread_mutex_unlock(&outlet->lock);
}

void outlet_stop(struct outlet *outlet, struct outlet_counts *ret)
{
	struct outlet_queue *queue = &outlet->queue;
	uint64_t unwritten, lost;
	bool ended;

	(void)pthread_mutex_lock(&outlet->lock);
	/* the last event may take a little longer than was given */
	while (!outlet->ended && wait_until(outlet, outlet->deadline_ns + (uint64_t)NS_PER_S / 4))
		;
	ended = outlet->ended;
	unwritten = queue->count + queue->skipped + (outlet->target->holds ? queue->held : 0);
	if (outlet->target->holds)
		outlet->counts.delivered -= queue->held;
	lost = queue->mark ? outlet_queue_risked(queue) : unwritten;
	count_dropped(outlet, lost);
	outlet->counts.left = unwritten > lost ? unwritten - lost : 0;
	outlet->counts.first_unsafe = outlet_queue_first_unsafe(queue);
	if (queue->mark) /* what is lost is said and counted now */
		atomic_store(&queue->mark->risked, 0);
	if (!ended)
		queue->mark = NULL; /* it may be gone when that thread comes back */
	outlet->counts.hangs = !ended;
	*ret = outlet->counts;
	(void)pthread_mutex_unlock(&outlet->lock);
	if (!ended)
		return;
	(void)pthread_join(outlet->thread, NULL);
	release(outlet);
}
