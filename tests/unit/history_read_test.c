// SPDX-License-Identifier: BSD-2-Clause
/* Reading a history: which lines, in which order, and from databases that others have made. */
#include "history.h"

#include "history_v1.h"
#include "stdout/table.h"
#include "history/history_read.h"
#include "base/output.h"

#include <fcntl.h>
#include <time.h>

#define ENOUGH 77

struct told {
	char text[1 << 16]; /* one line each */
	int count, most;    /* most: the limit; 0: none */
};

static int take(void *context, const char *line, int64_t realtime_ns)
{
	struct told *told = context;

	assert_true(realtime_ns >= T0_NS);
	(void)snprintf(told->text + strlen(told->text), sizeof(told->text) - strlen(told->text),
		       "%s\n", line);
	return ++told->count == told->most ? ENOUGH : 0;
}

static const char *read_all(const struct history_query *query)
{
	static struct told told;
	struct history_reader *reader;

	memset(&told, 0, sizeof(told));
	assert_int_equal(history_open(HISTORY_DB, &reader), 0);
	assert_int_equal(history_read(reader, query, take, &told), 0);
	history_free(reader);
	return told.text;
}

/* The numbers of the reported deaths in a row; losses are "L". */
static const char *numbers(const struct selection *selection, int64_t since, int64_t until,
			   unsigned long limit)
{
	static char text[4096];
	const struct history_query query = {
		.selection = selection, .since_ns = since, .until_ns = until, .limit = limit
	};

	text[0] = '\0';
	for (const char *at = read_all(&query); *at; at = strchr(at, '\n') + 1) {
		const char *id = strstr(at, "\"boot-");

		if (!id || id > strchr(at, '\n'))
			strcat(text, "L ");
		else
			(void)snprintf(text + strlen(text), 16, "%d ", atoi(id + 6));
	}
	return text;
}

static void store(struct event *const *events, int count)
{
	struct outlet *outlet = history_make();

	for (int i = 0; i < count; i++)
		history_give(outlet, events[i]);
	assert_int_equal(outlet->ops->flush(outlet), 0);
	history_drop(outlet);
}

static void test_order_and_limits(void **state)
{
	static const struct selection any = { 0 };
	struct event *events[] = {
		history_death(5, ""), history_death(1, ""),
		history_death(3, ""), history_event("{\"lost\":{\"ring_full\":1}}\n", T0_NS + 4),
		history_death(2, ""), history_death(6, ""),
	};

	(void)state;
	store(events, COUNT(events));
	assert_string_equal(numbers(&any, INT64_MIN, INT64_MAX, 0), "1 2 3 L 5 6 ");
	assert_string_equal(numbers(&any, T0_NS + 2, T0_NS + 5, 0), "2 3 L 5 ");
	assert_string_equal(numbers(&any, T0_NS + 7, INT64_MAX, 0), "");
	/* losses are not counted, and reported whatever the filter */
	assert_string_equal(numbers(&any, INT64_MIN, INT64_MAX, 2), "5 6 ");
	assert_string_equal(numbers(&any, INT64_MIN, INT64_MAX, 3), "3 L 5 6 ");
	assert_string_equal(numbers(&any, INT64_MIN, T0_NS + 3, 2), "2 3 ");
	assert_string_equal(numbers(&any, INT64_MIN, INT64_MAX, 99), "1 2 3 L 5 6 ");
}

#define LIST(...)                 \
	(char *[])                \
	{                         \
		__VA_ARGS__, NULL \
	}

static struct event *lasting(int number, int last)
{
	struct event *event = history_death(number, "");

	event->last_ns = T0_NS + last;
	return event;
}

/* A row belongs to the whole time between its first death and its last. */
static void test_spans(void **state)
{
	static const struct selection any = { 0 };
	const struct selection others = { .pid = LIST("7") };
	struct event *events[] = { lasting(1, 5), lasting(2, 3), history_death(3, ""),
				   lasting(4, 9) };

	(void)state;
	store(events, COUNT(events));
	assert_string_equal(numbers(&any, INT64_MIN, INT64_MAX, 0), "1 2 3 4 ");
	assert_string_equal(numbers(&any, T0_NS + 3, INT64_MAX, 0), "1 2 3 4 ");
	assert_string_equal(numbers(&any, T0_NS + 4, INT64_MAX, 0), "1 4 ");
	assert_string_equal(numbers(&any, T0_NS + 6, T0_NS + 7, 0), "4 ");
	assert_string_equal(numbers(&any, T0_NS + 10, INT64_MAX, 0), "");
	assert_string_equal(numbers(&any, INT64_MIN, T0_NS + 2, 0), "1 2 ");
	assert_string_equal(numbers(&any, T0_NS + 4, INT64_MAX, 1), "4 ");
	assert_string_equal(numbers(&others, T0_NS + 4, INT64_MAX, 0), "");
}

