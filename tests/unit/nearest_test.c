// SPDX-License-Identifier: BSD-2-Clause
#include "unit.h"

#include "base/nearest.h"

#include <string.h>

static const char *const words[] = { "segfault", "seccomp", "sigkill",   "signal",
				     "abort",    "oops",    "oom-memcg", "bus-error" };

static const char *near(const char *word)
{
	const char *found = nearest_word(word, words, COUNT(words));

	return found ? found : "(none)";
}

static void test_typing_errors(void **state)
{
	(void)state;
	assert_string_equal(near("segfault"), "segfault");
	assert_string_equal(near("segfalt"), "segfault");
	assert_string_equal(near("segffault"), "segfault");
	assert_string_equal(near("segfaukt"), "segfault");
	assert_string_equal(near("esgfault"), "segfault"); /* swapped: one edit */
	assert_string_equal(near("sigkil"), "sigkill");
	assert_string_equal(near("singal"), "signal");
	assert_string_equal(near("oom_memcg"), "oom-memcg");
	assert_string_equal(near("ooops"), "oops");
	assert_string_equal(near("buserror"), "bus-error");
}

static void test_other_words_are_not_named(void **state)
{
	(void)state;
	assert_string_equal(near(""), "(none)");
	assert_string_equal(near("x"), "(none)");
	assert_string_equal(near("xyz"), "(none)");
	assert_string_equal(near("completely-different"), "(none)");
	assert_string_equal(near("\xff\xfe\x80"), "(none)");
}

static void test_the_nearer_one_wins(void **state)
{
	static const char *const pair[] = { "count", "cause" };

	(void)state;
	assert_string_equal(nearest_word("caus", pair, 2), "cause");
	assert_string_equal(nearest_word("coun", pair, 2), "count");
}

static void test_nothing_to_choose_from(void **state)
{
	static const char *const empty[] = { "" };

	(void)state;
	assert_null(nearest_word("word", words, 0));
	assert_null(nearest_word("word", empty, 1));
	assert_null(nearest_word("", empty, 0));
}

/* Typed words can have any length; a word too long for the comparison matches nothing. */
static void test_long_words(void **state)
{
	static char word[100000];
	const char *const candidates[] = { "segfault", word + 1 };

	(void)state;
	for (size_t length = 60; length <= 300; length++) {
		memset(word, 'a', length);
		word[length] = '\0';
		assert_null(nearest_word(word, words, COUNT(words)));
	}
	memset(word, 's', sizeof(word) - 1);
	assert_null(nearest_word(word, words, COUNT(words)));
	assert_string_equal(nearest_word("segfaul", candidates, COUNT(candidates)), "segfault");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_typing_errors),
		cmocka_unit_test(test_other_words_are_not_named),
		cmocka_unit_test(test_the_nearer_one_wins),
		cmocka_unit_test(test_nothing_to_choose_from),
		cmocka_unit_test(test_long_words),
	};

	return cmocka_run_group_tests_name("nearest", tests, NULL, NULL);
}
