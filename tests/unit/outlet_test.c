// SPDX-License-Identifier: BSD-2-Clause
#include "unit.h"

#include "events.h"
#include "base/clock.h"
#include "outlet/fanout.h"
#include "outlet/outlet_queue.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MS 1000
#define SOON ((uint64_t)NS_PER_S)

/*
 * An outlet that does what a test wants, and survives its thread so that the test can look at it.
 */
struct puppet {
	struct outlet outlet;
	pthread_mutex_t gate; /* held: deliver hangs */
	atomic_int fail;      /* errno of the next deliveries */
	int flush_fail;       /* errno of all flushes */
	atomic_uint attempts, delivered, flushed, reopened, freed, synced;
	int64_t last;
	atomic_bool disorder;
};

static int deliver(struct outlet *outlet, const struct event *event)
{
	struct puppet *puppet = (struct puppet *)outlet;
	int fail;

	atomic_fetch_add(&puppet->attempts, 1);
	(void)pthread_mutex_lock(&puppet->gate);
	(void)pthread_mutex_unlock(&puppet->gate);
	fail = atomic_load(&puppet->fail);
	if (fail)
		return -fail;
	if (event->realtime_ns <= puppet->last)
		atomic_store(&puppet->disorder, true);
	puppet->last = event->realtime_ns;
	atomic_fetch_add(&puppet->delivered, 1);
	return 0;
}

static int flush(struct outlet *outlet)
{
	struct puppet *puppet = (struct puppet *)outlet;

	atomic_fetch_add(&puppet->flushed, 1);
	return -puppet->flush_fail;
}

static void sync_it(struct outlet *outlet)
{
	atomic_fetch_add(&((struct puppet *)outlet)->synced, 1);
}

static void reopen(struct outlet *outlet)
{
	atomic_fetch_add(&((struct puppet *)outlet)->reopened, 1);
}

static void drop(struct outlet *outlet)
{
	atomic_fetch_add(&((struct puppet *)outlet)->freed, 1);
}

static const struct outlet_ops ops = {
	.name = "puppet",
	.deliver = deliver,
	.flush = flush,
	.reopen = reopen,
	.free = drop,
	.sync = sync_it,
};
static const struct outlet_ops plain_ops = {
	.name = "plain",
	.deliver = deliver,
	.free = drop,
};

static void puppet_make(struct puppet *puppet, const struct outlet_ops *with)
{
	memset(puppet, 0, sizeof(*puppet));
	puppet->outlet.ops = with;
	(void)pthread_mutex_init(&puppet->gate, NULL);
}

static struct event *make_event(int64_t number, size_t size)
{
	char *line = malloc(size);
	struct event *event;

	assert_non_null(line);
	memset(line, 'x', size);
	event = events_make(line, size, number);
	event->is_death = true;
	free(line);
	return event;
}

/* As in a storm: without a wake-up at the end. */
static void pour_of(struct outlet_thread *thread, int64_t first, int64_t count, size_t size)
{
	for (int64_t i = 0; i < count; i++) {
		struct event *event = make_event(first + i, size);

		outlet_thread_offer(thread, event);
		event_unref(event);
	}
}

static void pour(struct outlet_thread *thread, int64_t first, int64_t count)
{
	pour_of(thread, first, count, 100);
}

static void offer(struct outlet_thread *thread, int64_t first, int64_t count)
{
	pour(thread, first, count);
	outlet_thread_wake(thread);
}

static void wait_for(atomic_uint *counter, unsigned int least)
{
	for (int i = 0; i < 10000 && atomic_load(counter) < least; i++)
		usleep(1 * MS);
	assert_true(atomic_load(counter) >= least);
}

static struct outlet_counts stop(struct outlet_thread *thread, uint64_t patience_ns)
{
	struct outlet_counts counts;

	outlet_thread_order_end(thread, patience_ns);
	outlet_thread_stop(thread, &counts);
	return counts;
}

