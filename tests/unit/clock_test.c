// SPDX-License-Identifier: BSD-2-Clause
#include "unit.h"

#include "base/clock.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

struct time_case {
	int64_t ns;
	const char *text;
};

static const struct time_case times[] = {
	{ 0, "1970-01-01T00:00:00.000000000Z" },
	{ 1, "1970-01-01T00:00:00.000000001Z" },
	{ 999999999, "1970-01-01T00:00:00.999999999Z" },
	{ 1000000000, "1970-01-01T00:00:01.000000000Z" },
	{ -1, "1969-12-31T23:59:59.999999999Z" },
	{ -1000000000, "1969-12-31T23:59:59.000000000Z" },
	{ -1000000001, "1969-12-31T23:59:58.999999999Z" },
	{ 1709210096123456789, "2024-02-29T12:34:56.123456789Z" }, /* a leap day */
	{ 951782400000000000, "2000-02-29T00:00:00.000000000Z" },
	{ 1798761599999999999, "2026-12-31T23:59:59.999999999Z" },
	{ 2147483648000000000, "2038-01-19T03:14:08.000000000Z" },
	{ 4102444800000000000, "2100-01-01T00:00:00.000000000Z" },
	{ INT64_MAX, "2262-04-11T23:47:16.854775807Z" },
	{ INT64_MIN, "1677-09-21T00:12:43.145224192Z" },
};

static void test_rfc3339(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(times); i++) {
		char *text = malloc(CLOCK_RFC3339_SIZE); /* the sanitizer checks its end */

		assert_non_null(text);
		clock_rfc3339(times[i].ns, text);
		assert_string_equal(text, times[i].text);
		free(text);
	}
}

/* Two times of each day of each year that has room, compared with the C library. */
static void test_rfc3339_every_day(void **state)
{
	const int64_t first = INT64_MIN / NS_PER_S + 1, last = INT64_MAX / NS_PER_S;

	(void)state;
	for (int64_t second = first; second < last; second += 43199) {
		char text[CLOCK_RFC3339_SIZE], wanted[CLOCK_RFC3339_SIZE];
		const time_t t = (time_t)second;
		struct tm tm;

		assert_non_null(gmtime_r(&t, &tm));
		assert_int_not_equal(
			strftime(wanted, sizeof(wanted), "%Y-%m-%dT%H:%M:%S.000000000Z", &tm), 0);
		clock_rfc3339(second * NS_PER_S, text);
		assert_string_equal(text, wanted);
	}
}

static void test_rfc3339_is_utc_everywhere(void **state)
{
	static const char *const zones[] = { "America/St_Johns", "EST5EDT", "XYZ-14", "" };
	char text[CLOCK_RFC3339_SIZE];

	(void)state;
	for (size_t i = 0; i < COUNT(zones); i++) {
		assert_int_equal(setenv("TZ", zones[i], 1), 0);
		tzset();
		clock_rfc3339(1709210096123456789, text);
		assert_string_equal(text, "2024-02-29T12:34:56.123456789Z");
	}
	assert_int_equal(unsetenv("TZ"), 0);
}

static void test_rfc3339_read_back(void **state)
{
	static const char *const others[] = {
		"",
		"2024",
		"2024-02-30T00:00:00.000000000Z",
		"2024-02-29T12:34:56Z",
		"2024-02-29T12:34:56.1Z",
		"2024-02-29T12:34:56.1234567890Z",
		"2024-02-29T12:34:56.99999999999999999999Z",
		"2024-02-29T12:34:56.123456789",
		"2024-02-29T12:34:56.123456789+01:00",
		"2024-02-29T12:34:56.123456789Z ",
		"2024-02-29T12:34:56.-12345678Z",
		"9999-12-31T23:59:59.000000000Z",
		"99999999999-12-31T23:59:59.000000000Z",
	};
	int64_t ns = 4711;

	(void)state;
	for (size_t i = 0; i < COUNT(times); i++) {
		if (times[i].ns == INT64_MIN) /* the second begins before the range of 64 bits */
			continue;
		assert_true(clock_parse_rfc3339(times[i].text, &ns));
		assert_true(ns == times[i].ns);
	}
	ns = 4711;
	for (size_t i = 0; i < COUNT(others); i++)
		assert_false(clock_parse_rfc3339(others[i], &ns));
	assert_false(clock_parse_rfc3339(NULL, &ns));
	assert_int_equal(ns, 4711);
}

/* A boot-time stamp plus the offset is the wall clock; this test has just read both. */
static void test_offset_leads_to_the_wall_clock(void **state)
{
	struct timespec before, after;
	int64_t told;

	(void)state;
	assert_int_equal(clock_gettime(CLOCK_REALTIME, &before), 0);
	told = (int64_t)clock_boottime_ns() + clock_realtime_offset_ns();
	assert_int_equal(clock_gettime(CLOCK_REALTIME, &after), 0);
	/* the two clocks are read one after the other, and the wall clock may be slewed */
	assert_true(told >= before.tv_sec * NS_PER_S + before.tv_nsec - NS_PER_S);
	assert_true(told <= after.tv_sec * NS_PER_S + after.tv_nsec + NS_PER_S);
}

static void test_boottime_grows(void **state)
{
	uint64_t last = 0;

	(void)state;
	for (int i = 0; i < 1000; i++) {
		uint64_t now = clock_boottime_ns();

		assert_true(now >= last);
		last = now;
	}
	assert_true(last > 0);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rfc3339),
		cmocka_unit_test(test_rfc3339_every_day),
		cmocka_unit_test(test_rfc3339_is_utc_everywhere),
		cmocka_unit_test(test_rfc3339_read_back),
		cmocka_unit_test(test_offset_leads_to_the_wall_clock),
		cmocka_unit_test(test_boottime_grows),
	};

	return cmocka_run_group_tests_name("clock", tests, NULL, NULL);
}
