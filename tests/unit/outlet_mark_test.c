// SPDX-License-Identifier: BSD-2-Clause
/* Outlets that leave events to the next agent: what is safe, what is at risk, what comes again. */
#include "unit.h"

#include "events.h"
#include "base/clock.h"
#include "outlet/outlet_thread.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MS 1000
#define SOON ((uint64_t)NS_PER_S)
#define QUEUE 4096 /* the queue of an outlet, in events */

struct puppet {
	struct outlet outlet;
	pthread_mutex_t gate; /* held: deliver hangs */
	atomic_uint attempts, delivered;
	atomic_int failing_flush;
	atomic_uint failing_after; /* fails after that many; 0: never */
	uint64_t last;
	atomic_bool disorder;
};

static int deliver(struct outlet *outlet, const struct event *event)
{
	struct puppet *puppet = (struct puppet *)outlet;

	atomic_fetch_add(&puppet->attempts, 1);
	(void)pthread_mutex_lock(&puppet->gate);
	(void)pthread_mutex_unlock(&puppet->gate);
	if (puppet->failing_after && puppet->delivered >= puppet->failing_after)
		return -EIO;
	if (event->sequence && event->sequence <= puppet->last)
		atomic_store(&puppet->disorder, true);
	if (event->sequence)
		puppet->last = event->sequence;
	atomic_fetch_add(&puppet->delivered, 1);
	return 0;
}

static int flush(struct outlet *outlet)
{
	return -atomic_load(&((struct puppet *)outlet)->failing_flush);
}

static void let_go(struct outlet *outlet)
{
	(void)outlet;
}

static const struct outlet_ops plain_ops = {
	.name = "plain",
	.deliver = deliver,
	.free = let_go,
};
static const struct outlet_ops holding_ops = {
	.name = "holding",
	.deliver = deliver,
	.flush = flush,
	.free = let_go,
};

static struct puppet puppet;
static struct ledger_outlet mark;
static struct outlet_thread *thread;

static void begin(const struct outlet_ops *with)
{
	memset(&puppet, 0, sizeof(puppet));
	puppet.outlet.ops = with;
	puppet.outlet.gather_ms = 1;
	puppet.outlet.safe_when_flushed = with == &holding_ops;
	puppet.outlet.holds = with == &holding_ops;
	(void)pthread_mutex_init(&puppet.gate, NULL);
	thread = outlet_thread_start(&puppet.outlet, NULL, &mark);
	assert_non_null(thread);
}

static struct outlet_counts end(uint64_t patience_ns)
{
	struct outlet_counts counts;

	outlet_thread_order_end(thread, patience_ns);
	outlet_thread_stop(thread, &counts);
	assert_false(puppet.disorder);
	return counts;
}

static void offer(uint64_t first, uint64_t last, bool is_death)
{
	for (uint64_t i = first; i <= last; i++) {
		struct event *event = events_make("\n", 1, 0);

		event->is_death = is_death;
		event->sequence = i;
		outlet_thread_offer(thread, event);
		event_unref(event);
	}
	outlet_thread_wake(thread);
}

/* Two interleaved rows of folded deaths, 20 and 10. */
static void offer_rows(uint64_t first, uint64_t last)
{
	struct event *event = events_make("\n", 1, 0);

	event->is_death = true;
	event->sequence = last;
	event->span = last - first;
	event->folded = 19;
	event->next = events_make("\n", 1, 0);
	event->next->is_death = true;
	event->next->folded = 9;
	outlet_thread_offer(thread, event);
	event_unref(event);
	outlet_thread_wake(thread);
}

static void wait_until_delivered(unsigned int count)
{
	for (int i = 0; i < 10000 && puppet.delivered < count; i++)
		usleep(1 * MS);
	assert_int_equal(puppet.delivered, count);
}

static int forget(void **state)
{
	(void)state;
	memset(&mark, 0, sizeof(mark));
	return 0;
}

/* Events that the agent before this one has written are not written again. */
static void test_goes_on(void **state)
{
	(void)state;
	atomic_store(&mark.safe, 5);
	begin(&plain_ops);
	offer(1, 10, true);
	wait_until_delivered(5);
	/* losses can have the number of an earlier death: nothing comes again for that */
	puppet.last = 0;
	offer(3, 3, false);
	wait_until_delivered(6);
	puppet.last = 10;
	offer(1, 10, true);
	assert_int_equal(end(SOON).dropped, 0);
	assert_int_equal(mark.safe, 10);
	assert_int_equal(mark.risked, 0);
}

/* The outlet itself can know more. */
static void test_has(void **state)
{
	(void)state;
	atomic_store(&mark.safe, 5);
	memset(&puppet, 0, sizeof(puppet));
	puppet.outlet.ops = &plain_ops;
	puppet.outlet.has = 7;
	(void)pthread_mutex_init(&puppet.gate, NULL);
	thread = outlet_thread_start(&puppet.outlet, NULL, &mark);
	offer(6, 9, true);
	wait_until_delivered(2);
	(void)end(SOON);
}