static void test_in_order(void **state)
{
	struct puppet puppet;
	struct outlet_thread *thread;
	struct outlet_counts counts;

	(void)state;
	puppet_make(&puppet, &ops);
	thread = outlet_thread_start(&puppet.outlet, NULL, NULL);
	assert_non_null(thread);
	offer(thread, 1, 1000);
	counts = stop(thread, 30 * SOON);
	assert_int_equal(counts.delivered, 1000);
	assert_int_equal(counts.dropped, 0);
	assert_int_equal(puppet.delivered, 1000);
	assert_false(puppet.disorder);
	assert_true(puppet.flushed >= 1);
	assert_int_equal(puppet.freed, 1);
}

/* Events are written even in an endless storm. */
static void test_in_a_storm(void **state)
{
	struct puppet puppet;
	struct outlet_thread *thread;

	(void)state;
	puppet_make(&puppet, &ops);
	thread = outlet_thread_start(&puppet.outlet, NULL, NULL);
	/* the thread may take some when it begins: enough to wake it come after them anyway */
	pour(thread, 1, 200);
	wait_for(&puppet.delivered, 64);
	assert_int_equal(stop(thread, 30 * SOON).delivered, 200);
}

/* Events without room are counted exactly; no other outlet is delayed. */
static void test_hanging(void **state)
{
	static struct puppet hanging, other;
	struct outlet_thread *threads[2];
	struct outlet_counts counts;

	(void)state;
	puppet_make(&hanging, &plain_ops);
	puppet_make(&other, &ops);
	threads[0] = outlet_thread_start(&hanging.outlet, NULL, NULL);
	threads[1] = outlet_thread_start(&other.outlet, NULL, NULL);
	(void)pthread_mutex_lock(&hanging.gate);
	for (int64_t i = 1; i <= 100; i++) {
		offer(threads[0], i * 100, 100);
		offer(threads[1], i * 100, 100);
		wait_for(&other.delivered, (unsigned int)i * 100);
	}
	counts = stop(threads[1], 30 * SOON);
	assert_int_equal(counts.delivered, 10000);
	assert_int_equal(hanging.delivered, 0);
	(void)pthread_mutex_unlock(&hanging.gate);
	counts = stop(threads[0], 30 * SOON);
	assert_int_equal(counts.delivered, hanging.delivered);
	assert_int_equal(counts.delivered + counts.dropped, 10000);
	assert_true(counts.dropped > 5000 && counts.delivered > 1000);
	assert_false(hanging.disorder);
}

/* By bytes too: a few very long lines count as much as many short ones. */
static void test_bytes(void **state)
{
	static struct puppet puppet;
	struct outlet_thread *thread;
	struct outlet_counts counts;

	(void)state;
	puppet_make(&puppet, &plain_ops);
	thread = outlet_thread_start(&puppet.outlet, NULL, NULL);
	(void)pthread_mutex_lock(&puppet.gate);
	for (int i = 1; i <= 10; i++) {
		struct event *event = make_event(i, 1U << 20);

		outlet_thread_offer(thread, event);
		event_unref(event);
	}
	(void)pthread_mutex_unlock(&puppet.gate);
	counts = stop(thread, 30 * SOON);
	assert_int_equal(counts.delivered, 3);
	assert_int_equal(counts.dropped, 7);
}

/*
 * However many outlets are stuck, and wherever: together they stay below the common bound, and
 * leave room for a working one.
 */
static void test_bound_of_all(void **state)
{
	enum { STUCK = 5, MANY = 4000, SIZE = 4096 };
	static struct puppet stuck[STUCK], well;
	struct outlet_thread *threads[STUCK], *last;
	uint64_t held = 0;

	(void)state;
	for (int i = 0; i < STUCK; i++) {
		puppet_make(&stuck[i], &plain_ops);
		threads[i] = outlet_thread_start(&stuck[i].outlet, NULL, NULL);
		(void)pthread_mutex_lock(&stuck[i].gate);
		pour_of(threads[i], 1, MANY, SIZE);
	}
	puppet_make(&well, &plain_ops);
	last = outlet_thread_start(&well.outlet, NULL, NULL);
	for (unsigned int i = 0; i < MANY / 10; i++) {
		pour_of(last, 1 + 10 * (int64_t)i, 10, SIZE);
		outlet_thread_wake(last);
		wait_for(&well.delivered, 10 * (i + 1));
	}
	assert_int_equal(stop(last, 30 * SOON).dropped, 0);
	for (int i = 0; i < STUCK; i++)
		(void)pthread_mutex_unlock(&stuck[i].gate);
	for (int i = 0; i < STUCK; i++) {
		const struct outlet_counts counts = stop(threads[i], 30 * SOON);

		assert_int_equal(counts.delivered + counts.dropped, MANY);
		assert_true(counts.delivered > 0);
		held += counts.delivered;
	}
	assert_true(held * SIZE < OUTLET_QUEUES_BYTES + STUCK * OUTLET_QUEUE_SURE_BYTES);
}

