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

/* Some thousand ordinary events. */
#define MOST_QUEUED 4096
#define MOST_BYTES (4U << 20)
#define STACK_SIZE (256U << 10)

#define FIRST_PAUSE_NS ((uint64_t)NS_PER_S / 4)
#define LONGEST_PAUSE_NS (30 * (uint64_t)NS_PER_S)

struct outlet {
	struct target *target; /* of the thread */
	struct metrics *metrics;
	pthread_t thread;

	pthread_mutex_t lock; /* all that follows */
	pthread_cond_t changed;
	struct event *queue[MOST_QUEUED];
	unsigned int first, count;
	size_t bytes;
	bool reopening, ending, ended;
	uint64_t deadline_ns;
	struct outlet_counts counts;
	uint64_t held;       /* delivered since the last flush */
	uint64_t held_first; /* sequence of the first that is safe when flushed; 0: there is none */
	uint64_t offered;    /* sequence of the newest that was taken or is lost */
	uint64_t behind;     /* of the first that found no room and will come again; 0: none */
	bool refusing;       /* whatever comes before that one */
	uint64_t skipped;    /* how many that are */
	uint64_t skipped_last;    /* sequence of the last of them */
	uint64_t released;        /* up to here nobody else has the events */
	struct ledger_sink *mark; /* NULL: there is no next agent */
	uint64_t lost;            /* of the target's, what is counted already */
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

/* With the lock. */
static uint64_t first_unsafe(const struct outlet *outlet)
{
	if (outlet->held_first)
		return outlet->held_first;
	return outlet->count ? outlet->queue[outlet->first]->sequence : outlet->behind;
}

/* With the lock. How many would be lost if the process ended now. */
static uint64_t count_risked(const struct outlet *outlet)
{
	uint64_t risked =
		outlet->held_first && outlet->held_first <= outlet->released ? outlet->held : 0;

	for (unsigned int i = 0; i < outlet->count; i++) {
		if (outlet->queue[(outlet->first + i) % MOST_QUEUED]->sequence > outlet->released)
			break;
		risked++;
	}
	return risked;
}

/* With the lock. Something was written, dropped or put at risk. */
static void note_progress(const struct outlet *outlet)
{
	uint64_t first = first_unsafe(outlet), safe = first ? first - 1 : outlet->offered;

	if (!outlet->mark)
		return;
	/* before the other: an event that is counted twice is better than one that is not */
	if (safe > outlet->mark->safe)
		atomic_store(&outlet->mark->safe, safe);
	atomic_store(&outlet->mark->risked,
		     first && first <= outlet->released ? count_risked(outlet) : 0);
}

/* With the lock. Drops the reference of the queue. */
static void drop_first(struct outlet *outlet)
{
	struct event *event = outlet->queue[outlet->first];

	outlet->first = (outlet->first + 1) % MOST_QUEUED;
	outlet->count--;
	outlet->bytes -= event->size;
	event_unref(event);
}

/* With the lock, which is let go meanwhile. */
static int deliver_first(struct outlet *outlet)
{
	struct event *event = event_ref(outlet->queue[outlet->first]);
	int error;

	(void)pthread_mutex_unlock(&outlet->lock);
	error = outlet->target->ops->deliver(outlet->target, event);
	(void)pthread_mutex_lock(&outlet->lock);
	if (!error) {
		drop_first(outlet);
		outlet->counts.delivered++;
		if (outlet->target->safe_when_flushed && !outlet->held_first)
			outlet->held_first = event->sequence;
		if (outlet->target->ops->flush)
			outlet->held++;
		note_progress(outlet);
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
	if (!error) {
		outlet->held = 0;
		outlet->held_first = 0;
		note_progress(outlet);
	}
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

/* With the lock. Says what changes; after a failure, trouble->pause_ns is how long to wait. */
static void note_result(struct outlet *outlet, struct trouble *trouble, int error)
{
	const struct target *target = outlet->target;
	uint64_t pause_ns;

	take_lost(outlet);
	if (!error) {
		if (trouble->error)
			say("%s works again", target->ops->name);
		*trouble = (struct trouble){ 0 };
		return;
	}
	outlet->counts.errors++;
	tell_metrics(outlet);
	if (error != trouble->error)
		say("%s: %s; it will be tried again", target->ops->name,
		    target->trouble ? target->trouble : strerror(-error));
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
	uint64_t due;  /* the next flush; 0: nothing is gathered, and there is no heartbeat */
	bool gathered; /* something waits for a flush */
	bool more;     /* of it something is left, for when there is nothing to deliver */
	bool full;     /* nothing can be delivered before a flush */
};

/* With the lock. Whether to go on after the order to end. */
static bool may_go_on(const struct outlet *outlet, const struct course *course)
{
	if (!outlet->ending)
		return true;
	return outlet->count && !course->delivering.error &&
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
	if (result < 0) {
		course->due = end_of_pause(outlet, &course->flushing);
		return;
	}
	course->full = false;
	course->due = course->more ? monotonic_ns() : next_heartbeat(outlet);
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
		if (!course->gathered)
			course->due =
				monotonic_ns() + target->gather_ms * (uint64_t)(NS_PER_S / 1000);
		course->gathered = true;
	}
}

/* With the lock. What is gathered is to go now, as far as time allows. */
static void flush_at_end(struct outlet *outlet)
{
	int result;

	do
		result = flush(outlet);
	while (result == OUTLET_MORE && monotonic_ns() < outlet->deadline_ns);
	take_lost(outlet);
}

static void *run(void *context)
{
	struct outlet *outlet = context;
	struct course course = { .due = outlet->target->heartbeat_s ? monotonic_ns() : 0 };

	(void)pthread_mutex_lock(&outlet->lock);
	while (may_go_on(outlet, &course)) {
		bool can_deliver = outlet->count && !course.full;

		if (outlet->reopening) {
			reopen(outlet);
			if (course.flushing.error) /* a reason to try at once */
				course.due = monotonic_ns();
		}
		if (course.due && monotonic_ns() >= course.due && !(course.more && can_deliver))
			flush_and_plan(outlet, &course);
		else if (can_deliver)
			deliver_and_plan(outlet, &course);
		else
			(void)wait_until(outlet, course.due);
	}
	flush_at_end(outlet);
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
	while (outlet->count)
		drop_first(outlet);
	outlet->target->ops->free(outlet->target);
	free(outlet);
}

/* What an earlier agent took with it. */
static void take_up(struct outlet *outlet)
{
	const char *name = outlet->target->ops->name;
	uint64_t risked;

	outlet->offered = outlet->target->has;
	if (!outlet->mark)
		return;
	if (outlet->mark->safe > outlet->offered)
		outlet->offered = outlet->mark->safe;
	risked = atomic_exchange(&outlet->mark->risked, 0);
	if (risked)
		say("%s: %" PRIu64 " events were lost with the agent before this one", name,
		    risked);
	outlet->counts.dropped = risked;
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
	outlet->mark = mark;
	take_up(outlet);
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

/* With the lock. It has been there before, or will come again in its turn. */
static bool is_out_of_turn(const struct outlet *outlet, const struct event *event)
{
	if (!event->is_death || !event->sequence)
		return false;
	return event->sequence <= outlet->offered;
}

/* With the lock. The sequence of losses lies near that of the death that was read last, which may be one
 * that has been here before. */
static void note_offered(struct outlet *outlet, const struct event *event)
{
	if (event->sequence > outlet->offered)
		outlet->offered = event->sequence;
}

/* With the lock. There is no room for it, or for one before it. */
static void turn_away(struct outlet *outlet, const struct event *event)
{
	if (!outlet->mark || !event->is_death) {
		outlet->counts.dropped++;
		tell_metrics(outlet);
		if (!outlet->behind)
			note_offered(outlet, event);
		note_progress(outlet);
		return;
	}
	if (!outlet->refusing)
		outlet->behind = event->sequence;
	outlet->refusing = true;
	if (event->sequence > outlet->skipped_last) {
		outlet->skipped_last = event->sequence;
		outlet->skipped++;
	}
}

/* With the lock. */
static void take_in(struct outlet *outlet, struct event *event)
{
	note_offered(outlet, event);
	if (outlet->behind) {
		outlet->refusing = false;
		outlet->skipped--;
		outlet->behind = outlet->skipped ? event->sequence + 1 : 0;
	}
	outlet->queue[(outlet->first + outlet->count) % MOST_QUEUED] = event_ref(event);
	outlet->count++;
	outlet->bytes += event->size;
	if (outlet->count == 1)
		(void)pthread_cond_broadcast(&outlet->changed);
}

void outlet_offer(struct outlet *outlet, struct event *event)
{
	(void)pthread_mutex_lock(&outlet->lock);
	if (is_out_of_turn(outlet, event))
		; /* nothing is to be done */
	else if (outlet->ending || outlet->count == MOST_QUEUED ||
		 outlet->bytes + event->size > MOST_BYTES || (outlet->behind && !event->is_death) ||
		 (outlet->refusing && event->sequence != outlet->behind))
		turn_away(outlet, event);
	else
		take_in(outlet, event);
	(void)pthread_mutex_unlock(&outlet->lock);
}

uint64_t outlet_behind(struct outlet *outlet, bool *ret_ready)
{
	uint64_t behind;

	(void)pthread_mutex_lock(&outlet->lock);
	behind = outlet->behind;
	*ret_ready = behind && !outlet->ending && outlet->count < MOST_QUEUED / 4 &&
		     outlet->bytes < MOST_BYTES / 4;
	(void)pthread_mutex_unlock(&outlet->lock);
	return behind;
}

uint64_t outlet_first_unsafe(struct outlet *outlet)
{
	uint64_t first;

	(void)pthread_mutex_lock(&outlet->lock);
	first = first_unsafe(outlet);
	(void)pthread_mutex_unlock(&outlet->lock);
	return first;
}

void outlet_risk(struct outlet *outlet, uint64_t sequence)
{
	(void)pthread_mutex_lock(&outlet->lock);
	outlet->released = sequence;
	if (outlet->behind && outlet->behind <= sequence) {
		outlet->counts.dropped += outlet->skipped;
		outlet->offered = outlet->skipped_last;
		outlet->behind = outlet->skipped = 0;
		outlet->refusing = false;
		tell_metrics(outlet);
	}
	note_progress(outlet);
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
	uint64_t unwritten, lost;
	bool ended;

	(void)pthread_mutex_lock(&outlet->lock);
	/* the last event may take a little longer than was given */
	while (!outlet->ended && wait_until(outlet, outlet->deadline_ns + (uint64_t)NS_PER_S / 4))
		;
	ended = outlet->ended;
	unwritten = outlet->count + outlet->skipped + (outlet->target->holds ? outlet->held : 0);
	if (outlet->target->holds)
		outlet->counts.delivered -= outlet->held;
	lost = outlet->mark ? count_risked(outlet) : unwritten;
	outlet->counts.dropped += lost;
	outlet->counts.left = unwritten > lost ? unwritten - lost : 0;
	outlet->counts.first_unsafe = first_unsafe(outlet);
	if (outlet->mark) /* what is lost is said and counted now */
		atomic_store(&outlet->mark->risked, 0);
	if (!ended)
		outlet->mark = NULL; /* it may be gone when that thread comes back */
	*ret = outlet->counts;
	(void)pthread_mutex_unlock(&outlet->lock);
	if (!ended)
		return;
	(void)pthread_join(outlet->thread, NULL);
	release(outlet);
}
