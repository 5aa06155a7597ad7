// SPDX-License-Identifier: BSD-2-Clause
#include "unit.h"

#include "attribute/attribution.h"
#include "attribute/names_cache.h"

#include <stdio.h>
#include <string.h>

static struct names some_names(void)
{
	struct names names = { 0 };

	strcpy(names.runtime, "containerd");
	strcpy(names.name, "app\n\033[31m");
	strcpy(names.namespace, "shop");
	strcpy(names.pod, "web-0");
	return names;
}

static void test_set(void **state)
{
	struct names names = some_names();
	char long_text[300];

	(void)state;
	assert_true(names_set(names.name, sizeof(names.name), "db"));
	assert_string_equal(names.name, "db");
	/* a shortened name could be another one */
	memset(long_text, 'x', sizeof(long_text));
	long_text[sizeof(names.name)] = '\0';
	assert_false(names_set(names.name, sizeof(names.name), long_text));
	assert_string_equal(names.name, "");
	long_text[sizeof(names.name) - 1] = '\0';
	assert_true(names_set(names.name, sizeof(names.name), long_text));
	assert_string_equal(names.name, long_text);
	assert_true(names_set(names.name, sizeof(names.name), NULL));
	assert_string_equal(names.name, "");
}

static void test_fill(void **state)
{
	struct names names = { .name = "mine" }, more = some_names();

	(void)state;
	assert_false(names_any(&(struct names){ 0 }));
	names_fill(&names, &more);
	assert_string_equal(names.name, "mine");
	assert_string_equal(names.pod, "web-0");
	assert_true(names_any(&names));
}

static void test_there_and_back(void **state)
{
	struct names names = some_names(), again;
	char text[NAMES_TEXT_MAX];
	size_t size = names_write(&names, text);

	(void)state;
	assert_int_equal(names_read(text, size, &again), size);
	assert_memory_equal(&names, &again, sizeof(names));
	/* cut anywhere, it is empty */
	for (size_t cut = 0; cut < size; cut++) {
		assert_int_equal(names_read(text, cut, &again), 0);
		assert_false(names_any(&again));
	}
	memset(text, 'x', sizeof(text));
	text[sizeof(text) - 1] = '\0';
	assert_int_equal(names_read(text, sizeof(text), &again), 0);
}

static void test_attribution_there_and_back(void **state)
{
	static struct attribution whose, again;
	char text[2 * NAMES_TEXT_MAX];
	size_t size;

	(void)state;
	assert_int_equal(attribution_write_names(&whose, text), 0);
	attribution_read_names(&again, text, 0);
	assert_false(names_any(&again.names));
	whose.sender_names = some_names();
	strcpy(whose.sender_names.unit, "shop.service");
	size = attribution_write_names(&whose, text);
	attribution_read_names(&again, text, size);
	assert_memory_equal(&whose, &again, sizeof(whose));
	/* as in recordings before there were units: those are missing, but the names are there */
	whose.names = some_names();
	memset(whose.sender_names.unit, 0, sizeof(whose.sender_names.unit));
	size = attribution_write_names(&whose, text);
	memset(&again, 0, sizeof(again));
	attribution_read_names(&again, text, size - 2);
	assert_memory_equal(&whose, &again, sizeof(whose));
	/* a part of it does not count */
	memset(&again, 0, sizeof(again));
	attribution_read_names(&again, text, size - 3);
	assert_false(names_any(&again.names));
	assert_false(names_any(&again.sender_names));
}

static void test_cache_forgets_the_longest_unused(void **state)
{
	struct names_cache *cache = names_cache_new(3, UINT64_MAX);
	struct names names = { 0 }, found;
	uint64_t when = 0;

	(void)state;
	for (char c = 'a'; c <= 'c'; c++) {
		(void)snprintf(names.name, sizeof(names.name), "name of %c", c);
		names_cache_put(cache, (char[]){ c, '\0' }, &names, (uint64_t)c);
	}
	assert_true(names_cache_get(cache, "a", 9, &found, &when));
	assert_string_equal(found.name, "name of a");
	assert_int_equal(when, 'a');
	names_cache_put(cache, "d", &names, 4);
	assert_false(names_cache_get(cache, "b", 9, &found, &when));
	assert_false(names_any(&found));
	assert_true(names_cache_get(cache, "a", 9, &found, &when));
	assert_true(names_cache_get(cache, "c", 9, &found, &when));
	assert_true(names_cache_get(cache, "d", 9, &found, &when));
	names_cache_free(cache);
}

static void test_cache_keeps_what_was_known(void **state)
{
	struct names_cache *cache = names_cache_new(2, UINT64_MAX);
	struct names none = { 0 }, names = some_names(), found;
	uint64_t when = 0;

	(void)state;
	strcpy(names.cgroup, "/shop/web");
	strcpy(names.unit, "shop.service");
	names_cache_put(cache, "a", &none, 1);
	assert_true(names_cache_get(cache, "a", 9, &found, &when));
	assert_false(names_any(&found));
	names_cache_put(cache, "a", &names, 2);
	names_cache_put(cache, "a", &none, 3);
	assert_true(names_cache_get(cache, "a", 9, &found, &when));
	assert_memory_equal(&found, &names, sizeof(names));
	assert_int_equal(when, 3);
	strcpy(names.name, "renamed");
	names_cache_put(cache, "a", &names, 4);
	assert_true(names_cache_get(cache, "a", 9, &found, &when));
	assert_string_equal(found.name, "renamed");
	names_cache_free(cache);
	names_cache_free(NULL);
}

static void test_cache_ends_what_is_gone(void **state)
{
	struct names_cache *cache = names_cache_new(3, 60);
	struct names none = { 0 }, names = some_names(), found;
	uint64_t when = 0;

	(void)state;
	strcpy(names.id, "web");
	/* not found any more from 500 on: it may have existed until then */
	names_cache_put(cache, "/a", &names, 1);
	names_cache_put(cache, "/a", &none, 500);
	names_cache_put(cache, "/a", &none, 550);
	assert_true(names_cache_get(cache, "/a", 560, &found, &when));
	assert_string_equal(found.name, names.name);
	assert_false(names_cache_get(cache, "/a", 561, &found, &when));
	assert_false(names_any(&found));
	assert_false(names_cache_get(cache, "/a", 562, &found, &when));
	/* its runtime has forgotten it; the other one is another container */
	names_cache_put(cache, "/a", &names, 600);
	names_cache_put(cache, "/a/init", &names, 600);
	strcpy(names.id, "db");
	names_cache_put(cache, "/b", &names, 600);
	names_cache_end(cache, "web", 700);
	names_cache_end(cache, "web", 750);
	assert_true(names_cache_get(cache, "/a", 760, &found, &when));
	assert_false(names_cache_get(cache, "/a", 761, &found, &when));
	assert_false(names_cache_get(cache, "/a/init", 761, &found, &when));
	assert_true(names_cache_get(cache, "/b", 9999, &found, &when));
	/* and there is a new one */
	names_cache_end(cache, "db", 10000);
	names_cache_put(cache, "/b", &names, 10001);
	assert_true(names_cache_get(cache, "/b", 20000, &found, &when));
	names_cache_free(cache);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_set),
		cmocka_unit_test(test_fill),
		cmocka_unit_test(test_there_and_back),
		cmocka_unit_test(test_attribution_there_and_back),
		cmocka_unit_test(test_cache_forgets_the_longest_unused),
		cmocka_unit_test(test_cache_keeps_what_was_known),
		cmocka_unit_test(test_cache_ends_what_is_gone),
	};

	return cmocka_run_group_tests_name("names", tests, NULL, NULL);
}
