// SPDX-License-Identifier: BSD-2-Clause
/* The table of hooks is complete: a missing row would be a program without a name. */
#include "source/hooks.h"

#include "unit.h"

static void each_has_a_row(void **state)
{
	(void)state;
	for (int i = 0; i < HOOK_COUNT; i++) {
		assert_non_null(hook_name((enum hook)i));
		assert_non_null(hook_cost((enum hook)i));
		assert_int_equal(hook_by_name(hook_name((enum hook)i)), i);
		assert_int_equal(hook_test((enum hook)i) != HOOK_TEST_NONE, i < HOOK_PROGRAMS);
	}
}

static void unknown_name(void **state)
{
	(void)state;
	assert_int_equal(hook_by_name("signal"), HOOK_COUNT);
	assert_int_equal(hook_by_name(""), HOOK_COUNT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_has_a_row),
		cmocka_unit_test(unknown_name),
	};

	return cmocka_run_group_tests_name("hooks", tests, NULL, NULL);
}
