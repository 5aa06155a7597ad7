// SPDX-License-Identifier: BSD-2-Clause
#include "unit.h"

#include "base/clock.h"
#include "base/when.h"

#include <stdbool.h>
#include <stdlib.h>
#include <time.h>

/* 2026-11-21 10:41:13.5 UTC, by date(1). In Berlin it is 11:41, in Kathmandu 16:26. */
#define NOW_S 1795257673LL
#define NOW_NS (NOW_S * NS_PER_S + NS_PER_S / 2)
#define DAY_S 86400LL

struct when_case {
	const char *word;
	int64_t seconds, ns;
};

static void in_zone(const char *zone)
{
	assert_int_equal(setenv("TZ", zone, 1), 0);
	tzset();
}

static void check_all(const struct when_case *cases, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		int64_t ns = -1;

		if (!when_parse(cases[i].word, NOW_NS, &ns))
			fail_msg("'%s' is not understood", cases[i].word);
		if (ns != cases[i].seconds * NS_PER_S + cases[i].ns)
			fail_msg("'%s' is %lld", cases[i].word, (long long)ns);
	}
}

static void test_rfc3339(void **state)
{
	static const struct when_case cases[] = {
		{ "2026-11-21T10:41:13Z", NOW_S, 0 },
		{ "2026-11-21t10:41:13z", NOW_S, 0 },
		{ "2026-11-21 10:41:13Z", NOW_S, 0 },
		{ "2026-11-21T11:41:13+01:00", NOW_S, 0 },
		{ "2026-11-21T05:11:13-05:30", NOW_S, 0 },
		{ "2026-11-20T23:41:13-11:00", NOW_S, 0 },
		{ "2026-11-21T10:41:13.5Z", NOW_S, 500000000 },
		{ "2026-11-21T10:41:13.000000001Z", NOW_S, 1 },
		{ "2026-11-21T10:41:13.0000000019Z", NOW_S, 1 },
		{ "1970-01-01T00:00:00Z", 0, 0 },
		{ "2024-02-29T00:00:00Z", 1709164800, 0 },
		{ "2026-11-21T11:41:13+0100", NOW_S, 0 },
		{ "2026-11-21 11:41:13 +0100", NOW_S, 0 },
		{ "2026-11-21 10:41 UTC", NOW_S - 13, 0 },
		{ "2026-11-21 10:41:13.5 UTC", NOW_S, 500000000 },
		{ "2026-11-21 UTC", NOW_S - 38473, 0 },
		{ "@1795257673", NOW_S, 0 },
		{ "@1795257673.5", NOW_S, 500000000 },
		{ "@0", 0, 0 },
	};

	(void)state;
	in_zone("Europe/Berlin"); /* the zone must not matter */
	check_all(cases, COUNT(cases));
}

static void test_local_time(void **state)
{
	static const struct when_case berlin[] = {
		{ "2026-11-21 11:41:13", NOW_S, 0 },
		{ "2026-11-21T11:41:13.25", NOW_S, 250000000 },
		{ "2026-11-21 11:41", NOW_S - 13, 0 },
		{ "2026-11-21", 1795215600, 0 },
		{ "2026-07-21", 1784584800, 0 }, /* summer time */
		{ "11:41", NOW_S - 13, 0 },
		{ "11:41:13", NOW_S, 0 },
		{ "23:59", 1795215600 + DAY_S - 60, 0 },
		{ "today", 1795215600, 0 },
		{ "yesterday", 1795215600 - DAY_S, 0 },
	};
	static const struct when_case kathmandu[] = {
		{ "today", 1795198500, 0 },
		{ "16:26:13", NOW_S, 0 },
	};

	(void)state;
	in_zone("CET-1CEST,M3.5.0,M10.5.0/3");
	check_all(berlin, COUNT(berlin));
	in_zone("NPT-5:45");
	check_all(kathmandu, COUNT(kathmandu));
}

/* The day on which summer time ends has 25 hours. */
static void test_days_are_not_all_alike(void **state)
{
	const int64_t noon_s = 1792926000; /* 2026-10-25 12:00 in Berlin: 11:00 UTC */
	int64_t today, yesterday;

	(void)state;
	in_zone("CET-1CEST,M3.5.0,M10.5.0/3");
	assert_true(when_parse("today", noon_s * NS_PER_S, &today));
	assert_int_equal(today, (noon_s - 13 * 3600) * NS_PER_S);
	assert_true(when_parse("yesterday", (noon_s + DAY_S) * NS_PER_S, &yesterday));
	assert_int_equal(yesterday, today);
}