static void test_lost_with_the_one_before(void **state)
{
	(void)state;
	atomic_store(&mark.risked, 3);
	begin(&plain_ops);
	assert_int_equal(mark.risked, 0);
	assert_int_equal(end(SOON).dropped, 3);
}

/* Events without room come again in order, and nothing is lost. */
static void test_comes_again(void **state)
{
	const uint64_t count = QUEUE + 500;
	bool ready;

	(void)state;
	begin(&plain_ops);
	(void)pthread_mutex_lock(&puppet.gate);
	offer(1, count, true);
	assert_int_equal(outlet_thread_first_unsafe(thread), 1);
	assert_int_equal(outlet_thread_behind(thread, &ready), QUEUE + 1);
	assert_false(ready);
	assert_int_equal(mark.safe, 0);
	(void)pthread_mutex_unlock(&puppet.gate);
	wait_until_delivered(QUEUE);
	assert_int_equal(outlet_thread_behind(thread, &ready), QUEUE + 1);
	assert_true(ready);
	assert_int_equal(mark.safe, QUEUE);
	/* only from there on, and no new ones in the meantime */
	offer(count + 1, count + 1, true);
	offer(QUEUE - 10, count + 1, true);
	wait_until_delivered((unsigned int)count + 1);
	assert_int_equal(outlet_thread_behind(thread, &ready), 0);
	assert_int_equal(end(SOON).dropped, 0);
	assert_int_equal(mark.safe, count + 1);
}

/* Rows are written when the last of them is; their deaths do not come again. */
static void test_rows(void **state)
{
	struct outlet_counts counts;

	(void)state;
	begin(&plain_ops);
	offer(1, 10, true);
	wait_until_delivered(10);
	puppet.failing_after = 11;
	offer_rows(11, 40);
	for (int i = 0; i < 10000 && puppet.attempts < 12; i++)
		usleep(1 * MS);
	assert_int_equal(puppet.delivered, 11);
	assert_int_equal(outlet_thread_first_unsafe(thread), 11);
	assert_int_equal(mark.safe, 10);
	puppet.failing_after = 0;
	wait_until_delivered(12);
	/* none of these comes again */
	offer(11, 40, true);
	counts = end(SOON);
	assert_int_equal(puppet.delivered, 12);
	assert_int_equal(counts.delivered, 40);
	assert_int_equal(counts.dropped, 0);
	assert_int_equal(mark.safe, 40);
}

/*
 * Written events are counted where the next agent finds them: records, and deaths in other records.
 */
static void test_counts(void **state)
{
	struct ledger_counts counts = { 100, 1000 };

	(void)state;
	memset(&puppet, 0, sizeof(puppet));
	puppet.outlet.ops = &holding_ops;
	puppet.outlet.safe_when_flushed = puppet.outlet.holds = puppet.outlet.takes_rows = true;
	puppet.outlet.counts = &counts;
	puppet.failing_flush = EIO;
	(void)pthread_mutex_init(&puppet.gate, NULL);
	thread = outlet_thread_start(&puppet.outlet, NULL, &mark);
	offer(1, 10, true);
	offer_rows(11, 40);
	offer(41, 41, false);
	wait_until_delivered(12);
	assert_int_equal(counts.reported, 100);
	assert_int_equal(counts.folded, 1000);
	puppet.failing_flush = 0;
	assert_int_equal(end(SOON).dropped, 0);
	assert_int_equal(counts.reported, 100 + 10 + 2);
	assert_int_equal(counts.folded, 1000 + 28);
}

/* An outlet that writes all or nothing gets all rows at once. */
static void test_rows_at_once(void **state)
{
	(void)state;
	begin(&plain_ops);
	puppet.outlet.takes_rows = true;
	offer_rows(11, 40);
	wait_until_delivered(1);
	assert_int_equal(end(SOON).delivered, 30);
	assert_int_equal(mark.safe, 40);
}

/* Rows that were gathered before the last one are not safe when those are flushed. */
static void test_rows_flushed_in_between(void **state)
{
	(void)state;
	begin(&holding_ops);
	puppet.failing_after = 1;
	offer_rows(11, 40);
	for (int i = 0; i < 10000 && puppet.attempts < 3; i++)
		usleep(1 * MS);
	assert_int_equal(outlet_thread_first_unsafe(thread), 11);
	assert_int_equal(mark.safe, 0);
	puppet.failing_after = 0;
	wait_until_delivered(2);
	assert_int_equal(end(SOON).delivered, 30);
	assert_int_equal(mark.safe, 40);
}