/* An event that several outlets wait for is held once: none of them has less room because of it. */
static void test_held_once(void **state)
{
	enum { COUNT = 4, MANY = 400, SIZE = 4096 };
	static struct puppet stuck[COUNT];
	struct outlet_thread *threads[COUNT];

	(void)state;
	for (int i = 0; i < COUNT; i++) {
		puppet_make(&stuck[i], &plain_ops);
		threads[i] = outlet_thread_start(&stuck[i].outlet, NULL, NULL);
		(void)pthread_mutex_lock(&stuck[i].gate);
	}
	for (int i = 1; i <= MANY; i++) {
		struct event *event = make_event(i, SIZE);

		for (int at = 0; at < COUNT; at++)
			outlet_thread_offer(threads[at], event);
		event_unref(event);
	}
	for (int i = 0; i < COUNT; i++) {
		(void)pthread_mutex_unlock(&stuck[i].gate);
		assert_int_equal(stop(threads[i], 30 * SOON).delivered, MANY);
	}
}

/* The same event is tried again until it is accepted, and the order stays. */
static void test_failing_and_recovering(void **state)
{
	struct puppet puppet;
	struct outlet_thread *thread;
	struct outlet_counts counts;

	(void)state;
	puppet_make(&puppet, &ops);
	atomic_store(&puppet.fail, ENOSPC);
	thread = outlet_thread_start(&puppet.outlet, NULL, NULL);
	offer(thread, 1, 10);
	wait_for(&puppet.attempts, 2);
	atomic_store(&puppet.fail, 0);
	wait_for(&puppet.delivered, 10);
	counts = stop(thread, SOON);
	assert_int_equal(counts.delivered, 10);
	assert_int_equal(counts.dropped, 0);
	assert_true(counts.errors >= 2);
	assert_false(puppet.disorder);
}

/* An order to end does not wait for a failing outlet: the rest is counted. */
static void test_end_while_failing(void **state)
{
	struct puppet puppet;
	struct outlet_thread *thread;
	struct outlet_counts counts;

	(void)state;
	puppet_make(&puppet, &ops);
	atomic_store(&puppet.fail, EIO);
	thread = outlet_thread_start(&puppet.outlet, NULL, NULL);
	offer(thread, 1, 10);
	wait_for(&puppet.attempts, 1);
	counts = stop(thread, 3600 * SOON);
	assert_int_equal(counts.delivered, 0);
	assert_int_equal(counts.dropped, 10);
	assert_int_equal(puppet.freed, 1);
}

/* A failed last flush is a failure too, and counted. */
static void test_last_flush_fails(void **state)
{
	struct puppet puppet;
	struct outlet_thread *thread;

	(void)state;
	puppet_make(&puppet, &ops);
	puppet.flush_fail = ENOSPC;
	puppet.outlet.gather_ms = 3600 * 1000;
	thread = outlet_thread_start(&puppet.outlet, NULL, NULL);
	offer(thread, 1, 1);
	wait_for(&puppet.delivered, 1);
	assert_int_equal(stop(thread, SOON).errors, 1);
	assert_int_equal(puppet.flushed, 1);
}

