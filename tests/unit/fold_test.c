// SPDX-License-Identifier: BSD-2-Clause
/* Which deaths are folded, and the content of their rows. */
#include "unit.h"

#include "line/repeats.h"
#include "fold/fold.h"
#include "fold/fold_rate.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

#define S ((uint64_t)NS_PER_S)
#define ALL 1
#define SPAN 10000

static struct fold *fold;
static struct attribution whose;
static struct origin origin = { .boot_id = "boot", .node = "node" };
static struct death death;
static struct report report;

static int begin(void **state)
{
	(void)state;
	memset(&report, 0, sizeof(report));
	memset(&death, 0, sizeof(death));
	memset(&whose, 0, sizeof(whose));
	report.origin = &origin;
	report.death = &death;
	report.whose = &whose;
	report.share = (struct share){ 1, 2 };
	report.verdict.cause = CAUSE_SEGFAULT;
	(void)snprintf(report.summary, sizeof(report.summary), "a \"summary\":\" of it");
	(void)snprintf(death.record.comm, sizeof(death.record.comm), "victim");
	fold = fold_new(SPAN, FOLD_OPEN_NS);
	return fold ? 0 : -1;
}

static int end(void **state)
{
	(void)state;
	fold_free(fold);
	return 0;
}

static bool dies(uint64_t sequence, uint64_t time_ns)
{
	death.sequence = sequence;
	death.record.tgid = (uint32_t)sequence;
	death.record.time_ns = time_ns;
	return fold_takes(fold, &report);
}

static void add(uint64_t sequence, uint64_t time_ns)
{
	assert_true(dies(sequence, time_ns));
	assert_true(fold_joins(fold, &report, ALL));
	assert_int_equal(fold_add(fold, &report, ALL), 0);
}

/* The first deaths, which get whole lines. */
static uint64_t begin_storm(uint64_t time_ns)
{
	for (uint64_t i = 1; i <= FOLD_WHOLE; i++)
		assert_false(dies(i, time_ns));
	return FOLD_WHOLE + 1;
}

/* Records of several CPUs are out of order: one from before the window does not start another. */
static void test_disorder(void **state)
{
	uint64_t next = begin_storm(S);

	(void)state;
	assert_true(dies(next, S - 1));
	assert_true(dies(next, S));
}

static void test_rate(void **state)
{
	uint64_t next = begin_storm(S);

	(void)state;
	assert_true(dies(next, S));
	assert_true(dies(next, S + FOLD_WINDOW_NS - 1));
	/* the next window starts again */
	assert_false(dies(next, S + FOLD_WINDOW_NS));
	/* at a slow rate nothing is folded */
	for (uint64_t i = 0; i < 100; i++)
		assert_false(dies(next, (100 + i) * S));
}

/* The first death of its kind or of another workload is never folded. */
static void test_kinds(void **state)
{
	uint64_t next = begin_storm(S);

	(void)state;
	report.verdict.cause = CAUSE_OOM_MEMCG;
	assert_false(dies(next, S));
	assert_true(dies(next, S));
	report.verdict.cause = CAUSE_SEGFAULT;
	(void)snprintf(report.fingerprint, sizeof(report.fingerprint), "1-0123456789abcdef");
	assert_false(dies(next, S));
	(void)snprintf(death.record.comm, sizeof(death.record.comm), "other");
	assert_false(dies(next, S));
	death.record.status = 139;
	assert_false(dies(next, S));
	report.share.workload = 3;
	for (int i = 0; i < FOLD_WHOLE; i++)
		assert_false(dies(next, S));
	assert_true(dies(next, S));
	report.verdict.stuck = true;
	assert_false(dies(next, S));
}

/* Each gets a row of its own, after a whole line for the first in the window. */
static void open_other_row(uint64_t sequence)
{
	assert_false(dies(sequence, S));
	assert_true(dies(sequence, S));
	assert_true(fold_joins(fold, &report, ALL));
	assert_int_equal(fold_add(fold, &report, ALL), 0);
}

/* The caller releases them. */
static struct event *close_all(unsigned int expected)
{
	unsigned int count = 0;
	uint64_t lost;
	struct event *rows = fold_close(fold, &lost);

