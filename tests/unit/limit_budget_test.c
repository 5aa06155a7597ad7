// SPDX-License-Identifier: BSD-2-Clause
/* How often cgroups may be looked at: a crowd of them, and one that takes what it can get. */
#include "unit.h"

#include "base/clock.h"
#include "source/limit_budget.h"

#define S ((uint64_t)NS_PER_S)
#define MS (S / 1000)
#define BEGIN (1000 * S)
#define NOISY 7

static struct limit_budget budget;

static int begin(void **state)
{
	(void)state;
	budget = (struct limit_budget){ 0 };
	return 0;
}

/* Whether there was a look. */
static bool look(uint64_t cgroup_id, uint64_t now_ns, uint64_t spent_ns)
{
	if (!limit_budget_allows(&budget, cgroup_id, now_ns))
		return false;
	limit_budget_count(&budget, cgroup_id, now_ns, spent_ns);
	return true;
}

/* Two kills in a row get a look each. */
static void test_two_in_a_row(void **state)
{
	(void)state;
	assert_true(look(1, BEGIN, MS));
	assert_true(look(1, BEGIN + 1, MS));
	assert_false(look(1, BEGIN + 100 * MS, MS));
	assert_true(look(2, BEGIN + 100 * MS, MS));
	assert_true(look(1, BEGIN + 100 * MS + 1, MS));
	/* also over the end of a second */
	assert_true(look(3, BEGIN + 999 * MS, MS));
	assert_true(look(3, BEGIN + 999 * MS, MS));
	assert_false(look(3, BEGIN + S, MS));
}

static void test_all_of_a_second(void **state)
{
	(void)state;
	for (uint64_t i = 0; i < LIMIT_LOOKS_MOST; i++)
		assert_true(look(100 + i, BEGIN + i, 0));
	assert_false(look(99, BEGIN + S - 1, 0));
	assert_true(look(99, BEGIN + S, 0));
	/* and of its time: the look that ends it is the last */
	assert_true(look(98, BEGIN + S, 49 * MS));
	assert_true(look(97, BEGIN + S, MS));
	assert_false(look(96, BEGIN + 2 * S - 1, MS));
	assert_true(look(96, BEGIN + 2 * S, MS));
}

/* It is killed in every millisecond, before each of the others, for three seconds. */
static void test_a_crowd_and_a_noisy_one(void **state)
{
	enum { SECONDS = 3, CROWD = 24 };
	unsigned int noisy, others;

	(void)state;
	for (uint64_t second = 0; second < SECONDS; second++) {
		noisy = others = 0;
		for (uint64_t ms = 0; ms < 1000; ms++) {
			const uint64_t now_ns = BEGIN + second * S + ms * MS;

			noisy += look(NOISY, now_ns, MS / 10);
			if (ms % 40 == 39 && ms / 40 < CROWD) {
				assert_true(look(100 + ms / 40, now_ns, MS / 10));
				others++;
			}
		}
		assert_int_equal(others, CROWD);
		assert_int_equal(noisy, LIMIT_LOOKS_MOST / 4);
	}
}

/* Its looks take long, since it has many processes. */
static void test_a_slow_one(void **state)
{
	unsigned int slow = 0;

	(void)state;
	for (uint64_t ms = 0; ms < 900; ms++)
		slow += look(NOISY, BEGIN + ms * MS, 20 * MS);
	assert_int_equal(slow, 2);
	assert_true(look(1, BEGIN + 950 * MS, MS));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_two_in_a_row, begin),
		cmocka_unit_test_setup(test_all_of_a_second, begin),
		cmocka_unit_test_setup(test_a_crowd_and_a_noisy_one, begin),
		cmocka_unit_test_setup(test_a_slow_one, begin),
	};

	return cmocka_run_group_tests_name("limit_budget", tests, NULL, NULL);
}
