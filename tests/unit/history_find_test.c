// SPDX-License-Identifier: BSD-2-Clause
/* What a word names in a history, and what the history says about it. */
#include "history.h"

#include <stdlib.h>
#include <string.h>

#include "history/history_find.h"
#include "history/history_memory.h"

static struct history_reader *open_history(void)
{
	struct history_reader *reader;
	char path[128];

	(void)snprintf(path, sizeof(path), "%s", HISTORY_DB);
	assert_int_equal(history_open(path, &reader), 0);
	return reader;
}

#define OWNED(unit) ",\"systemd\":{\"unit\":\"" unit "\"}"
#define POD(pod, id)                                                                         \
	",\"kubernetes\":{\"namespace\":\"shop\",\"pod\":\"" pod "\",\"container\":\"app\"}" \
	",\"container\":{\"id\":\"" id "\",\"name\":\"app\"}"

static void fill(void)
{
	struct outlet *outlet = history_make();

	history_give(outlet, history_death(1, OWNED("nginx.service")));
	history_give(outlet, history_death(2, OWNED("nginx-exporter.service")));
	history_give(outlet, history_death(3, POD("web-6d4cf56db6-x7k2p", "63425c4a8b42")));
	history_give(outlet, history_death(4, POD("web-6d4cf56db6-x7k2q", "63425c4affff")));
	history_give(
		outlet,
		history_death(5, OWNED("nginx.service") ",\"fingerprint\":\"1-00000000000000aa\""));
	history_give(
		outlet,
		history_death(6, OWNED("nginx.service") ",\"fingerprint\":\"1-00000000000000aa\""));
	history_give(outlet,
		     history_death(7, ",\"container\":{\"id\":\"9bca8d63d5fa41\",\"name\":\"db\","
				      "\"runtime\":\"docker\"},"
				      "\"cgroup\":{\"path\":\"/kt-zoo-1-oom\"}"));
	history_give(outlet, history_death(8, ",\"systemd\":{\"machine\":\"deb\"}"));
	assert_int_equal(outlet->ops->flush(outlet), 0);
	history_drop(outlet);
}

static void expect_one(struct history_reader *reader, const char *word, enum history_kind kind,
		       const char *text)
{
	struct history_names names;

	assert_int_equal(history_find_names(reader, word, &names), 0);
	assert_int_equal(names.count, 1);
	assert_int_equal(names.names[0].kind, kind);
	assert_string_equal(names.names[0].text, text);
	history_names_done(&names);
}

static void expect_count(struct history_reader *reader, const char *word, unsigned int count)
{
	struct history_names names;

	assert_int_equal(history_find_names(reader, word, &names), 0);
	assert_int_equal(names.count, count);
	history_names_done(&names);
}

static void test_words(void **state)
{
	struct history_reader *reader;

	(void)state;
	fill();
	reader = open_history();
	expect_one(reader, "nginx.service", HISTORY_UNIT, "nginx.service");
	expect_one(reader, "nginx", HISTORY_UNIT, "nginx.service");
	expect_one(reader, "nginx-", HISTORY_UNIT, "nginx-exporter.service");
	expect_one(reader, "5", HISTORY_PID, "5");
	expect_one(reader, "boot-3", HISTORY_ID, "boot-3");
	expect_one(reader, "1-00000000000000aa", HISTORY_FINGERPRINT, "1-00000000000000aa");
	expect_one(reader, "shop/web-6d4cf56db6-x7k2p", HISTORY_POD, "shop/web-6d4cf56db6-x7k2p");
	expect_one(reader, "63425c4a8", HISTORY_CONTAINER_ID, "63425c4a8b42");
	expect_one(reader, "app", HISTORY_CONTAINER, "app");
	expect_one(reader, "vict", HISTORY_COMM, "victim");
	expect_one(reader, "/kt-zoo-1-oom", HISTORY_OWNER, "/kt-zoo-1-oom");
	expect_one(reader, "docker:9bca8d63d5fa", HISTORY_OWNER, "docker:9bca8d63d5fa");
	expect_one(reader, "docker:db", HISTORY_OWNER, "docker:db");
	expect_one(reader, "machine:deb", HISTORY_OWNER, "machine:deb");
	expect_one(reader, "shop/web-6d4cf56db6-x7k2p:app", HISTORY_OWNER,
		   "shop/web-6d4cf56db6-x7k2p:app");
	expect_count(reader, "/kt-zoo", 0);
	expect_count(reader, "podman:db", 0);
	expect_count(reader, "docker:", 0);
	expect_count(reader, "machine:de", 0);
	expect_count(reader, "shop/web-6d4cf56db6-x7k2p:other", 0);
	expect_count(reader, "ngin", 2);
	expect_count(reader, "shop/web", 2);
	expect_count(reader, "63425c4a", 2);
	expect_count(reader, "nothing", 0);
	expect_count(reader, "'; DROP TABLE event; --", 0);
	expect_count(reader, "%", 0);
	history_free(reader);
}