/* Rows without room come again as their deaths, all or none of them. */
static void test_rows_come_again(void **state)
{
	struct outlet_counts counts;
	bool ready;

	(void)state;
	begin(&plain_ops);
	(void)pthread_mutex_lock(&puppet.gate);
	offer(1, QUEUE, true);
	offer_rows(QUEUE + 1, QUEUE + 30);
	assert_int_equal(outlet_thread_behind(thread, &ready), QUEUE + 1);
	(void)pthread_mutex_unlock(&puppet.gate);
	wait_until_delivered(QUEUE);
	offer(QUEUE + 1, QUEUE + 30, true);
	wait_until_delivered(QUEUE + 30);
	assert_int_equal(outlet_thread_behind(thread, &ready), 0);
	counts = end(SOON);
	assert_int_equal(counts.delivered, QUEUE + 30);
	assert_int_equal(counts.dropped, 0);
}

/* Losses are counted in deaths. */
static void test_rows_at_risk(void **state)
{
	struct outlet_counts counts;

	(void)state;
	begin(&plain_ops);
	(void)pthread_mutex_lock(&puppet.gate);
	offer(1, 1, true);
	offer_rows(2, 40);
	assert_int_equal(outlet_thread_risk(thread, 1), 0);
	assert_int_equal(mark.risked, 1);
	assert_int_equal(outlet_thread_risk(thread, 40), 0);
	assert_int_equal(mark.risked, 1 + 30);
	offer(41, QUEUE + 100, true);
	offer_rows(2 * QUEUE, 3 * QUEUE);
	assert_int_equal(outlet_thread_risk(thread, 4 * QUEUE), 3 * QUEUE);
	(void)pthread_mutex_unlock(&puppet.gate);
	wait_until_delivered(QUEUE + 1);
	counts = end(SOON);
	/* the queue took 2 events for 31 deaths, and QUEUE - 2 more */
	assert_int_equal(counts.dropped, (QUEUE + 60) - (QUEUE - 2) + 30);
	assert_int_equal(counts.delivered, 31 + QUEUE - 2);
}

/*
 * If the ring buffer has released a part of some rows, none of them come again: all are counted.
 * The same holds for events gathered for one flush.
 */
static void test_partly_at_risk(void **state)
{
	(void)state;
	begin(&plain_ops);
	(void)pthread_mutex_lock(&puppet.gate);
	offer(1, 1, true);
	offer_rows(2, 40);
	offer(41, 50, true);
	assert_int_equal(outlet_thread_risk(thread, 5), 0);
	assert_int_equal(mark.risked, 1 + 30);
	assert_int_equal(mark.safe, 40);
	assert_int_equal(outlet_thread_first_unsafe(thread), 1);
	(void)pthread_mutex_unlock(&puppet.gate);
	wait_until_delivered(13);
	assert_int_equal(end(SOON).dropped, 0);
	assert_int_equal(mark.risked, 0);
	assert_int_equal(mark.safe, 50);
	begin(&holding_ops);
	puppet.failing_flush = EIO;
	offer(51, 60, true);
	wait_until_delivered(10);
	assert_int_equal(outlet_thread_risk(thread, 55), 0);
	assert_int_equal(mark.risked, 10);
	assert_int_equal(mark.safe, 60);
	assert_int_equal(outlet_thread_first_unsafe(thread), 51);
	puppet.failing_flush = 0;
	assert_int_equal(end(SOON).dropped, 0);
	assert_int_equal(mark.risked, 0);
}

/*
 * Once the ring buffer has released them, events without room are lost, and waiting events are at
 * risk.
 */
static void test_at_risk(void **state)
{
	bool ready;

	(void)state;
	begin(&plain_ops);
	(void)pthread_mutex_lock(&puppet.gate);
	offer(1, QUEUE + 500, true);
	outlet_thread_risk(thread, QUEUE + 500);
	assert_int_equal(mark.risked, QUEUE);
	assert_int_equal(outlet_thread_behind(thread, &ready), 0);
	(void)pthread_mutex_unlock(&puppet.gate);
	wait_until_delivered(QUEUE);
	assert_int_equal(end(SOON).dropped, 500);
	assert_int_equal(mark.risked, 0);
	assert_int_equal(mark.safe, QUEUE + 500);
}

/*
 * The ring buffer releases a part of the events without room: the rest comes again, whatever the
 * part.
 */