static void test_ago(void **state)
{
	static const struct when_case cases[] = {
		{ "now", NOW_S, 500000000 },
		{ "0s", NOW_S, 500000000 },
		{ "90s", NOW_S - 90, 500000000 },
		{ "5m", NOW_S - 300, 500000000 },
		{ "2h", NOW_S - 7200, 500000000 },
		{ "2h ago", NOW_S - 7200, 500000000 },
		{ "3d", NOW_S - 3 * DAY_S, 500000000 },
		{ "1w", NOW_S - 7 * DAY_S, 500000000 },
		{ "1h30m", NOW_S - 5400, 500000000 },
		{ "1d2h3m4s ago", NOW_S - DAY_S - 7384, 500000000 },
		{ "-2h", NOW_S - 7200, 500000000 },
		{ "-1h 30m", NOW_S - 5400, 500000000 },
		{ "2 h", NOW_S - 7200, 500000000 },
		{ "2 hours ago", NOW_S - 7200, 500000000 },
		{ "1 hour 30 minutes ago", NOW_S - 5400, 500000000 },
		{ "1h 30m", NOW_S - 5400, 500000000 },
		{ "5min", NOW_S - 300, 500000000 },
		{ "90 sec", NOW_S - 90, 500000000 },
		{ "1 week 1 day", NOW_S - 8 * DAY_S, 500000000 },
	};

	(void)state;
	check_all(cases, COUNT(cases));
}

/* A time beyond the range of nanoseconds is later than everything. */
static void test_far_away(void **state)
{
	static const char *const words[] = {
		"9999-12-31",
		"9999-12-31T00:00:00Z",
		"2263-01-01",
		"@9999999999999",
	};
	int64_t ns;

	(void)state;
	for (size_t i = 0; i < COUNT(words); i++) {
		ns = 0;
		if (!when_parse(words[i], NOW_NS, &ns) || ns != INT64_MAX)
			fail_msg("'%s' is %lld", words[i], (long long)ns);
	}
}

static void test_refused(void **state)
{
	static const char *const words[] = {
		"",
		" ",
		"soon",
		"Today",
		"tomorrow",
		"ago",
		"2",
		"h",
		"2x",
		"2h ",
		"2hago",
		"2h ago ",
		"2h  30m",
		"-2h ago",
		"-",
		"--2h",
		"- 2h",
		"+2h",
		"2 hrs",
		"2h 30",
		"2 hours30",
		"2M",
		"@",
		"@-1",
		"@1x",
		"@1.",
		"@99999999999999999999",
		"@ 1",
		"1.5h",
		" 2h",
		"99999999999999999999h",
		"4000000000s",
		"9999w9999w",
		"2026",
		"2026-11",
		"2026-11-",
		"2026-11-21 ",
		"2026-11-21T",
		"2026-11-21T10",
		"2026-11-21T10:",
		"2026-11-21T10:4",
		"2026-11-21T10:41:13.",
		"2026-11-21T10:41:13.Z",
		"2026-11-21T10:41:13ZZ",
		"2026-11-21T10:41:13+1",
		"2026-11-21T10:41:13+010",
		"2026-11-21T10:41:13 ",
		"2026-11-21T10:41:13  UTC",
		"2026-11-21T10:41:13UTC+1",
		"2026-11-21T10:41:13 utc",
		"2026-11-21T10:41:13+24:00",
		"2026-11-21T24:00:00Z",
		"2026-11-21T10:60:00Z",
		"2026-11-21T10:41:61Z",
		"2026-00-21",
		"2026-13-21",
		"2026-11-00",
		"2026-11-31",
		"2026-02-29",
		"26-11-21",
		"1969-12-31",
		"2026-1-1",
		"2026/11/21",
		"24:00",
		"10:60",
		"1:00",
		"10",
		"10:4",
		"10:41 ",
		"10:41Z",
		"\xff",
		"now\n",
	};
	int64_t ns = 7;

	(void)state;
	in_zone("UTC");
	for (size_t i = 0; i < COUNT(words); i++) {
		if (when_parse(words[i], NOW_NS, &ns))
			fail_msg("'%s' is taken for %lld", words[i], (long long)ns);
		assert_int_equal(ns, 7);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rfc3339),
		cmocka_unit_test(test_local_time),
		cmocka_unit_test(test_days_are_not_all_alike),
		cmocka_unit_test(test_ago),
		cmocka_unit_test(test_far_away),
		cmocka_unit_test(test_refused),
	};

	return cmocka_run_group_tests_name("when", tests, NULL, NULL);
}