	assert_int_equal(lost, 0);
	for (const struct event *row = rows; row; row = row->next)
		count++;
	assert_int_equal(count, expected);
	return rows;
}

static void close_rows(unsigned int expected)
{
	struct event *rows = close_all(expected);

	assert_int_equal(event_deaths(rows), expected);
	event_unref(rows);
}

/* Owners with one stable workload. */
static void test_owners(void **state)
{
	uint64_t next = begin_storm(S);

	(void)state;
	(void)snprintf(whose.owner.container_id, sizeof(whose.owner.container_id), "%064d", 1);
	(void)snprintf(whose.names.name, sizeof(whose.names.name), "prod-db");
	open_other_row(next++);
	(void)snprintf(whose.names.name, sizeof(whose.names.name), "mine");
	open_other_row(next++);
	(void)snprintf(whose.owner.container_id, sizeof(whose.owner.container_id), "%064d", 2);
	open_other_row(next++);
	(void)snprintf(whose.owner.pod_uid, sizeof(whose.owner.pod_uid), "1-2");
	open_other_row(next++);
	(void)snprintf(whose.names.pod, sizeof(whose.names.pod), "shop-1");
	open_other_row(next++);
	(void)snprintf(whose.owner.unit, sizeof(whose.owner.unit), "db@prod.service");
	open_other_row(next++);
	(void)snprintf(whose.owner.unit, sizeof(whose.owner.unit), "db@test.service");
	open_other_row(next++);
	(void)snprintf(whose.owner.user_unit, sizeof(whose.owner.user_unit), "db.service");
	open_other_row(next++);
	whose.owner.have_owner_uid = true;
	open_other_row(next++);
	(void)snprintf(death.cgroup_path, sizeof(death.cgroup_path), "/a");
	open_other_row(next++);
	(void)snprintf(death.memory_path, sizeof(death.memory_path), "/b");
	open_other_row(next++);
	death.record.uid = 1000;
	open_other_row(next++);
	close_rows(12);
}

/* A restarted unit has another cgroup with the same path. A cut path may be several. */
static void test_cgroup_number(void **state)
{
	uint64_t next = begin_storm(S);

	(void)state;
	death.record.cgroup_id = 7;
	assert_true(dies(next, S));
	death.record.flags = KT_DEATH_PATH_TRUNCATED;
	open_other_row(next++);
	death.record.cgroup_id = 8;
	open_other_row(next++);
	close_rows(2);
}

/* Two names with the same FNV-1a hash: such a pair takes a second to find. */
static void test_collision(void **state)
{
	uint64_t next = begin_storm(S);

	(void)state;
	(void)snprintf(death.record.comm, sizeof(death.record.comm), "ornfmdkm");
	open_other_row(next++);
	(void)snprintf(death.record.comm, sizeof(death.record.comm),
		       "\141\030\022\032\021\027\001\143\153\374\026\044\007\166\027");
	open_other_row(next++);
	close_rows(2);
}

/* Two senders never share a row. */
static void test_senders(void **state)
{
	uint64_t next = begin_storm(S);

	(void)state;
	report.verdict.sender = SENDER_PROCESS;
	open_other_row(next++);
	death.signal.sender_uid = 1000;
	open_other_row(next++);
	death.signal.sender_uid = 1001;
	open_other_row(next++);
	(void)snprintf(whose.sender.session, sizeof(whose.sender.session), "3");
	open_other_row(next++);
	(void)snprintf(whose.sender.session, sizeof(whose.sender.session), "9");
	open_other_row(next++);
	(void)snprintf(whose.sender.unit, sizeof(whose.sender.unit), "a.service");
	open_other_row(next++);
	(void)snprintf(whose.sender_names.name, sizeof(whose.sender_names.name), "mine");
	open_other_row(next++);
	(void)snprintf(death.sender_path, sizeof(death.sender_path), "/a");
	open_other_row(next++);
	(void)snprintf(death.signal.sender_comm, sizeof(death.signal.sender_comm), "kill");
	open_other_row(next++);
	death.signal.sender_pid = 4711; /* many kills by one program */
	assert_true(dies(next, S));
	close_rows(9);
}