static void test_lost_in_part(void **state)
{
	const uint64_t skipped[] = { 1, 500, 100000 };

	(void)state;
	for (size_t i = 0; i < sizeof(skipped) / sizeof(skipped[0]); i++) {
		const uint64_t count = QUEUE + skipped[i], gone = QUEUE + (skipped[i] + 1) / 2;
		uint64_t behind, given_up;
		bool ready;

		memset(&mark, 0, sizeof(mark));
		begin(&plain_ops);
		(void)pthread_mutex_lock(&puppet.gate);
		offer(1, count, true);
		assert_int_equal(outlet_thread_risk(thread, QUEUE), 0);
		assert_int_equal(outlet_thread_behind(thread, &ready), QUEUE + 1);
		given_up = outlet_thread_risk(thread, gone);
		behind = outlet_thread_behind(thread, &ready);
		if (!behind)
			behind = count + 1;
		assert_in_range(behind, gone + 1, gone + skipped[i] / 16 + 64);
		assert_int_equal(given_up, behind - 1);
		(void)pthread_mutex_unlock(&puppet.gate);
		wait_until_delivered(QUEUE);
		for (uint64_t at = behind, last; at <= count; at = last + 1) {
			last = at + QUEUE / 2 > count ? count : at + QUEUE / 2;
			offer(at, last, true);
			wait_until_delivered((unsigned int)(QUEUE + last + 1 - behind));
		}
		assert_int_equal(outlet_thread_behind(thread, &ready), 0);
		assert_int_equal(end(SOON).dropped, behind - 1 - QUEUE);
		assert_int_equal(mark.safe, count);
	}
}

/* The ring buffer keeps what an outlet needs as long as that outlet makes progress. */
static void test_stalled(void **state)
{
	bool ready;

	(void)state;
	begin(&plain_ops);
	assert_int_equal(outlet_thread_needs(thread), 0);
	(void)pthread_mutex_lock(&puppet.gate);
	offer(1, QUEUE + 1, true);
	assert_int_equal(outlet_thread_needs(thread), QUEUE + 1);
	for (int i = 0; i < 10000 && outlet_thread_needs(thread); i++)
		usleep(1 * MS);
	assert_int_equal(outlet_thread_needs(thread), 0);
	assert_int_equal(outlet_thread_behind(thread, &ready), QUEUE + 1);
	(void)pthread_mutex_unlock(&puppet.gate);
	wait_until_delivered(QUEUE);
	assert_int_equal(outlet_thread_needs(thread), QUEUE + 1);
	assert_int_equal(end(SOON).left, 1);
}

/* At the end: what is still in the ring buffer is left, the rest is lost. */
static void test_left(void **state)
{
	struct outlet_counts counts;

	(void)state;
	begin(&plain_ops);
	(void)pthread_mutex_lock(&puppet.gate);
	offer(1, 10, true);
	for (int i = 0; i < 10000 && !puppet.attempts; i++)
		usleep(1 * MS);
	outlet_thread_risk(thread, 4);
	outlet_thread_order_end(thread, 1);
	usleep(10 * MS);
	(void)pthread_mutex_unlock(&puppet.gate);
	outlet_thread_stop(thread, &counts);
	/* the outlet was working on the first one */
	assert_int_equal(counts.delivered, 1);
	assert_int_equal(counts.dropped, 3);
	assert_int_equal(counts.left, 6);
	assert_int_equal(counts.first_unsafe, 2);
}

/* If only a flush makes an event safe, delivered is not safe. */
static void test_safe_when_flushed(void **state)
{
	struct outlet_counts counts;

	(void)state;
	begin(&holding_ops);
	atomic_store(&puppet.failing_flush, 28);
	offer(1, 10, true);
	wait_until_delivered(10);
	assert_int_equal(outlet_thread_first_unsafe(thread), 1);
	assert_int_equal(mark.safe, 0);
	outlet_thread_risk(thread, 10);
	assert_int_equal(mark.risked, 10);
	atomic_store(&puppet.failing_flush, 0);
	counts = end(SOON);
	assert_int_equal(counts.dropped, 0);
	assert_int_equal(counts.first_unsafe, 0);
	assert_int_equal(mark.safe, 10);
	assert_int_equal(mark.risked, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_goes_on, forget),
		cmocka_unit_test_setup(test_has, forget),
		cmocka_unit_test_setup(test_lost_with_the_one_before, forget),
		cmocka_unit_test_setup(test_comes_again, forget),
		cmocka_unit_test_setup(test_rows, forget),
		cmocka_unit_test_setup(test_rows_at_once, forget),
		cmocka_unit_test_setup(test_counts, forget),
		cmocka_unit_test_setup(test_rows_flushed_in_between, forget),
		cmocka_unit_test_setup(test_rows_come_again, forget),
		cmocka_unit_test_setup(test_partly_at_risk, forget),
		cmocka_unit_test_setup(test_rows_at_risk, forget),
		cmocka_unit_test_setup(test_at_risk, forget),
		cmocka_unit_test_setup(test_lost_in_part, forget),
		cmocka_unit_test_setup(test_stalled, forget),
		cmocka_unit_test_setup(test_left, forget),
		cmocka_unit_test_setup(test_safe_when_flushed, forget),
	};

	return cmocka_run_group_tests_name("outlet_mark", tests, NULL, NULL);
}