static void test_filters(void **state)
{
	struct event *events[] = {
		history_death(1, ",\"systemd\":{\"unit\":\"a.service\"}"),
		history_death(2,
			      ",\"systemd\":{\"unit\":\"b.service\",\"user_unit\":\"a.service\"}"),
		history_death(3, ",\"systemd\":{\"unit\":\"c.service\"}"),
		history_death(4, ",\"kubernetes\":{\"namespace\":\"shop\",\"pod\":\"web-0\"}"),
		history_event("{\"lost\":{\"output\":1}}\n", T0_NS + 5),
		history_death(6, ",\"cgroup\":{\"path\":\"/it's\"},\"container\":{\"id\":\"0\"}"),
		history_death(7, ",\"systemd\":{\"unit\":\"libpod-0.scope\"},"
				 "\"container\":{\"id\":\"1\",\"unit\":\"shop.service\"}"),
	};
	const struct {
		struct selection selection;
		const char *numbers;
	} cases[] = {
		{ { .unit = LIST("a.service") }, "1 2 L " },
		{ { .unit = LIST("a.servic?") }, "1 2 L " },
		{ { .unit = LIST("c.service", "a.service") }, "1 2 3 L " },
		{ { .unit = LIST("c.service", "a.*") }, "1 2 3 L " },
		{ { .unit = LIST("x') OR 1 --") }, "L " },
		{ { .pod = LIST("shop/web-0") }, "4 L " },
		{ { .pod = LIST("*/web-0") }, "4 L " },
		{ { .pid = LIST("3") }, "3 L " },
		{ { .pid = LIST("003", "4") }, "3 4 L " },
		{ { .comm = LIST("victim"), .pid = LIST("6") }, "L 6 " },
		{ { .comm = LIST("'") }, "L " },
		{ { .cause = LIST("sigkill") }, "1 2 3 4 L 6 7 " },
		{ { .cause = LIST("segfault") }, "L " },
		{ { .cgroup = LIST("/it's") }, "L 6 " },
		{ { .container = LIST("0") }, "L 6 " },
		{ { .unit = LIST("shop.*") }, "L 7 " },
		{ { .cause = LIST("sigkill"), .unit = LIST("c.service") }, "3 L " },
	};

	(void)state;
	store(events, COUNT(events));
	for (size_t i = 0; i < COUNT(cases); i++)
		assert_string_equal(numbers(&cases[i].selection, INT64_MIN, INT64_MAX, 0),
				    cases[i].numbers);
}

static void test_take_ends_it(void **state)
{
	static const struct selection any = { 0 };
	const struct history_query query = {
		.selection = &any, .since_ns = INT64_MIN, .until_ns = INT64_MAX, .limit = 0
	};
	struct event *events[] = { history_death(1, ""), history_death(2, ""),
				   history_death(3, "") };
	struct told told = { .most = 2 };
	struct history_reader *reader;

	(void)state;
	store(events, COUNT(events));
	assert_int_equal(history_open(HISTORY_DB, &reader), 0);
	assert_int_equal(history_read(reader, &query, take, &told), ENOUGH);
	assert_int_equal(told.count, 2);
	history_free(reader);
}

/* A user who may only read cannot migrate: an older database is read as it is. */
static void test_version_1(void **state)
{
	static const struct selection any = { .all = true };
	const struct selection web = { .all = true, .pod = LIST("shop/web-0") };
	const struct selection same = { .all = true, .fingerprint = LIST("1-0123456789abcdef") };
	const struct selection it = { .all = true, .comm = LIST("it's"), .pid = LIST("42") };

	(void)state;
	history_run(HISTORY_DB, history_v1);
	assert_string_equal(numbers(&any, INT64_MIN, INT64_MAX, 0), "1 L 3 ");
	assert_string_equal(numbers(&web, INT64_MIN, INT64_MAX, 0), "L 3 ");
	assert_string_equal(numbers(&it, INT64_MIN, INT64_MAX, 0), "L 3 ");
	assert_string_equal(numbers(&same, INT64_MIN, INT64_MAX, 0), "L ");
	history_expect("PRAGMA user_version", "1");
}

static int try_to_open(void)
{
	struct history_reader *reader;
	int failure = history_open(HISTORY_DB, &reader);

	assert_true(failure != -HISTORY_UNREADABLE || *history_error(reader));
	history_free(reader);
	return failure;
}

static void test_what_is_no_history(void **state)
{
	(void)state;
	assert_int_equal(try_to_open(), -HISTORY_MISSING);
	tree_write("/history.db", "");
	assert_int_equal(try_to_open(), -HISTORY_MISSING);
	tree_write("/history.db",
		   "a text, and more than one line of it: it is no database at all\n");
	assert_int_equal(try_to_open(), -HISTORY_UNREADABLE);
	assert_int_equal(unlink(HISTORY_DB), 0);
	history_run(HISTORY_DB, "CREATE TABLE event (number, line, time)");
	assert_int_equal(try_to_open(), -HISTORY_FOREIGN);
	assert_int_equal(unlink(HISTORY_DB), 0);
	history_run(HISTORY_DB, history_v1);
	history_run(HISTORY_DB, "PRAGMA user_version = 8");
	assert_int_equal(try_to_open(), -HISTORY_NEWER);
}