static json_t *read_line(const struct event *event)
{
	json_t *record = json_loadb(event->line, event->size, 0, NULL);

	assert_non_null(record);
	assert_int_equal(event->size, strlen(event->line));
	assert_int_equal(event->line[event->size - 1], '\n');
	return record;
}

static const char *text_of(const json_t *record, const char *key)
{
	const char *text = json_string_value(json_object_get(record, key));

	return text ? text : "";
}

static void test_row(void **state)
{
	uint64_t next = begin_storm(S);
	struct event *rows;
	json_t *record, *repeats;

	(void)state;
	assert_int_equal(fold_first(fold), 0);
	assert_false(fold_is_due(fold, next, 1000 * S));
	for (uint64_t i = 0; i < 413; i++)
		add(next + i, S + i * S / 100);
	assert_int_equal(fold_first(fold), next);
	assert_false(fold_is_due(fold, next, S + FOLD_OPEN_NS - 1));
	assert_true(fold_is_due(fold, next, S + FOLD_OPEN_NS));
	/* the ring buffer has records of other processes, too */
	assert_false(fold_is_due(fold, next + SPAN - 1, S));
	assert_true(fold_is_due(fold, next + SPAN, S));
	rows = close_all(1);
	assert_int_equal(fold_first(fold), 0);
	assert_int_equal(event_first(rows), next);
	assert_int_equal(rows->sequence, next + 412);
	assert_int_equal(event_deaths(rows), 413);
	record = read_line(rows);
	repeats = json_object_get(record, "repeats");
	assert_int_equal(json_integer_value(json_object_get(repeats, "count")), 413);
	assert_string_equal(text_of(repeats, "first"), text_of(record, "time"));
	assert_string_equal(text_of(repeats, "last"), "1970-01-01T00:00:05.120000000Z");
	assert_string_equal(text_of(repeats, "last_id"), "boot-433");
	assert_int_equal(json_integer_value(json_object_get(repeats, "last_pid")), 433);
	assert_null(json_object_get(repeats, "rows_left"));
	assert_string_equal(text_of(record, "summary"),
			    "a \"summary\":\" of it (and 412 more like it in 4.1 s)");
	assert_int_equal(rows->reported->repeats.count, 413);
	assert_int_equal(rows->reported->repeats.first_ns, S);
	assert_int_equal(rows->reported->repeats.last_ns, S + 412 * S / 100);
	assert_int_equal(rows->reported->repeats.last_pid, 433);
	assert_int_equal(rows->reported->pid, 21);
	json_decref(record);
	event_unref(rows);
}

/* The wall clock is set back while a row is open, and records are out of order. */
static void test_clock_is_set(void **state)
{
	uint64_t next = begin_storm(10 * S);
	struct event *rows;
	json_t *record, *repeats;

	(void)state;
	death.realtime_offset_ns = 1000 * NS_PER_S;
	add(next++, 11 * S);
	death.realtime_offset_ns = 0;
	add(next++, 13 * S);
	add(next++, 10 * S);
	add(next++, 12 * S);
	rows = close_all(1);
	record = read_line(rows);
	repeats = json_object_get(record, "repeats");
	assert_string_equal(text_of(record, "time"), "1970-01-01T00:16:51.000000000Z");
	assert_string_equal(text_of(repeats, "first"), "1970-01-01T00:16:50.000000000Z");
	assert_string_equal(text_of(repeats, "last"), "1970-01-01T00:16:53.000000000Z");
	assert_string_equal(text_of(record, "summary"),
			    "a \"summary\":\" of it (and 3 more like it in 3.0 s)");
	json_decref(record);
	event_unref(rows);
}

static int64_t count_of(const struct event *row, const char *key)
{
	json_t *record = read_line(row);
	const int64_t count =
		json_integer_value(json_object_get(json_object_get(record, "repeats"), key));

	json_decref(record);
	return count;
}

/*
 * Interleaved deaths of two kinds are one event: its last row ends with its last death. A row with
 * a single death has the count 1.
 */