/* During a long pause between flushes, delivered events are synced to disk soon. */
static void test_synced_while_pausing(void **state)
{
	struct puppet puppet;
	struct outlet_thread *thread;

	(void)state;
	puppet_make(&puppet, &ops);
	puppet.flush_fail = ECONNREFUSED;
	puppet.outlet.pause_ns = 3600 * SOON;
	puppet.outlet.gather_ms = 1;
	thread = outlet_thread_start(&puppet.outlet, NULL, NULL);
	offer(thread, 1, 1);
	wait_for(&puppet.flushed, 1);
	for (unsigned int i = 1; i <= 3; i++) {
		offer(thread, 1 + i, 1);
		wait_for(&puppet.synced, i);
	}
	assert_int_equal(puppet.flushed, 1);
	(void)stop(thread, SOON);
	/* a flush needs no sync */
	assert_int_equal(puppet.synced, 3);
}

enum { PIECES = 10, OF_A_PIECE = 1000 };

/* Does not answer until everything has been delivered. */
static int flush_late(struct outlet *outlet)
{
	struct puppet *puppet = (struct puppet *)outlet;

	atomic_fetch_add(&puppet->flushed, 1);
	for (int i = 0; i < 10000 && puppet->delivered < PIECES * OF_A_PIECE; i++) {
		(void)outlet->deliver_meanwhile(outlet->thread);
		usleep(1 * MS);
	}
	return 0;
}

/* Events find room while a flush waits: more than a queue holds. */
static void test_delivered_meanwhile(void **state)
{
	static const struct outlet_ops late_ops = {
		.name = "late",
		.deliver = deliver,
		.flush = flush_late,
		.free = drop,
	};
	struct puppet puppet;
	struct outlet_thread *thread;
	struct outlet_counts counts;

	(void)state;
	puppet_make(&puppet, &late_ops);
	thread = outlet_thread_start(&puppet.outlet, NULL, NULL);
	for (unsigned int i = 0; i < PIECES; i++) {
		offer(thread, 1 + (int64_t)i * OF_A_PIECE, OF_A_PIECE);
		wait_for(&puppet.flushed, 1);
		wait_for(&puppet.delivered, (i + 1) * OF_A_PIECE);
	}
	counts = stop(thread, 30 * SOON);
	assert_int_equal(counts.delivered, PIECES * OF_A_PIECE);
	assert_int_equal(counts.dropped, 0);
	assert_false(puppet.disorder);
}

static void test_reopen_and_heartbeat(void **state)
{
	struct puppet puppet;
	struct outlet_thread *thread;

	(void)state;
	puppet_make(&puppet, &ops);
	puppet.outlet.heartbeat_s = 1;
	thread = outlet_thread_start(&puppet.outlet, NULL, NULL);
	/* at the start, and again without any event */
	wait_for(&puppet.flushed, 2);
	outlet_thread_reopen(thread);
	wait_for(&puppet.reopened, 1);
	(void)stop(thread, SOON);
}

/* During a pause after a failure, an order to open again causes a try at once. */
static void test_reopen_ends_a_pause(void **state)
{
	struct puppet puppet;
	struct outlet_thread *thread;

	(void)state;
	puppet_make(&puppet, &ops);
	atomic_store(&puppet.fail, EACCES);
	thread = outlet_thread_start(&puppet.outlet, NULL, NULL);
	offer(thread, 1, 1);
	/* the pauses double: after these the next one takes 16 s */
	for (unsigned int i = 1; i <= 7; i++) {
		wait_for(&puppet.attempts, i);
		outlet_thread_reopen(thread);
	}
	atomic_store(&puppet.fail, 0);
	outlet_thread_reopen(thread);
	wait_for(&puppet.delivered, 1);
	(void)stop(thread, SOON);
}

/* An outlet that gathers a few events, and sends them in a flush. */
struct gatherer {
	struct outlet outlet;
	atomic_uint gathered, sent, flushes;
	atomic_int fail;    /* errno of the next flushes */
	atomic_int in_part; /* flushes that leave a rest */
	unsigned int room;
	unsigned int give_up; /* in every flush */
};

