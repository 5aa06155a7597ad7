// SPDX-License-Identifier: BSD-2-Clause
/* Numbers in foreign text. */
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

static void test_line(void **state)
{
	static const char *const bad[] = {
		"", "\n", " 1\n", "1 \n", "1\n\n", "1\n2", "1x\n", "-1\n"
	};
	uint64_t number = 99;

	(void)state;
	for (size_t i = 0; i < COUNT(bad); i++)
		assert_false(number_parse_line(bad[i], &number));
	assert_int_equal(number, 99);
	assert_true(number_parse_line("12\n", &number));
	assert_int_equal(number, 12);
	assert_true(number_parse_line("13", &number));
	assert_int_equal(number, 13);
}

static void test_fields(void **state)
{
	static const char *const bad[] = { "",
					   "1",
					   "1 ",
					   "1 2",
					   "1 2\n",
					   "1  2 ",
					   " 1 2 ",
					   "1 2x ",
					   "-1 2 ",
					   "1\t2 ",
					   "1 18446744073709551616 " };
	uint64_t numbers[2] = { 0 };

	(void)state;
	for (size_t i = 0; i < COUNT(bad); i++)
		assert_false(number_read_fields(bad[i], 2, numbers));
	assert_true(number_read_fields("12 34 x", 2, numbers));
	assert_int_equal(numbers[0], 12);
	assert_int_equal(numbers[1], 34);
}

static void test_decimal(void **state)
{
	static const struct {
		const char *text, *rest;
		uint64_t number; /* in hundredths */
	} good[] = {
		{ "0", "", 0 },
		{ "12", "", 1200 },
		{ "1.5s", "s", 150 },
		{ ".25.", ".", 25 },
		{ "3.", "", 300 },
		{ "0.019", "", 1 },
		{ "1e3", "e3", 100 },
		{ "0x10", "x10", 0 },
		{ "184467440737095516.15", "", UINT64_MAX },
	};
	static const char *const bad[] = {
		"",
		".",
		"-1",
		"+1",
		" 1",
		"nan",
		"inf",
		"184467440737095516.16",
		"184467440737095517",
		"18446744073709551616",
	};
	uint64_t number = 99;

	(void)state;
	for (size_t i = 0; i < COUNT(bad); i++)
		assert_null(number_read_decimal(bad[i], 100, &number));
	assert_int_equal(number, 99);
	for (size_t i = 0; i < COUNT(good); i++) {
		const char *end = number_read_decimal(good[i].text, 100, &number);

		assert_non_null(end);
		assert_string_equal(end, good[i].rest);
		assert_true(number == good[i].number);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_whole),   cmocka_unit_test(test_begin),
		cmocka_unit_test(test_line),    cmocka_unit_test(test_fields),
		cmocka_unit_test(test_decimal),
	};

	return cmocka_run_group_tests_name("number", tests, NULL, NULL);
}
