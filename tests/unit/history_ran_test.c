// SPDX-License-Identifier: BSD-2-Clause
/* When agents ran: what they note, and the gaps that readers find. */
#include "history.h"

#include <stdlib.h>
#include <string.h>

#include "history/history_ran.h"
#include "history_v1.h"

#define S NS_PER_S

static struct history_ran ran_in(int64_t since_ns, int64_t until_ns)
{
	struct history_reader *reader;
	struct history_ran ran;
	char path[128];

	(void)snprintf(path, sizeof(path), "%s", HISTORY_DB);
	assert_int_equal(history_open(path, &reader), 0);
	assert_int_equal(history_ran(reader, since_ns, until_ns, &ran), 0);
	history_free(reader);
	return ran;
}

/* An agent that told nothing has run, too. */
static void test_noted(void **state)
{
	struct outlet *outlet = history_make();

	(void)state;
	assert_int_equal(outlet->ops->flush(outlet), 0);
	history_expect("SELECT count(*) FROM ran WHERE begin > 1700000000000000000"
		       " AND last >= begin",
		       "1");
	history_give(outlet, history_death(1, ""));
	assert_int_equal(outlet->ops->flush(outlet), 0);
	history_expect("SELECT count(*) FROM ran", "1");
	history_drop(outlet);
	history_expect("SELECT count(*) FROM ran WHERE last > begin", "1");
	/* the next agent */
	outlet = history_make();
	assert_int_equal(outlet->ops->flush(outlet), 0);
	history_drop(outlet);
	history_expect("SELECT count(*) FROM ran", "2");
	history_expect_sound();
}

/* A replay is no agent. */
static void test_replay(void **state)
{
	static char path[64];
	const struct history_limits forever = { 100000, 1 << 30 };
	struct outlet *outlet;

	(void)state;
	(void)snprintf(path, sizeof(path), "%s", HISTORY_DB);
	outlet = history_new(path, &forever, NULL);
	history_give(outlet, history_death(1, ""));
	assert_int_equal(outlet->ops->flush(outlet), 0);
	history_drop(outlet);
	history_expect("SELECT count(*) FROM ran", "0");
	assert_true(ran_in(0, T0_NS).known_ns == INT64_MAX);
}

static void test_bounded(void **state)
{
	struct outlet *outlet = history_make();

	(void)state;
	assert_int_equal(outlet->ops->flush(outlet), 0);
	history_drop(outlet);
	history_run(HISTORY_DB, "WITH RECURSIVE n(i) AS (SELECT 2 UNION ALL SELECT i + 1 FROM n"
				" WHERE i < 5000) INSERT INTO ran SELECT i, i, i FROM n");
	outlet = history_make();
	assert_int_equal(outlet->ops->flush(outlet), 0);
	history_drop(outlet);
	history_expect("SELECT count(*) FROM ran", "1000");
}

static void expect_gap(const struct history_gap *gap, int64_t from_s, int64_t to_s)
{
	assert_int_equal(gap->from_ns, from_s * S);
	assert_int_equal(gap->to_ns, to_s * S);
}

static void test_gaps(void **state)
{
	struct outlet *outlet = history_make();
	struct history_ran ran;
	char sql[256];

	(void)state;
	assert_int_equal(outlet->ops->flush(outlet), 0);
	history_drop(outlet);
	/* seconds: 1000 to 2000, a restart, 2005 to 3000, within that another, 5000 to 6000 */
	(void)snprintf(sql, sizeof(sql),
		       "DELETE FROM ran; INSERT INTO ran (begin, last) SELECT b * %lld, l * %lld"
		       " FROM (SELECT 1000 AS b, 2000 AS l UNION SELECT 2005, 3000"
		       " UNION SELECT 2100, 2200 UNION SELECT 5000, 6000)",
		       S, S);
	history_run(HISTORY_DB, sql);

	ran = ran_in(0, 10000 * S);
	assert_int_equal(ran.known_ns, 1000 * S);
	assert_int_equal(ran.count, 2);
	assert_int_equal(ran.total, 2);
	expect_gap(&ran.gaps[0], 3000, 5000);
	expect_gap(&ran.gaps[1], 6000, 10000);
	/* it runs, and notes that every five minutes */
	assert_int_equal(ran_in(1500 * S, 2900 * S).count, 0);
	assert_int_equal(ran_in(5500 * S, 6300 * S).count, 0);
	assert_int_equal(ran_in(5500 * S, 6361 * S).count, 1);
	/* a time within a gap, and one that ends in it */
	ran = ran_in(3100 * S, 4900 * S);
	assert_int_equal(ran.count, 1);
	expect_gap(&ran.gaps[0], 3100, 4900);
	ran = ran_in(2500 * S, 4900 * S);
	assert_int_equal(ran.count, 1);
	expect_gap(&ran.gaps[0], 3000, 4900);
	/* before it is known */
	ran = ran_in(100 * S, 900 * S);
	assert_int_equal(ran.count, 0);
	assert_int_equal(ran.known_ns, 1000 * S);
}

/* Where deaths were dropped by their age, none is known. */
static void test_forgotten(void **state)
{
	const struct history_limits one_day = { 1, 1 << 30 };
	static char path[64];
	struct outlet *outlet = history_make();
	int64_t now_ns = (int64_t)clock_boottime_ns() + clock_realtime_offset_ns();
	char sql[256];

	(void)state;
	history_give(outlet, history_death(1, ""));
	assert_int_equal(outlet->ops->flush(outlet), 0);
	history_drop(outlet);
	(void)snprintf(sql, sizeof(sql),
		       "UPDATE event SET time = 1000; DELETE FROM ran;"
		       "INSERT INTO ran (begin, last) VALUES (1000, 2000), (3000, %lld)",
		       (long long)now_ns);
	history_run(HISTORY_DB, sql);
	(void)snprintf(path, sizeof(path), "%s", HISTORY_DB);
	outlet = history_new(path, &one_day, NULL);
	assert_int_equal(outlet->ops->flush(outlet), 0);
	history_drop(outlet);
	history_expect("SELECT count(*) FROM event", "0");
	history_expect("SELECT count(*) FROM ran", "1");
	(void)snprintf(sql, sizeof(sql),
		       "SELECT count(*) FROM ran WHERE begin > %lld AND"
		       " last = %lld",
		       (long long)(now_ns - 86400 * S - 1), (long long)now_ns);
	history_expect(sql, "1");
}

static void test_old(void **state)
{
	(void)state;
	history_run(HISTORY_DB, history_v1);
	assert_true(ran_in(0, INT64_MAX).known_ns == INT64_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_noted, tree_make, tree_remove),
		cmocka_unit_test_setup_teardown(test_replay, tree_make, tree_remove),
		cmocka_unit_test_setup_teardown(test_bounded, tree_make, tree_remove),
		cmocka_unit_test_setup_teardown(test_gaps, tree_make, tree_remove),
		cmocka_unit_test_setup_teardown(test_forgotten, tree_make, tree_remove),
		cmocka_unit_test_setup_teardown(test_old, tree_make, tree_remove),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