static int gather(struct outlet *outlet, const struct event *event)
{
	struct gatherer *gatherer = (struct gatherer *)outlet;

	(void)event;
	if (gatherer->gathered == gatherer->room)
		return -ENOBUFS;
	gatherer->gathered++;
	return 0;
}

static int send_gathered(struct outlet *outlet)
{
	struct gatherer *gatherer = (struct gatherer *)outlet;

	gatherer->flushes++;
	if (gatherer->fail)
		return -gatherer->fail;
	if (gatherer->in_part) {
		gatherer->in_part--;
		return OUTLET_MORE;
	}
	if (gatherer->gathered)
		outlet->lost += gatherer->give_up;
	gatherer->sent += gatherer->gathered;
	gatherer->gathered = 0;
	return 0;
}

static void keep(struct outlet *outlet)
{
	(void)outlet;
}

static struct outlet_thread *start_gathering(struct gatherer *gatherer, unsigned int room)
{
	static const struct outlet_ops gather_ops = {
		.name = "gatherer",
		.deliver = gather,
		.flush = send_gathered,
		.free = keep,
	};
	struct outlet_thread *thread;

	gatherer->outlet.ops = &gather_ops;
	gatherer->outlet.gather_ms = 10;
	gatherer->outlet.holds = true;
	gatherer->room = room;
	thread = outlet_thread_start(&gatherer->outlet, NULL, NULL);
	assert_non_null(thread);
	return thread;
}

/* While flushes fail, events are delivered until there is no more room. */
static void test_delivering_while_flushes_fail(void **state)
{
	struct gatherer gatherer = { .fail = ECONNREFUSED };
	struct outlet_thread *thread = start_gathering(&gatherer, 100);
	struct outlet_counts counts;

	(void)state;
	offer(thread, 1, 30);
	wait_for(&gatherer.flushes, 1);
	offer(thread, 31, 100);
	wait_for(&gatherer.gathered, 100);
	gatherer.fail = 0;
	wait_for(&gatherer.sent, 130);
	counts = stop(thread, SOON);
	assert_int_equal(counts.delivered, 130);
	assert_int_equal(counts.dropped, 0);
	assert_true(counts.errors >= 1);
}

/* A lack of room is not a failure: a flush makes room, without a pause. */
static void test_room_is_made(void **state)
{
	struct gatherer gatherer = { .in_part = 3 };
	struct outlet_thread *thread = start_gathering(&gatherer, 10);
	struct outlet_counts counts;

	(void)state;
	offer(thread, 1, 1000);
	wait_for(&gatherer.sent, 1000);
	counts = stop(thread, SOON);
	assert_int_equal(counts.delivered, 1000);
	assert_int_equal(counts.errors, 0);
	assert_int_equal(counts.dropped, 0);
	assert_true(gatherer.flushes >= 103);
}

/*
 * Gathered events that could not be sent are lost, and counted like those that were not gathered.
 */
static void test_gathered_and_not_sent(void **state)
{
	struct gatherer gatherer = { .fail = EIO };
	struct outlet_thread *thread = start_gathering(&gatherer, 5);
	struct outlet_counts counts;

	(void)state;
	offer(thread, 1, 12);
	wait_for(&gatherer.gathered, 5);
	counts = stop(thread, SOON);
	assert_int_equal(counts.delivered, 0);
	assert_int_equal(counts.dropped, 12);
	assert_true(gatherer.outlet.end_ns > 0);
}

/* Events that an outlet gave up do not count as delivered. */
static void test_given_up(void **state)
{
	struct gatherer gatherer = { .give_up = 3 };
	struct outlet_thread *thread = start_gathering(&gatherer, 100);
	struct outlet_counts counts;

	(void)state;
	offer(thread, 1, 20);
	wait_for(&gatherer.sent, 20);
	counts = stop(thread, SOON);
	assert_int_equal(counts.delivered + counts.dropped, 20);
	assert_true(counts.dropped >= 3 && counts.dropped % 3 == 0);
}

