// SPDX-License-Identifier: BSD-2-Clause
#include "unit.h"

#include "base/clock.h"
#include "sink/fanout.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MS 1000
#define SOON ((uint64_t)NS_PER_S)

/* A target that does as it is told, and lives on after its outlet so that it can be asked. */
struct puppet {
	struct target target;
	pthread_mutex_t gate; /* held: deliver hangs */
	atomic_int fail;      /* errno of the next deliveries */
	int flush_fail;       /* errno of all flushes */
	atomic_uint attempts, delivered, flushed, reopened, freed, synced;
	int64_t last;
	atomic_bool disorder;
};

static int deliver(struct target *target, const struct event *event)
{
	struct puppet *puppet = (struct puppet *)target;
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

static int flush(struct target *target)
{
	struct puppet *puppet = (struct puppet *)target;

	atomic_fetch_add(&puppet->flushed, 1);
	return -puppet->flush_fail;
}

static void sync_it(struct target *target)
{
	atomic_fetch_add(&((struct puppet *)target)->synced, 1);
}

static void reopen(struct target *target)
{
	atomic_fetch_add(&((struct puppet *)target)->reopened, 1);
}

static void drop(struct target *target)
{
	atomic_fetch_add(&((struct puppet *)target)->freed, 1);
}

static const struct target_ops ops = { "puppet", deliver, flush, reopen, drop, sync_it };
static const struct target_ops plain_ops = { "plain", deliver, NULL, NULL, drop, NULL };

static void puppet_make(struct puppet *puppet, const struct target_ops *with)
{
	memset(puppet, 0, sizeof(*puppet));
	puppet->target.ops = with;
	(void)pthread_mutex_init(&puppet->gate, NULL);
}

static struct event *make_event(int64_t number, size_t size)
{
	struct event *event = malloc(sizeof(*event) + size + 1);

	assert_non_null(event);
	atomic_init(&event->references, 1);
	event->is_death = true;
	event->sequence = 0;
	event->realtime_ns = number;
	event->size = size;
	memset(event->line, 'x', size);
	event->line[size] = '\0';
	return event;
}

/* As in the midst of a storm: nobody says that nothing more comes. */
static void pour(struct outlet *outlet, int64_t first, int64_t count)
{
	for (int64_t i = 0; i < count; i++) {
		struct event *event = make_event(first + i, 100);

		outlet_offer(outlet, event);
		event_unref(event);
	}
}

static void offer(struct outlet *outlet, int64_t first, int64_t count)
{
	pour(outlet, first, count);
	outlet_wake(outlet);
}

static void wait_for(atomic_uint *counter, unsigned int least)
{
	for (int i = 0; i < 10000 && atomic_load(counter) < least; i++)
		usleep(1 * MS);
	assert_true(atomic_load(counter) >= least);
}

static struct outlet_counts stop(struct outlet *outlet, uint64_t patience_ns)
{
	struct outlet_counts counts;

	outlet_order_end(outlet, patience_ns);
	outlet_stop(outlet, &counts);
	return counts;
}

static void test_in_order(void **state)
{
	struct puppet puppet;
	struct outlet *outlet;
	struct outlet_counts counts;

	(void)state;
	puppet_make(&puppet, &ops);
	outlet = outlet_start(&puppet.target, NULL, NULL);
	assert_non_null(outlet);
	offer(outlet, 1, 1000);
	counts = stop(outlet, 30 * SOON);
	assert_int_equal(counts.delivered, 1000);
	assert_int_equal(counts.dropped, 0);
	assert_int_equal(puppet.delivered, 1000);
	assert_false(puppet.disorder);
	assert_true(puppet.flushed >= 1);
	assert_int_equal(puppet.freed, 1);
}

/* A storm that does not end is written all the same. */
static void test_in_a_storm(void **state)
{
	struct puppet puppet;
	struct outlet *outlet;

	(void)state;
	puppet_make(&puppet, &ops);
	outlet = outlet_start(&puppet.target, NULL, NULL);
	pour(outlet, 1, 100);
	wait_for(&puppet.delivered, 64);
	assert_int_equal(stop(outlet, 30 * SOON).delivered, 100);
}

/* What finds no room is counted, to the event; nobody is held up. */
static void test_hanging(void **state)
{
	static struct puppet hanging, other;
	struct outlet *outlets[2];
	struct outlet_counts counts;

	(void)state;
	puppet_make(&hanging, &plain_ops);
	puppet_make(&other, &ops);
	outlets[0] = outlet_start(&hanging.target, NULL, NULL);
	outlets[1] = outlet_start(&other.target, NULL, NULL);
	(void)pthread_mutex_lock(&hanging.gate);
	for (int64_t i = 1; i <= 100; i++) {
		offer(outlets[0], i * 100, 100);
		offer(outlets[1], i * 100, 100);
		wait_for(&other.delivered, (unsigned int)i * 100);
	}
	counts = stop(outlets[1], 30 * SOON);
	assert_int_equal(counts.delivered, 10000);
	assert_int_equal(hanging.delivered, 0);
	(void)pthread_mutex_unlock(&hanging.gate);
	counts = stop(outlets[0], 30 * SOON);
	assert_int_equal(counts.delivered, hanging.delivered);
	assert_int_equal(counts.delivered + counts.dropped, 10000);
	assert_true(counts.dropped > 5000 && counts.delivered > 1000);
	assert_false(hanging.disorder);
}

/* By bytes too: a few very long lines are as much as many short ones. */
static void test_bytes(void **state)
{
	static struct puppet puppet;
	struct outlet *outlet;
	struct outlet_counts counts;

	(void)state;
	puppet_make(&puppet, &plain_ops);
	outlet = outlet_start(&puppet.target, NULL, NULL);
	(void)pthread_mutex_lock(&puppet.gate);
	for (int i = 1; i <= 10; i++) {
		struct event *event = make_event(i, 1U << 20);

		outlet_offer(outlet, event);
		event_unref(event);
	}
	(void)pthread_mutex_unlock(&puppet.gate);
	counts = stop(outlet, 30 * SOON);
	assert_int_equal(counts.delivered, 4);
	assert_int_equal(counts.dropped, 6);
}

/* The same event is tried again until it is taken, and the order stays. */
static void test_failing_and_recovering(void **state)
{
	struct puppet puppet;
	struct outlet *outlet;
	struct outlet_counts counts;

	(void)state;
	puppet_make(&puppet, &ops);
	atomic_store(&puppet.fail, ENOSPC);
	outlet = outlet_start(&puppet.target, NULL, NULL);
	offer(outlet, 1, 10);
	wait_for(&puppet.attempts, 2);
	atomic_store(&puppet.fail, 0);
	wait_for(&puppet.delivered, 10);
	counts = stop(outlet, SOON);
	assert_int_equal(counts.delivered, 10);
	assert_int_equal(counts.dropped, 0);
	assert_true(counts.errors >= 2);
	assert_false(puppet.disorder);
}

/* An order to end waits for no target that fails: what is left is counted. */
static void test_end_while_failing(void **state)
{
	struct puppet puppet;
	struct outlet *outlet;
	struct outlet_counts counts;

	(void)state;
	puppet_make(&puppet, &ops);
	atomic_store(&puppet.fail, EIO);
	outlet = outlet_start(&puppet.target, NULL, NULL);
	offer(outlet, 1, 10);
	wait_for(&puppet.attempts, 1);
	counts = stop(outlet, 3600 * SOON);
	assert_int_equal(counts.delivered, 0);
	assert_int_equal(counts.dropped, 10);
	assert_int_equal(puppet.freed, 1);
}

/* That the last flush fails is a failure too, and counted. */
static void test_last_flush_fails(void **state)
{
	struct puppet puppet;
	struct outlet *outlet;

	(void)state;
	puppet_make(&puppet, &ops);
	puppet.flush_fail = ENOSPC;
	puppet.target.gather_ms = 3600 * 1000;
	outlet = outlet_start(&puppet.target, NULL, NULL);
	offer(outlet, 1, 1);
	wait_for(&puppet.delivered, 1);
	assert_int_equal(stop(outlet, SOON).errors, 1);
	assert_int_equal(puppet.flushed, 1);
}

/* While nothing can be flushed for long, what is delivered is on the disk soon all the same. */
static void test_synced_while_pausing(void **state)
{
	struct puppet puppet;
	struct outlet *outlet;

	(void)state;
	puppet_make(&puppet, &ops);
	puppet.flush_fail = ECONNREFUSED;
	puppet.target.pause_ns = 3600 * SOON;
	puppet.target.gather_ms = 1;
	outlet = outlet_start(&puppet.target, NULL, NULL);
	offer(outlet, 1, 1);
	wait_for(&puppet.flushed, 1);
	for (unsigned int i = 1; i <= 3; i++) {
		offer(outlet, 1 + i, 1);
		wait_for(&puppet.synced, i);
	}
	assert_int_equal(puppet.flushed, 1);
	(void)stop(outlet, SOON);
	/* what flush saw to needs no more */
	assert_int_equal(puppet.synced, 3);
}

static void test_reopen_and_heartbeat(void **state)
{
	struct puppet puppet;
	struct outlet *outlet;

	(void)state;
	puppet_make(&puppet, &ops);
	puppet.target.heartbeat_s = 1;
	outlet = outlet_start(&puppet.target, NULL, NULL);
	/* at the start, and again though nothing came */
	wait_for(&puppet.flushed, 2);
	outlet_reopen(outlet);
	wait_for(&puppet.reopened, 1);
	(void)stop(outlet, SOON);
}

/* While it pauses after a failure, being told to open anew is a reason to try at once. */
static void test_reopen_ends_a_pause(void **state)
{
	struct puppet puppet;
	struct outlet *outlet;

	(void)state;
	puppet_make(&puppet, &ops);
	atomic_store(&puppet.fail, EACCES);
	outlet = outlet_start(&puppet.target, NULL, NULL);
	offer(outlet, 1, 1);
	/* the pauses double: after so many the next one takes 16 s */
	for (unsigned int i = 1; i <= 7; i++) {
		wait_for(&puppet.attempts, i);
		outlet_reopen(outlet);
	}
	atomic_store(&puppet.fail, 0);
	outlet_reopen(outlet);
	wait_for(&puppet.delivered, 1);
	(void)stop(outlet, SOON);
}

/* A target that gathers: some at a time, and sends them when it is flushed. */
struct gatherer {
	struct target target;
	atomic_uint gathered, sent, flushes;
	atomic_int fail;    /* errno of the next flushes */
	atomic_int in_part; /* flushes that leave something */
	unsigned int room;
	unsigned int give_up; /* of every flush */
};

static int gather(struct target *target, const struct event *event)
{
	struct gatherer *gatherer = (struct gatherer *)target;

	(void)event;
	if (gatherer->gathered == gatherer->room)
		return -ENOBUFS;
	gatherer->gathered++;
	return 0;
}

static int send_gathered(struct target *target)
{
	struct gatherer *gatherer = (struct gatherer *)target;

	gatherer->flushes++;
	if (gatherer->fail)
		return -gatherer->fail;
	if (gatherer->in_part) {
		gatherer->in_part--;
		return OUTLET_MORE;
	}
	if (gatherer->gathered)
		target->lost += gatherer->give_up;
	gatherer->sent += gatherer->gathered;
	gatherer->gathered = 0;
	return 0;
}

static void keep(struct target *target)
{
	(void)target;
}

static struct outlet *start_gathering(struct gatherer *gatherer, unsigned int room)
{
	static const struct target_ops gather_ops = { "gatherer", gather, send_gathered,
						      NULL,       keep,   NULL };
	struct outlet *outlet;

	gatherer->target.ops = &gather_ops;
	gatherer->target.gather_ms = 10;
	gatherer->target.holds = true;
	gatherer->room = room;
	outlet = outlet_start(&gatherer->target, NULL, NULL);
	assert_non_null(outlet);
	return outlet;
}

/* While flushes fail, as many are delivered as there is room for. */
static void test_delivering_while_flushes_fail(void **state)
{
	struct gatherer gatherer = { .fail = ECONNREFUSED };
	struct outlet *outlet = start_gathering(&gatherer, 100);
	struct outlet_counts counts;

	(void)state;
	offer(outlet, 1, 30);
	wait_for(&gatherer.flushes, 1);
	offer(outlet, 31, 100);
	wait_for(&gatherer.gathered, 100);
	gatherer.fail = 0;
	wait_for(&gatherer.sent, 130);
	counts = stop(outlet, SOON);
	assert_int_equal(counts.delivered, 130);
	assert_int_equal(counts.dropped, 0);
	assert_true(counts.errors >= 1);
}

/* Room that has run out is no failure: it is made by a flush, without a pause. */
static void test_room_is_made(void **state)
{
	struct gatherer gatherer = { .in_part = 3 };
	struct outlet *outlet = start_gathering(&gatherer, 10);
	struct outlet_counts counts;

	(void)state;
	offer(outlet, 1, 1000);
	wait_for(&gatherer.sent, 1000);
	counts = stop(outlet, SOON);
	assert_int_equal(counts.delivered, 1000);
	assert_int_equal(counts.errors, 0);
	assert_int_equal(counts.dropped, 0);
	assert_true(gatherer.flushes >= 103);
}

/* What was gathered and could not be sent is lost, and counted with what was not even gathered. */
static void test_gathered_and_not_sent(void **state)
{
	struct gatherer gatherer = { .fail = EIO };
	struct outlet *outlet = start_gathering(&gatherer, 5);
	struct outlet_counts counts;

	(void)state;
	offer(outlet, 1, 12);
	wait_for(&gatherer.gathered, 5);
	counts = stop(outlet, SOON);
	assert_int_equal(counts.delivered, 0);
	assert_int_equal(counts.dropped, 12);
	assert_true(gatherer.target.end_ns > 0);
}

/* What a target gave up is no longer delivered. */
static void test_given_up(void **state)
{
	struct gatherer gatherer = { .give_up = 3 };
	struct outlet *outlet = start_gathering(&gatherer, 100);
	struct outlet_counts counts;

	(void)state;
	offer(outlet, 1, 20);
	wait_for(&gatherer.sent, 20);
	counts = stop(outlet, SOON);
	assert_int_equal(counts.delivered + counts.dropped, 20);
	assert_true(counts.dropped >= 3 && counts.dropped % 3 == 0);
}

/* A target that asks to be left alone is, but at the end. */
static void test_asked_to_wait(void **state)
{
	struct gatherer gatherer = { .fail = EBUSY, .target.pause_ns = 3600 * SOON };
	struct outlet *outlet = start_gathering(&gatherer, 100);
	struct outlet_counts counts;

	(void)state;
	offer(outlet, 1, 1);
	wait_for(&gatherer.flushes, 1);
	gatherer.fail = 0;
	usleep(1500 * MS); /* its own pauses are shorter */
	assert_int_equal(gatherer.flushes, 1);
	counts = stop(outlet, SOON);
	assert_int_equal(counts.delivered, 1);
	assert_int_equal(gatherer.sent, 1);
}

static void test_no_target(void **state)
{
	(void)state;
	assert_null(outlet_start(NULL, NULL, NULL));
}

static void test_fanout_is_bounded(void **state)
{
	static struct puppet puppets[FANOUT_MOST + 1];
	struct sink *sink = sink_fanout_new(NULL);
	struct outlet *last;
	uint64_t lost;

	(void)state;
	assert_non_null(sink);
	assert_false(sink_fanout_add(sink, NULL));
	for (int i = 0; i <= FANOUT_MOST; i++) {
		puppet_make(&puppets[i], &ops);
		last = outlet_start(&puppets[i].target, NULL, NULL);
		assert_int_equal(sink_fanout_add(sink, last), i < FANOUT_MOST);
	}
	(void)stop(last, SOON);
	(void)sink_fanout_stop(sink, SOON, &lost);
	assert_int_equal(lost, 0);
	assert_false(sink_fanout_hangs(sink));
	for (int i = 0; i <= FANOUT_MOST; i++)
		assert_int_equal(puppets[i].freed, 1);
	sink_free(sink);
}

/* Whoever hangs at the end is left behind with all that is its own, and that is told. */
static void test_hanging_at_the_end(void **state)
{
	static struct puppet hanging, other;
	struct sink *sink = sink_fanout_new(NULL);
	static struct outlet *outlet; /* never freed */
	uint64_t lost;

	(void)state;
	puppet_make(&hanging, &plain_ops);
	puppet_make(&other, &ops);
	(void)pthread_mutex_lock(&hanging.gate);
	outlet = outlet_start(&hanging.target, NULL, NULL);
	assert_true(sink_fanout_add(sink, outlet));
	assert_true(sink_fanout_add(sink, outlet_start(&other.target, NULL, NULL)));
	offer(outlet, 1, 3);
	wait_for(&hanging.attempts, 1);
	assert_false(sink_fanout_hangs(sink));
	(void)sink_fanout_stop(sink, MS, &lost);
	assert_true(sink_fanout_hangs(sink));
	assert_int_equal(lost, 3);
	assert_int_equal(hanging.freed, 0);
	assert_int_equal(other.freed, 1);
	(void)pthread_mutex_unlock(&hanging.gate);
	wait_for(&hanging.delivered, 1);
	sink_free(sink);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_in_order),
		cmocka_unit_test(test_in_a_storm),
		cmocka_unit_test(test_hanging),
		cmocka_unit_test(test_bytes),
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
		cmocka_unit_test(test_no_target),
		cmocka_unit_test(test_fanout_is_bounded),
		cmocka_unit_test(test_hanging_at_the_end),
	};

	return cmocka_run_group_tests_name("outlet", tests, NULL, NULL);
}