static void test_rows(void **state)
{
	uint64_t next = begin_storm(S), last;
	unsigned int rows_left;
	struct event *rows;
	json_t *record;

	(void)state;
	report.verdict.cause = CAUSE_BUS_ERROR;
	assert_false(dies(next, S));
	report.verdict.cause = CAUSE_ABORT;
	assert_false(dies(next, S));
	report.verdict.cause = CAUSE_SEGFAULT;
	add(100, S);
	report.verdict.cause = CAUSE_ABORT;
	add(200, S);
	report.verdict.cause = CAUSE_BUS_ERROR;
	add(300, S);
	report.verdict.cause = CAUSE_SEGFAULT;
	add(400, S);
	report.verdict.cause = CAUSE_BUS_ERROR;
	add(500, S);
	add(600, S);
	rows = close_all(3);
	assert_int_equal(event_first(rows), 100);
	assert_int_equal(rows->sequence, 600);
	assert_int_equal(event_deaths(rows), 6);
	assert_int_equal(event_size(rows), rows->size + rows->next->size + rows->next->next->size);
	assert_int_equal(count_of(rows, "count"), 1);
	assert_int_equal(count_of(rows, "rows_left"), 2);
	assert_int_equal(count_of(rows->next, "count"), 2);
	assert_int_equal(count_of(rows->next, "rows_left"), 1);
	assert_int_equal(count_of(rows->next->next, "count"), 3);
	assert_true(repeats_of_line(rows->line, rows->size, "boot", &last, &rows_left));
	assert_int_equal(last, 200);
	assert_int_equal(rows_left, 2);
	assert_true(repeats_of_line(rows->next->next->line, rows->next->next->size, "boot", &last,
				    &rows_left));
	assert_int_equal(last, 600);
	assert_int_equal(rows_left, 0);
	record = read_line(rows);
	assert_string_equal(text_of(record, "summary"), "a \"summary\":\" of it");
	json_decref(record);
	event_unref(rows);
}

/* A single death of one kind looks as without folding. */
static void test_single(void **state)
{
	uint64_t next = begin_storm(S);
	struct event *rows;
	json_t *record;

	(void)state;
	add(next, S);
	rows = close_all(1);
	assert_int_equal(event_deaths(rows), 1);
	assert_int_equal(event_first(rows), rows->sequence);
	record = read_line(rows);
	assert_null(json_object_get(record, "repeats"));
	json_decref(record);
	event_unref(rows);
}

/* A death that cannot be added to the open rows makes them close. */
static void test_joins(void **state)
{
	uint64_t next = begin_storm(S);

	(void)state;
	add(1000, S);
	assert_true(dies(next, S));
	death.sequence = 1000;
	assert_false(fold_joins(fold, &report, ALL)); /* a repeated record */
	death.sequence = 1001;
	assert_true(fold_joins(fold, &report, ALL));
	assert_false(fold_joins(fold, &report, ALL + 1)); /* for other outlets than before */
	death.sequence = 1000 + SPAN;
	assert_false(fold_joins(fold, &report, ALL)); /* too much would wait */
}

static void test_most_rows(void **state)
{
	uint64_t next = begin_storm(S);

	(void)state;
	for (unsigned int i = 0; i <= FOLD_ROWS; i++) {
		death.record.status = i + 1;
		assert_false(dies(next++, S));
		assert_true(dies(next++, S));
		if (i == FOLD_ROWS)
			break;
		assert_true(fold_joins(fold, &report, ALL));
		assert_int_equal(fold_add(fold, &report, ALL), 0);
	}
	assert_false(fold_joins(fold, &report, ALL));
	close_rows(FOLD_ROWS);
}

/* Many kinds in turn do not close each other's rows: a death of an open row needs no room. */
static void test_no_room_needed(void **state)
{
	uint64_t next = begin_storm(S);

	(void)state;
	for (unsigned int i = 0; i < FOLD_ROWS; i++) {
		death.record.status = i + 1;
		open_other_row(next);
		next += 2;
	}
	for (unsigned int turn = 0; turn < 3; turn++)
		for (unsigned int i = 0; i < FOLD_ROWS; i++) {
			death.record.status = i + 1;
			add(next++, S);
		}
	event_unref(close_all(FOLD_ROWS));
}