/* An outlet that asks for a pause gets it, except at the end. */
static void test_asked_to_wait(void **state)
{
	struct gatherer gatherer = { .fail = EBUSY, .outlet.pause_ns = 3600 * SOON };
	struct outlet_thread *thread = start_gathering(&gatherer, 100);
	struct outlet_counts counts;

	(void)state;
	offer(thread, 1, 1);
	wait_for(&gatherer.flushes, 1);
	gatherer.fail = 0;
	usleep(1500 * MS); /* the default pauses are shorter */
	assert_int_equal(gatherer.flushes, 1);
	counts = stop(thread, SOON);
	assert_int_equal(counts.delivered, 1);
	assert_int_equal(gatherer.sent, 1);
}

static void test_no_outlet(void **state)
{
	(void)state;
	assert_null(outlet_thread_start(NULL, NULL, NULL));
}

static void test_fanout_is_bounded(void **state)
{
	static struct puppet puppets[FANOUT_MOST + 1];
	struct fanout *fanout = fanout_new(NULL);
	struct outlet_thread *last;
	uint64_t lost;

	(void)state;
	assert_non_null(fanout);
	assert_false(fanout_add(fanout, NULL));
	for (int i = 0; i <= FANOUT_MOST; i++) {
		puppet_make(&puppets[i], &ops);
		last = outlet_thread_start(&puppets[i].outlet, NULL, NULL);
		assert_int_equal(fanout_add(fanout, last), i < FANOUT_MOST);
	}
	(void)stop(last, SOON);
	(void)fanout_stop(fanout, SOON, &lost);
	assert_int_equal(lost, 0);
	assert_false(fanout_hangs(fanout));
	for (int i = 0; i <= FANOUT_MOST; i++)
		assert_int_equal(puppets[i].freed, 1);
	fanout_free(fanout);
}

/* An outlet that hangs at the end is left behind with all its memory, and this is reported. */
static void test_hanging_at_the_end(void **state)
{
	static struct puppet hanging, other;
	struct fanout *fanout = fanout_new(NULL);
	static struct outlet_thread *thread; /* never freed */
	uint64_t lost;

	(void)state;
	puppet_make(&hanging, &plain_ops);
	puppet_make(&other, &ops);
	(void)pthread_mutex_lock(&hanging.gate);
	thread = outlet_thread_start(&hanging.outlet, NULL, NULL);
	assert_true(fanout_add(fanout, thread));
	assert_true(fanout_add(fanout, outlet_thread_start(&other.outlet, NULL, NULL)));
	offer(thread, 1, 3);
	wait_for(&hanging.attempts, 1);
	assert_false(fanout_hangs(fanout));
	(void)fanout_stop(fanout, MS, &lost);
	assert_true(fanout_hangs(fanout));
	assert_int_equal(lost, 3);
	assert_int_equal(hanging.freed, 0);
	assert_int_equal(other.freed, 1);
	(void)pthread_mutex_unlock(&hanging.gate);
	wait_for(&hanging.delivered, 1);
	fanout_free(fanout);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_in_order),
		cmocka_unit_test(test_in_a_storm),
		cmocka_unit_test(test_hanging),
		cmocka_unit_test(test_bytes),
		cmocka_unit_test(test_bound_of_all),
		cmocka_unit_test(test_held_once),
		cmocka_unit_test(test_delivered_meanwhile),
		cmocka_unit_test(test_failing_and_recovering),
		cmocka_unit_test(test_end_while_failing),
		cmocka_unit_test(test_last_flush_fails),
		cmocka_unit_test(test_synced_while_pausing),
		cmocka_unit_test(test_reopen_and_heartbeat),
		cmocka_unit_test(test_reopen_ends_a_pause),
		cmocka_unit_test(test_delivering_while_flushes_fail),
		cmocka_unit_test(test_room_is_made),
		cmocka_unit_test(test_gathered_and_not_sent),
		cmocka_unit_test(test_given_up),
		cmocka_unit_test(test_asked_to_wait),
		cmocka_unit_test(test_no_outlet),
		cmocka_unit_test(test_fanout_is_bounded),
		cmocka_unit_test(test_hanging_at_the_end),
	};

	return cmocka_run_group_tests_name("outlet", tests, NULL, NULL);
}
