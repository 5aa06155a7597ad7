// SPDX-License-Identifier: BSD-2-Clause
/* The owners that died most: bounded, and no death is left out of the sum. */
#include "unit.h"

#include "base/say.h"
#include "stdout/owners.h"

#include <stdio.h>
#include <string.h>

static struct owners owners;
static char said[4096];

static void note(void *context, const char *line)
{
	const size_t used = strlen(said);

	(void)context;
	(void)snprintf(said + used, sizeof(said) - used, "%s\n", line);
}

static int begin(void **state)
{
	(void)state;
	owners = (struct owners){ 0 };
	return 0;
}

static int end(void **state)
{
	(void)state;
	owners_done(&owners);
	return 0;
}

static const char *what_is_said(void)
{
	said[0] = '\0';
	say_set_receiver(note, NULL);
	owners_say(&owners);
	say_set_receiver(NULL, NULL);
	return said;
}

static uint64_t count(const char *name, uint64_t deaths)
{
	return owners_count(&owners, name, deaths);
}

static void test_order(void **state)
{
	(void)state;
	assert_string_equal(what_is_said(), "");
	count("nginx.service", 1);
	count("shop/web-0:app", 12);
	count("nginx.service", 8);
	assert_string_equal(what_is_said(), "      12 of shop/web-0:app\n"
					    "       9 of nginx.service\n");
	/* of equal ones, the last to die comes first */
	count("d", 2);
	count("c", 3);
	count("b", 2);
	count("a", 1);
	count("e", 1);
	assert_string_equal(what_is_said(), "      12 of shop/web-0:app\n"
					    "       9 of nginx.service\n"
					    "       3 of c\n"
					    "       2 of b\n"
					    "       2 of d\n"
					    "       2 of others\n");
}

static void test_hostile_names(void **state)
{
	char name[1024] = "/evil/\\x1b[2J";

	(void)state;
	count(name, 2);
	assert_string_equal(what_is_said(), "       2 of /evil/\\x1b[2J\n");
	/* were one not safe after all */
	count("\033[2J\n", 1);
	assert_non_null(strstr(what_is_said(), "       1 of \\x1b[2J\\x0a\n"));
	memset(name, 'x', sizeof(name) - 1);
	memcpy(name + sizeof(name) - 7, "end:app", 7);
	name[sizeof(name) - 1] = '\0';
	count(name, 7);
	(void)what_is_said();
	assert_int_equal(strncmp(said, "       7 of xxx", 14), 0);
	assert_true(strcspn(said, "\n") < 68);
	assert_non_null(strstr(said, "\xe2\x80\xa6"));
	assert_non_null(strstr(said, "xend:ap\n"));
}

static uint64_t all(void)
{
	uint64_t sum = owners.others;

	for (size_t i = 0; i < OWNERS_PLACES; i++)
		sum += owners.places[i].deaths;
	return sum;
}

static void test_more_than_there_are_places(void **state)
{
	char name[32];

	(void)state;
	count("steady", 3);
	for (int i = 0; i < 10000; i++) {
		(void)snprintf(name, sizeof(name), "run-%d.scope", i);
		count(name, 1);
	}
	assert_int_equal(all(), 10003);
	/* who makes up owners crowds out its own ones */
	assert_int_equal(strncmp(what_is_said(), "       3 of steady\n", 19), 0);
	count("late", 20);
	assert_int_equal(strncmp(what_is_said(), "      20 or more of late\n", 25), 0);
	assert_int_equal(all(), 10023);
}

static void test_taken_back(void **state)
{
	const uint64_t first = count("first", 5);
	char name[32];

	(void)state;
	owners_take_back(&owners, first, 3);
	owners_take_back(&owners, 0, 100);
	assert_string_equal(what_is_said(), "       2 of first\n");
	owners_take_back(&owners, first, 2);
	assert_string_equal(what_is_said(), "");
	/* also of one that made room since */
	assert_int_equal(count("first", 1), first);
	for (int i = 0; i < OWNERS_PLACES; i++) {
		(void)snprintf(name, sizeof(name), "run-%d.scope", i);
		count(name, 2);
	}
	assert_int_equal(owners.others, 1);
	owners_take_back(&owners, first, 1);
	assert_int_equal(all(), 2UL * OWNERS_PLACES);
	assert_int_equal(owners.others, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_order, begin, end),
		cmocka_unit_test_setup_teardown(test_hostile_names, begin, end),
		cmocka_unit_test_setup_teardown(test_more_than_there_are_places, begin, end),
		cmocka_unit_test_setup_teardown(test_taken_back, begin, end),
	};

	return cmocka_run_group_tests_name("owners", tests, NULL, NULL);
}