/* Whoever causes many deaths of its own that all differ cannot hide who killed it. */
static void test_foreign_sender(void **state)
{
	uint64_t next = 1;

	(void)state;
	report.verdict.cause = CAUSE_SIGKILL;
	report.verdict.sender = SENDER_PROCESS;
	report.share = (struct share){ 1, 2 };
	death.record.uid = death.signal.sender_uid = 1234;
	for (unsigned int i = 0; i < FOLD_OWNER_LINES; i++) {
		(void)snprintf(death.record.comm, sizeof(death.record.comm), "made-up-%u", i);
		assert_false(dies(next++, S));
	}
	add(next++, S);
	(void)snprintf(death.record.comm, sizeof(death.record.comm), "another");
	add(next++, S);
	death.signal.sender_uid = 0;
	add(next++, S);
	death.signal.sender_uid = 1000;
	add(next++, S);
	/* of the same sender */
	(void)snprintf(death.record.comm, sizeof(death.record.comm), "one-more");
	add(next++, S);
	event_unref(close_all(3));
}

/* A table full of other kinds folds nothing, and loses nothing. */
static void test_full_table(void **state)
{
	unsigned int whole = 0;

	(void)state;
	for (unsigned int i = 0; i < 5000; i++) {
		report.share.workload = 1000 + i;
		death.record.uid = i;
		(void)snprintf(death.cgroup_path, sizeof(death.cgroup_path), "/%u", i);
		for (int n = 0; n < FOLD_WHOLE; n++)
			assert_false(dies(1, S));
	}
	report.share.workload = 2;
	for (unsigned int i = 0; i < 100; i++)
		whole += !dies(1, S);
	assert_int_equal(whole, 100);
	/* when their time is over, there is room again */
	for (unsigned int i = 0; i < 100; i++)
		whole += !dies(1, S + 2 * FOLD_WINDOW_NS);
	assert_int_equal(whole, 100 + FOLD_WHOLE);
}

static void name_program(uint64_t number)
{
	(void)snprintf(death.record.comm, sizeof(death.record.comm), "p%llu",
		       (unsigned long long)number);
}

/* As many whole deaths as its lines are, with a new program each. */
static uint64_t use_up(uint64_t next, uint64_t lines)
{
	for (uint64_t i = 0; i < lines; i++) {
		name_program(next);
		assert_false(dies(next++, S));
	}
	return next;
}

static void add_differing(uint64_t sequence)
{
	name_program(sequence);
	add(sequence, S);
}

static const char *difference_of(const struct event *row)
{
	static char text[80];
	json_t *record = read_line(row);
	const json_t *differ = json_object_get(json_object_get(record, "repeats"), "differ"), *part;
	size_t i;

	*text = '\0';
	json_array_foreach(differ, i, part)
		(void)snprintf(text + strlen(text), sizeof(text) - strlen(text), " %s",
			       json_string_value(part));
	json_decref(record);
	return text;
}

/* An owner's deaths that all differ share a row for each cause, and the row says so. */
static void test_differing(void **state)
{
	struct event *rows;
	json_t *record;
	uint64_t next;

	(void)state;
	(void)snprintf(whose.owner.unit, sizeof(whose.owner.unit), "a.service");
	next = use_up(1, FOLD_OWNER_LINES);
	add_differing(next++);
	add_differing(next++);
	(void)snprintf(death.cgroup_path, sizeof(death.cgroup_path), "/a.service/deeper");
	death.record.status = 139;
	add_differing(next++);
	report.verdict.cause = CAUSE_ABORT;
	add_differing(next++);
	rows = close_all(2);
	assert_int_equal(event_deaths(rows), 4);
	assert_string_equal(difference_of(rows), " cgroup program end");
	assert_true(rows->reported->repeats.differ);
	record = read_line(rows);
	assert_string_equal(
		text_of(record, "summary"),
		"a \"summary\":\" of it (and 2 more of its owner, not all like it, in 0.0 s)");
	json_decref(record);
	assert_string_equal(difference_of(rows->next), "");
	event_unref(rows);
	/* other owners and other times are not touched by that */
	(void)snprintf(whose.owner.unit, sizeof(whose.owner.unit), "b.service");
	assert_false(dies(next, S));
	(void)snprintf(whose.owner.unit, sizeof(whose.owner.unit), "a.service");
	assert_true(dies(next, S));
	assert_false(dies(next, S + FOLD_WINDOW_NS));
}

