// SPDX-License-Identifier: BSD-2-Clause
/* When a miss is a loss. */
#include "source/settle.h"

#include "unit.h"

#define SECOND 1000000000ULL

static void nothing_is_open(void **state)
{
	struct settle settle = { 0 };

	(void)state;
	settle_look(&settle, 0, SECOND);
	assert_false(settle_is_unsure(&settle));
	settle_end(&settle);
	assert_int_equal(settle.sure, 0);
}

/* Misses of threads that were seen a little later, in one of the looks. */
static void on_their_way(void **state)
{
	const uint64_t open[] = { 3, 1, 2, 0, 5, 1, 1, 1, 0, 2, 1, 4, 0, 0 };
	struct settle settle = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof(open) / sizeof(open[0]); i++)
		settle_look(&settle, open[i], (i + 1) * SECOND);
	assert_int_equal(settle.sure, 0);
	assert_false(settle_is_unsure(&settle));
}

static void lost(void **state)
{
	struct settle settle = { 0 };

	(void)state;
	settle_look(&settle, 2, SECOND);
	settle_look(&settle, 3, 2 * SECOND);
	assert_int_equal(settle.sure, 0);
	assert_true(settle_is_unsure(&settle));
	settle_look(&settle, 3, SECOND + SETTLE_NS);
	assert_int_equal(settle.sure, 2);
	assert_true(settle_is_unsure(&settle));
	settle_look(&settle, 3, SECOND + 2 * SETTLE_NS);
	assert_int_equal(settle.sure, 3);
	assert_false(settle_is_unsure(&settle));
}

static void at_the_end(void **state)
{
	struct settle settle = { 0 };

	(void)state;
	settle_look(&settle, 2, SECOND);
	settle_look(&settle, 1, 2 * SECOND);
	settle_end(&settle);
	assert_int_equal(settle.sure, 1);
	assert_false(settle_is_unsure(&settle));
}

/* A counter that could not be read. */
static void never_less(void **state)
{
	struct settle settle = { 0 };

	(void)state;
	settle_look(&settle, 2, SECOND);
	settle_end(&settle);
	settle_look(&settle, 0, 2 * SECOND);
	settle_end(&settle);
	assert_int_equal(settle.sure, 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_is_open),
		cmocka_unit_test(on_their_way),
		cmocka_unit_test(lost),
		cmocka_unit_test(at_the_end),
		cmocka_unit_test(never_less),
	};

	return cmocka_run_group_tests_name("settle", tests, NULL, NULL);
}
