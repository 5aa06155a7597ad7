// SPDX-License-Identifier: BSD-2-Clause
/* What the outlets of a fan-out get, one after another. */
#include "unit.h"

#include "base/clock.h"
#include "outlet/fanout.h"

#include <stdatomic.h>
#include <string.h>

#define SOON ((uint64_t)NS_PER_S)

struct puppet {
	struct outlet outlet;
	atomic_uint deaths, losses;
};

static int deliver(struct outlet *outlet, const struct event *event)
{
	struct puppet *puppet = (struct puppet *)outlet;

	atomic_fetch_add(event->is_death ? &puppet->deaths : &puppet->losses, 1);
	return 0;
}

static void let_go(struct outlet *outlet)
{
	(void)outlet;
}

static const struct outlet_ops ops = {
	.name = "puppet",
	.deliver = deliver,
	.free = let_go,
};

static struct puppet puppet;
static struct ledger_outlet mark;
static struct fanout *fanout;

static int begin(void **state)
{
	(void)state;
	memset(&puppet, 0, sizeof(puppet));
	memset(&mark, 0, sizeof(mark));
	puppet.outlet.ops = &ops;
	fanout = fanout_new(NULL);
	return fanout && fanout_add(fanout, outlet_thread_start(&puppet.outlet, NULL, &mark)) ? 0
											      : -1;
}

static int end(void **state)
{
	(void)state;
	fanout_free(fanout);
	return 0;
}

static void dies(uint64_t sequence)
{
	static struct attribution whose;
	static struct origin origin;
	static struct death death;
	struct report report = { .origin = &origin, .death = &death, .whose = &whose };

	death.sequence = sequence;
	fanout_death(fanout, &report);
}

static void loses(enum loss loss)
{
	static struct origin origin;
	struct losses losses = { .count = { 0 } };

	losses.count[loss] = 1;
	fanout_losses(fanout, &origin, &losses, 1);
}

/*
 * Even after many losses between two deaths, the second one is not taken for one that came before.
 */
static void test_many_losses_between_deaths(void **state)
{
	uint64_t lost;

	(void)state;
	dies(1000);
	for (int i = 0; i < 100; i++)
		loses(LOSS_EVIDENCE_SLOT);
	dies(1004); /* right after the smallest possible record */
	assert_int_equal(fanout_stop(fanout, SOON, &lost), 0);
	assert_int_equal(lost, 0);
	assert_int_equal(puppet.deaths, 2);
	assert_int_equal(puppet.losses, 100);
	assert_int_equal(mark.safe, 1004);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_many_losses_between_deaths, begin, end),
	};

	return cmocka_run_group_tests_name("fanout", tests, NULL, NULL);
}
