// SPDX-License-Identifier: BSD-2-Clause
/* Names, sizes and times in sentences; and sentences in lines of a width. */
#include "unit.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "why/as_text.h"
#include "why/prose.h"

static void test_names(void **state)
{
	static const struct {
		const char *name, *marked;
	} cases[] = {
		{ "nginx", "\x02nginx\x03" },
		{ "", "\x02?\x03" },
		{ "a\x02\x03z", "\x02"
				"a\\x02\\x03z\x03" },
		{ "\x1b[31m", "\x02\\x1b[31m\x03" },
		{ "back\\slash", "\x02"
				 "back\\\\slash\x03" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++)
		assert_string_equal(NAME(cases[i].name), cases[i].marked);
}

static void test_a_long_name_is_cut(void **state)
{
	char name[1000];
	const char *marked;

	(void)state;
	memset(name, 'x', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	marked = NAME(name);
	assert_true(strlen(marked) < PROSE_NAME_SIZE);
	assert_non_null(strstr(marked, "x\xe2\x80\xa6\x03"));
}

static void test_durations(void **state)
{
	static const struct {
		double seconds;
		const char *words;
	} cases[] = {
		{ 0, "0.000 s" },       { 0.002, "0.002 s" },  { 1.001, "1.0 s" },
		{ 90.02, "90 s" },      { 599, "599 s" },      { 3600, "60 min" },
		{ 8400, "2 h 20 min" }, { 273600, "3 d 4 h" }, { -1, "0.000 s" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++)
		assert_string_equal(DURATION(cases[i].seconds), cases[i].words);
}

static void test_ordinals(void **state)
{
	(void)state;
	assert_string_equal(ORDINAL(1), "1st");
	assert_string_equal(ORDINAL(3), "3rd");
	assert_string_equal(ORDINAL(12), "12th");
	assert_string_equal(ORDINAL(22), "22nd");
	assert_string_equal(ORDINAL(111), "111th");
}

static void test_clock(void **state)
{
	char text[PROSE_SHORT_SIZE];
	const int64_t time_ns = 1700000000 * NS_PER_S; /* Tue 2023-11-14 22:13:20 */

	(void)state;
	assert_int_equal(setenv("TZ", "UTC", 1), 0);
	tzset();
	assert_string_equal(prose_clock(time_ns, time_ns + NS_PER_S, text), "22:13:20");
	assert_string_equal(prose_clock(time_ns, time_ns + 86400 * NS_PER_S, text),
			    "Tue 2023-11-14 22:13:20");
	assert_string_equal(prose_clock(time_ns, 0, text), "Tue 2023-11-14 22:13:20 UTC");
}

static void test_lines_of_a_width(void **state)
{
	struct explanation explanation = { 0 };
	struct buffer text = { 0 };
	struct prose item = { 0 };

	(void)state;
	prose_put(&explanation.answer, "%s died, and this is a sentence of some length",
		  NAME("x\xc3\xa9y"));
	prose_put(&item, "/a/path/that/is/longer/than/a/whole/line/of/this/terminal");
	explanation_add(&explanation, SECTION_EVIDENCE, "cgroup", &item);
	prose_put(&item, "a command that is longer than a line stays in one piece");
	explanation_add_command(&explanation, "run", &item);
	as_text(&explanation, 40, &text);
	buffer_add(&text, "", 1);
	assert_false(text.failed);
	assert_string_equal(text.text, "x\xc3\xa9y died, and this is a sentence of some\n"
				       "length\n"
				       "  Evidence   cgroup:  /a/path/that/is/lo\n"
				       "                      nger/than/a/whole/\n"
				       "                      line/of/this/termi\n"
				       "                      nal\n"
				       "  Next       run:     a command that is longer than a line "
				       "stays in one piece\n");
	free(text.text);
	explanation_done(&explanation);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names),     cmocka_unit_test(test_a_long_name_is_cut),
		cmocka_unit_test(test_durations), cmocka_unit_test(test_ordinals),
		cmocka_unit_test(test_clock),     cmocka_unit_test(test_lines_of_a_width),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