struct seen {
	unsigned int count;
	char first[64];
};

static int see(void *context, const char *line, int64_t time_ns)
{
	struct seen *seen = context;
	const char *id = strstr(line, "\"boot-");

	(void)time_ns;
	assert_non_null(id);
	if (!seen->count++)
		(void)snprintf(seen->first, sizeof(seen->first), "%.*s", (int)strcspn(id + 1, "\""),
			       id + 1);
	return 0;
}

static void test_lines_come_newest_first(void **state)
{
	const struct history_name unit = { HISTORY_UNIT, (char *)"nginx.service", 0 },
				  any = { .kind = HISTORY_ANY };
	struct history_reader *reader;
	struct seen seen = { 0 };

	(void)state;
	fill();
	reader = open_history();
	assert_int_equal(history_find_lines(reader, &unit, INT64_MAX, 10, false, see, &seen), 0);
	assert_int_equal(seen.count, 3);
	assert_string_equal(seen.first, "boot-6");
	seen = (struct seen){ 0 };
	assert_int_equal(history_find_lines(reader, &any, T0_NS + 4, 1, false, see, &seen), 0);
	assert_int_equal(seen.count, 1);
	assert_string_equal(seen.first, "boot-4");
	history_free(reader);
}

static void test_counts(void **state)
{
	const struct history_name same = { HISTORY_FINGERPRINT, (char *)"1-00000000000000aa", 0 };
	struct history_reader *reader;
	struct history_count count;
	int64_t begins_ns;
	uint64_t losses, dropped;

	(void)state;
	fill();
	reader = open_history();
	assert_int_equal(history_count(reader, &same, INT64_MAX, &count), 0);
	assert_int_equal(count.deaths, 2);
	assert_int_equal(count.first_ns, T0_NS + 5);
	assert_int_equal(count.last_ns, T0_NS + 6);
	assert_int_equal(history_begin(reader, &begins_ns), 0);
	assert_int_equal(begins_ns, T0_NS + 1);
	assert_int_equal(history_losses(reader, 0, &losses), 0);
	assert_int_equal(losses, 0);
	assert_int_equal(history_dropped(reader, &dropped), 0);
	assert_int_equal(dropped, 0);
	history_free(reader);
	history_run(HISTORY_DB, "DELETE FROM event WHERE number < 3");
	reader = open_history();
	assert_int_equal(history_dropped(reader, &dropped), 0);
	assert_int_equal(dropped, 2);
	history_free(reader);
}

static void test_in_memory(void **state)
{
	struct history_memory *memory = history_memory_new();
	struct history_reader *reader;
	json_t *record = json_pack("{s:s,s:s,s:s,s:{s:i,s:s},s:{s:s}}", "id", "boot-1", "cause",
				   "sigkill", "time", "2023-11-14T22:13:20.000000000Z", "victim",
				   "pid", 7, "comm", "victim", "systemd", "unit", "a.service");

	(void)state;
	assert_non_null(memory);
	assert_non_null(record);
	assert_int_equal(history_memory_add(memory, record), 0);
	json_decref(record);
	reader = history_memory_reader(memory);
	history_memory_free(memory);
	assert_non_null(reader);
	expect_one(reader, "a", HISTORY_UNIT, "a.service");
	expect_one(reader, "7", HISTORY_PID, "7");
	history_free(reader);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_words, tree_make, tree_remove),
		cmocka_unit_test_setup_teardown(test_lines_come_newest_first, tree_make,
						tree_remove),
		cmocka_unit_test_setup_teardown(test_counts, tree_make, tree_remove),
		cmocka_unit_test(test_in_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
