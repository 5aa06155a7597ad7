// SPDX-License-Identifier: BSD-2-Clause
/* Outlets that leave something to the next agent: what is safe, what is at risk, what comes again. */
#include "unit.h"

#include "base/clock.h"
#include "sink/outlet.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MS 1000
#define SOON ((uint64_t)NS_PER_S)
#define QUEUE 4096 /* events that an outlet has room for */

struct puppet {
	struct target target;
	pthread_mutex_t gate; /* held: deliver hangs */
	atomic_uint attempts, delivered;
	atomic_int failing_flush;
	uint64_t last;
	atomic_bool disorder;
};

static int deliver(struct target *target, const struct event *event)
{
	struct puppet *puppet = (struct puppet *)target;

	atomic_fetch_add(&puppet->attempts, 1);
	(void)pthread_mutex_lock(&puppet->gate);
	(void)pthread_mutex_unlock(&puppet->gate);
	if (event->sequence <= puppet->last)
		atomic_store(&puppet->disorder, true);
	puppet->last = event->sequence;
	atomic_fetch_add(&puppet->delivered, 1);
	return 0;
}

static int flush(struct target *target)
{
	return -atomic_load(&((struct puppet *)target)->failing_flush);
}

static void let_go(struct target *target)
{
	(void)target;
}

static const struct target_ops plain_ops = { "plain", deliver, NULL, NULL, let_go, NULL };
static const struct target_ops holding_ops = { "holding", deliver, flush, NULL, let_go, NULL };

static struct puppet puppet;
static struct ledger_sink mark;
static struct outlet *outlet;

static void begin(const struct target_ops *with)
{
	memset(&puppet, 0, sizeof(puppet));
	puppet.target.ops = with;
	puppet.target.gather_ms = 1;
	puppet.target.safe_when_flushed = with == &holding_ops;
	puppet.target.holds = with == &holding_ops;
	(void)pthread_mutex_init(&puppet.gate, NULL);
	outlet = outlet_start(&puppet.target, NULL, &mark);
	assert_non_null(outlet);
}

static struct outlet_counts end(uint64_t patience_ns)
{
	struct outlet_counts counts;

	outlet_order_end(outlet, patience_ns);
	outlet_stop(outlet, &counts);
	assert_false(puppet.disorder);
	return counts;
}

static void offer(uint64_t first, uint64_t last, bool is_death)
{
	for (uint64_t i = first; i <= last; i++) {
		struct event *event = malloc(sizeof(*event) + 2);

		assert_non_null(event);
		atomic_init(&event->references, 1);
		event->is_death = is_death;
		event->sequence = i;
		event->realtime_ns = 0;
		event->size = 1;
		memcpy(event->line, "\n", 2);
		outlet_offer(outlet, event);
		event_unref(event);
	}
	outlet_wake(outlet);
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

/* What the agent before this one has written is not written again. */
static void test_goes_on(void **state)
{
	(void)state;
	atomic_store(&mark.safe, 5);
	begin(&plain_ops);
	offer(1, 10, true);
	wait_until_delivered(5);
	/* losses can have the number of a death that has been here before: nothing comes again for that */
	puppet.last = 0;
	offer(3, 3, false);
	wait_until_delivered(6);
	puppet.last = 10;
	offer(1, 10, true);
	assert_int_equal(end(SOON).dropped, 0);
	assert_int_equal(mark.safe, 10);
	assert_int_equal(mark.risked, 0);
}

/* The target itself can know better. */
static void test_has(void **state)
{
	(void)state;
	atomic_store(&mark.safe, 5);
	memset(&puppet, 0, sizeof(puppet));
	puppet.target.ops = &plain_ops;
	puppet.target.has = 7;
	(void)pthread_mutex_init(&puppet.gate, NULL);
	outlet = outlet_start(&puppet.target, NULL, &mark);
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

/* What finds no room comes again, in its order, and nothing is lost. */
static void test_comes_again(void **state)
{
	const uint64_t count = QUEUE + 500;
	bool ready;

	(void)state;
	begin(&plain_ops);
	(void)pthread_mutex_lock(&puppet.gate);
	offer(1, count, true);
	assert_int_equal(outlet_first_unsafe(outlet), 1);
	assert_int_equal(outlet_behind(outlet, &ready), QUEUE + 1);
	assert_false(ready);
	assert_int_equal(mark.safe, 0);
	(void)pthread_mutex_unlock(&puppet.gate);
	wait_until_delivered(QUEUE);
	assert_int_equal(outlet_behind(outlet, &ready), QUEUE + 1);
	assert_true(ready);
	assert_int_equal(mark.safe, QUEUE);
	/* only from there on, and not what is new meanwhile */
	offer(count + 1, count + 1, true);
	offer(QUEUE - 10, count + 1, true);
	wait_until_delivered((unsigned int)count + 1);
	assert_int_equal(outlet_behind(outlet, &ready), 0);
	assert_int_equal(end(SOON).dropped, 0);
	assert_int_equal(mark.safe, count + 1);
}

/* Once the ring buffer has let go of it, what found no room is lost, and what waits is at risk. */
static void test_at_risk(void **state)
{
	bool ready;

	(void)state;
	begin(&plain_ops);
	(void)pthread_mutex_lock(&puppet.gate);
	offer(1, QUEUE + 500, true);
	outlet_risk(outlet, QUEUE + 500);
	assert_int_equal(mark.risked, QUEUE);
	assert_int_equal(outlet_behind(outlet, &ready), 0);
	(void)pthread_mutex_unlock(&puppet.gate);
	wait_until_delivered(QUEUE);
	assert_int_equal(end(SOON).dropped, 500);
	assert_int_equal(mark.risked, 0);
	assert_int_equal(mark.safe, QUEUE + 500);
}

/* At the end: what the ring buffer still has is left, what it has not is lost. */
static void test_left(void **state)
{
	struct outlet_counts counts;

	(void)state;
	begin(&plain_ops);
	(void)pthread_mutex_lock(&puppet.gate);
	offer(1, 10, true);
	for (int i = 0; i < 10000 && !puppet.attempts; i++)
		usleep(1 * MS);
	outlet_risk(outlet, 4);
	outlet_order_end(outlet, 1);
	usleep(10 * MS);
	(void)pthread_mutex_unlock(&puppet.gate);
	outlet_stop(outlet, &counts);
	/* the first was in the target's hands */
	assert_int_equal(counts.delivered, 1);
	assert_int_equal(counts.dropped, 3);
	assert_int_equal(counts.left, 6);
	assert_int_equal(counts.first_unsafe, 2);
}

/* Delivered is not safe, where only a flush makes it so. */
static void test_safe_when_flushed(void **state)
{
	struct outlet_counts counts;

	(void)state;
	begin(&holding_ops);
	atomic_store(&puppet.failing_flush, 28);
	offer(1, 10, true);
	wait_until_delivered(10);
	assert_int_equal(outlet_first_unsafe(outlet), 1);
	assert_int_equal(mark.safe, 0);
	outlet_risk(outlet, 10);
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
		cmocka_unit_test_setup(test_at_risk, forget),
		cmocka_unit_test_setup(test_left, forget),
		cmocka_unit_test_setup(test_safe_when_flushed, forget),
	};

	return cmocka_run_group_tests_name("outlet_mark", tests, NULL, NULL);
}