/* Names with a meaning in SQLite's URIs are just names. */
static void test_names_of_files(void **state)
{
	static const char *const names[] = { "a?mode=memory", "a#b",      "a%20b",
					     "file:a",        ":memory:", "a b'\"" };
	const struct history_limits limits = { 1, 1 << 20 };
	char before[PATH_MAX];

	(void)state;
	assert_non_null(getcwd(before, sizeof(before)));
	assert_int_equal(chdir(tree_root), 0);
	for (size_t i = 0; i < COUNT(names); i++) {
		struct outlet *outlet = history_new(names[i], &limits, NULL);
		struct history_reader *reader;
		struct stat st;

		assert_int_equal(outlet->ops->flush(outlet), 0);
		history_drop(outlet);
		assert_int_equal(stat(names[i], &st), 0);
		assert_true(st.st_size > 4096);
		assert_int_equal(history_open(names[i], &reader), 0);
		history_free(reader);
	}
	assert_int_equal(chdir(before), 0);
}

/* Rows that killtrace did not write: nothing in them reaches a terminal, and nothing crashes. */
static void test_rows_of_others(void **state)
{
	static const struct selection any = { .all = true };

	(void)state;
	history_run(HISTORY_DB, history_v1);
	history_run(
		HISTORY_DB,
		"DELETE FROM event;"
		"INSERT INTO event(time, routine, line) VALUES (1800000000000000000, 0, 'no json');"
		"INSERT INTO event(time, routine, line) VALUES (1800000000000000000, 0, '[1]');"
		"INSERT INTO event(time, routine, line) VALUES (1800000000000000000, 0, x'00ff');"
		"INSERT INTO event(time, routine, line) VALUES (1800000000000000000, 0, '');"
		"INSERT INTO event(time, routine, line) VALUES (1800000000000000000, 'x', "
		"'{\"cause\":[],\"victim\":7,\"lost\":{}}');"
		"INSERT INTO event(time, routine, line) VALUES (1800000000000000000, 0, "
		"'{\"cause\":\"sigkill\",\"id\":\"boot-9\"}')");
	assert_string_equal(numbers(&any, INT64_MIN, INT64_MAX, 0), "L 9 ");
}

static const char *line_for_people(const char *line)
{
	static char text[4096];
	json_t *record = json_loads(line, 0, NULL);
	struct screen screen = { .size_fd = -1 };
	struct table table;
	char path[PATH_MAX];
	ssize_t size;

	(void)snprintf(path, sizeof(path), "%s", tree_path("/out"));
	screen.fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	assert_true(screen.fd >= 0);
	table_begin(&screen, &table);
	assert_int_equal(table_record(&table, record, T0_NS), 0);
	table_done(&table);
	size = pread(screen.fd, text, sizeof(text) - 1, 0);
	assert_true(size >= 0);
	text[size] = '\0';
	assert_int_equal(close(screen.fd), 0);
	json_decref(record);
	return text;
}

static void test_lines_for_people(void **state)
{
	(void)state;
	assert_int_equal(setenv("TZ", "UTC", 1), 0);
	tzset();
	assert_string_equal(
		line_for_people("{\"cause\":\"sigkill\",\"summary\":\"a\\\\x0ab was killed\"}"),
		"2023-11-14 22:13:20 sigkill             ?                                            ?  "
		"                            a\\x0ab was killed\n");
	assert_string_equal(
		line_for_people("{\"cause\":\"\\u001b[1m\",\"summary\":\"\\u009b2J\\n\"}"),
		"2023-11-14 22:13:20 \\x1b[1m             ?                                            ?  "
		"                            \\x9b2J\\x0a\n");
	assert_string_equal(
		line_for_people("{\"lost\":{\"ring_full\":7,\"nosuch\":1,\"output\":\"x\"}}"),
		"2023-11-14 22:13:20 LOST                7 deaths that found no room in the "
		"ring buffer\n");
	assert_string_equal(line_for_people("nonsense"), "");
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, tree_make, tree_remove)

static int take_and_stop(void *context, const char *line, int64_t realtime_ns)
{
	output_stop = 1;
	return take(context, line, realtime_ns);
}

static void test_told_to_stop(void **state)
{
	static const struct selection any = { 0 };
	static struct told told;
	const struct history_query query = {
		.selection = &any, .since_ns = INT64_MIN, .until_ns = INT64_MAX, .limit = 0
	};
	struct event *events[] = { history_death(1, ""), history_death(2, "") };
	struct history_reader *reader;

	(void)state;
	store(events, COUNT(events));
	memset(&told, 0, sizeof(told));
	assert_int_equal(history_open(HISTORY_DB, &reader), 0);
	assert_int_equal(history_read(reader, &query, take_and_stop, &told), -EINTR);
	output_stop = 0;
	history_free(reader);
	assert_int_equal(told.count, 1);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(test_order_and_limits),
		TEST(test_filters),
		TEST(test_spans),
		TEST(test_take_ends_it),
		TEST(test_version_1),
		TEST(test_what_is_no_history),
		TEST(test_names_of_files),
		TEST(test_rows_of_others),
		TEST(test_lines_for_people),
		TEST(test_told_to_stop),
	};

	return cmocka_run_group_tests_name("history_read", tests, NULL, NULL);
}