/* In a unit with several users, such as cron's, one does not use up the lines of another. */
static void test_users_of_a_unit(void **state)
{
	uint64_t next;

	(void)state;
	(void)snprintf(whose.owner.unit, sizeof(whose.owner.unit), "cron.service");
	death.record.uid = 65534;
	next = use_up(1, FOLD_OWNER_LINES);
	add_differing(next++);
	death.record.uid = 0;
	name_program(next);
	assert_false(dies(next++, S));
	/* in a container, users are anything that its root likes */
	(void)snprintf(whose.owner.container_id, sizeof(whose.owner.container_id), "%064d", 1);
	for (uint64_t i = 0; i < FOLD_OWNER_LINES; i++) {
		name_program(next);
		death.record.uid = (uint32_t)next;
		assert_false(dies(next++, S));
	}
	death.record.uid = (uint32_t)next;
	name_program(next);
	assert_true(dies(next, S));
}

/* A row of equal deaths goes on, beside one of deaths that differ. */
static void test_equal_beside_differing(void **state)
{
	uint64_t next = begin_storm(S);
	struct event *rows;

	(void)state;
	add(next++, S);
	next = use_up(next, FOLD_OWNER_LINES - FOLD_WHOLE);
	add_differing(next++);
	(void)snprintf(death.record.comm, sizeof(death.record.comm), "victim");
	add(next++, S);
	add_differing(next++);
	rows = close_all(2);
	assert_int_equal(count_of(rows, "count"), 2);
	assert_string_equal(difference_of(rows), "");
	assert_int_equal(count_of(rows->next, "count"), 2);
	assert_string_equal(difference_of(rows->next), " program");
	event_unref(rows);
}

static void make_unit_up(uint64_t number)
{
	(void)snprintf(whose.owner.user_unit, sizeof(whose.owner.user_unit), "u%llu.scope",
		       (unsigned long long)number);
	(void)snprintf(death.cgroup_path, sizeof(death.cgroup_path), "/u%llu",
		       (unsigned long long)number);
	report.share.workload = number;
}

/* A user can make up any number of owners below the own part of the cgroup tree. */
static void test_user(void **state)
{
	struct event *rows;
	uint64_t next = 1;

	(void)state;
	whose.owner.have_owner_uid = true;
	death.record.uid = whose.owner.owner_uid = 1000;
	for (; next <= FOLD_USER_LINES; next++) {
		make_unit_up(next);
		assert_false(dies(next, S));
	}
	for (int i = 0; i < 3; i++) {
		make_unit_up(next);
		death.record.uid = i < 2 ? 1000 : 100000; /* in a namespace of this user */
		add(next++, S);
	}
	death.record.uid = 0; /* sudo in the session of that user */
	assert_false(dies(next, S));
	death.record.uid = whose.owner.owner_uid = 1001;
	assert_false(dies(next, S));
	whose.owner.have_owner_uid = false;
	assert_false(dies(next, S));
	rows = close_all(1);
	assert_int_equal(count_of(rows, "count"), 3);
	assert_string_equal(difference_of(rows), " cgroup program");
	event_unref(rows);
}

/* Each row is a line of its owner, too: single deaths of others close rows again and again. */
static void test_rows_are_lines(void **state)
{
	uint64_t next = begin_storm(S), rows = 0;

	(void)state;
	for (uint64_t i = FOLD_WHOLE; i < FOLD_OWNER_LINES; i++, rows++) {
		add(next++, S);
		close_rows(1);
	}
	name_program(next);
	add(next, S);
}

/* Rows that were never closed are released. */
static void test_open_at_the_end(void **state)
{
	uint64_t next = begin_storm(S);

	(void)state;
	add(next, S);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_rate),
		TEST(test_disorder),
		TEST(test_clock_is_set),
		TEST(test_kinds),
		TEST(test_row),
		TEST(test_owners),
		TEST(test_cgroup_number),
		TEST(test_senders),
		TEST(test_collision),
		TEST(test_rows),
		TEST(test_single),
		TEST(test_joins),
		TEST(test_most_rows),
		TEST(test_no_room_needed),
		TEST(test_foreign_sender),
		TEST(test_full_table),
		TEST(test_open_at_the_end),
		TEST(test_differing),
		TEST(test_user),
		TEST(test_rows_are_lines),
		TEST(test_equal_beside_differing),
		TEST(test_users_of_a_unit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
