/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A history in a folder of the test's own, and SQLite itself to look into it. A failure ends the
 * test.
 */
#ifndef KT_UNIT_HISTORY_H
#define KT_UNIT_HISTORY_H

#include "unit.h"

#include <errno.h>
#include <inttypes.h>
#include <sqlite3.h>
#include <stdbool.h>

#include "base/clock.h"
#include "events.h"
#include "history/history.h"
#include "tree.h"

#define HISTORY_DB tree_path("/history.db")
#define T0_NS 1700000000000000000LL

static inline struct event *history_event(const char *line, int64_t realtime_ns)
{
	return events_make(line, strlen(line), realtime_ns);
}

/* The death `number`, a nanosecond after the one before it; `more` are further members, or "". */
static inline struct event *history_death(int number, const char *more)
{
	char line[8192];

	(void)snprintf(
		line, sizeof(line),
		"{\"schema\":1,\"id\":\"boot-%d\",\"cause\":\"sigkill\",\"class\":\"userspace\","
		"\"routine\":false,\"summary\":\"death %d\",\"victim\":{\"pid\":%d,"
		"\"comm\":\"victim\"}%s}\n",
		number, number, number, more);
	return history_event(line, T0_NS + number);
}

static inline void history_give(struct outlet *outlet, struct event *event)
{
	/* like the outlet */
	if (outlet->ops->deliver(outlet, event) == -ENOBUFS) {
		assert_int_equal(outlet->ops->flush(outlet), 0);
		assert_int_equal(outlet->ops->deliver(outlet, event), 0);
	}
	event_unref(event);
}

static inline struct outlet *history_make(void)
{
	static char path[64];
	const struct history_limits forever = { 100000, 1 << 30 };

	(void)snprintf(path, sizeof(path), "%s", HISTORY_DB);
	return history_new(path, &forever, "boot");
}

static inline void history_drop(struct outlet *outlet)
{
	outlet->ops->free(outlet);
}

static inline void history_run(const char *path, const char *sql)
{
	sqlite3 *sqlite;
	char *error = NULL;

	assert_int_equal(sqlite3_open(path, &sqlite), SQLITE_OK);
	if (sqlite3_exec(sqlite, sql, NULL, NULL, &error))
		fail_msg("%s: %s", sql, error);
	assert_int_equal(sqlite3_close(sqlite), SQLITE_OK);
}

/* The single value that a statement returns, as text. */
static inline const char *history_ask(const char *path, const char *sql)
{
	static char answer[8192];
	sqlite3 *sqlite;
	sqlite3_stmt *statement = NULL;
	const char *text;

	assert_int_equal(sqlite3_open_v2(path, &sqlite, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
	if (sqlite3_prepare_v2(sqlite, sql, -1, &statement, NULL))
		fail_msg("%s: %s", sql, sqlite3_errmsg(sqlite));
	assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
	text = (const char *)sqlite3_column_text(statement, 0);
	(void)snprintf(answer, sizeof(answer), "%s", text ? text : "NULL");
	(void)sqlite3_finalize(statement);
	assert_int_equal(sqlite3_close(sqlite), SQLITE_OK);
	return answer;
}

static inline void history_expect(const char *sql, const char *answer)
{
	assert_string_equal(history_ask(HISTORY_DB, sql), answer);
}

static inline void history_expect_sound(void)
{
	history_expect("PRAGMA integrity_check", "ok");
}

#endif
