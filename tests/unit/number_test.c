// SPDX-License-Identifier: BSD-2-Clause
/* Numbers in text of others. */
#include "unit.h"

#include "base/number.h"

static void test_whole(void **state)
{
	static const struct {
		const char *text;
		uint64_t number;
	} good[] = {
		{ "0", 0 },
		{ "007", 7 },
		{ "1000000", 1000000 },
		{ "18446744073709551615", UINT64_MAX },
	};
	static const char *const bad[] = {
		"", " 1", "1 ", "+1", "-1", "1us", "0x1", "1\n", "1.5", "18446744073709551616",
	};

	(void)state;
	for (size_t i = 0; i < COUNT(good); i++) {
		uint64_t number = 99;

		assert_true(number_parse(good[i].text, &number));
		assert_int_equal(number, good[i].number);
	}
	for (size_t i = 0; i < COUNT(bad); i++) {
		uint64_t number = 99;

		assert_false(number_parse(bad[i], &number));
		assert_int_equal(number, 99);
	}
}

static void test_begin(void **state)
{
	static const char text[] = "fD:1a";
	uint64_t number = 99;

	(void)state;
	assert_ptr_equal(number_read(text, 16, &number), text + 2);
	assert_int_equal(number, 0xfd);
	assert_null(number_read(text, 10, &number));
	assert_null(number_read(text + 2, 16, &number));
	assert_null(number_read("10000000000000000", 16, &number));
	assert_int_equal(number, 0xfd);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_whole),
		cmocka_unit_test(test_begin),
	};

	return cmocka_run_group_tests_name("number", tests, NULL, NULL);
}
