// SPDX-License-Identifier: BSD-2-Clause
#include "history/history_scan.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/cleanup.h"
#include "base/output.h"
#include "history/history_inside.h"

enum {
	COLUMN_NUMBER,
	COLUMN_TIME,
	COLUMN_CAUSE,
	COLUMN_DEATHS,
	COLUMN_LAST,
	COLUMN_FINGERPRINT,
	COLUMN_FIRST_OWNER
};

/* "SELECT …" without its WHERE. */
static void put_columns(sqlite3_str *sql, const struct history_reader *reader)
{
	static const char *const owner[] = { "unit", "user_unit", "pod", "container", "workload" };
	const bool has_repeats = history_has_column(reader, "last_time");

	sqlite3_str_appendf(sql, "SELECT number, time, cause, %s, %s",
			    has_repeats ? "coalesce(deaths, 1), coalesce(last_time, time)"
					: "1, time",
			    history_has_column(reader, "fingerprint") ? "fingerprint" : "NULL");
	for (size_t i = 0; i < ARRAY_SIZE(owner); i++)
		if (history_has_column(reader, owner[i]))
			sqlite3_str_appendf(sql, ", %s", owner[i]);
	sqlite3_str_appendall(sql, " FROM event");
}

/* Which rows of a time. */
enum rows { ROWS_OF_TIME, ROWS_BEGUN_BEFORE };

static char *sql_of(const struct history_reader *reader, const struct history_query *query,
		    enum rows which)
{
	const char *routine = query->selection->all ? "" : " AND NOT routine";
	const long long since_ns = query->since_ns;
	sqlite3_str *sql = sqlite3_str_new(NULL);

	put_columns(sql, reader);
	if (which == ROWS_OF_TIME)
		sqlite3_str_appendf(sql,
				    " WHERE time BETWEEN %lld AND %lld%s ORDER BY 2 DESC, 1 DESC",
				    since_ns, (long long)query->until_ns, routine);
	else /* they are few, and have an index of their own, hence the plus */
		sqlite3_str_appendf(sql, " WHERE last_time >= %lld AND +time < %lld%s", since_ns,
				    since_ns, routine);
	return sqlite3_str_finish(sql);
}

static const char *text_at(sqlite3_stmt *rows, int column)
{
	const unsigned char *text = sqlite3_column_text(rows, column);

	return text ? (const char *)text : "";
}

/* The columns one after the other, each with its length: no text looks like two. */
static void read_owner(sqlite3_stmt *rows, struct buffer *ret)
{
	const int count = sqlite3_column_count(rows);

	ret->size = 0;
	for (int i = COLUMN_FIRST_OWNER; i < count; i++) {
		const unsigned char *text = sqlite3_column_text(rows, i);
		const int size = sqlite3_column_bytes(rows, i);

		buffer_add(ret, &size, sizeof(size));
		if (text)
			buffer_add(ret, text, (size_t)size);
	}
}

static int pass_on(sqlite3_stmt *rows, struct buffer *owner, history_take_row take, void *context)
{
	struct history_row row = {
		.number = sqlite3_column_int64(rows, COLUMN_NUMBER),
		.time_ns = sqlite3_column_int64(rows, COLUMN_TIME),
		.last_ns = sqlite3_column_int64(rows, COLUMN_LAST),
		.cause = text_at(rows, COLUMN_CAUSE),
		.fingerprint = text_at(rows, COLUMN_FINGERPRINT),
	};

	if (*row.cause)
		row.deaths = (uint64_t)sqlite3_column_int64(rows, COLUMN_DEATHS);
	read_owner(rows, owner);
	if (owner->failed)
		return -ENOMEM;
	row.owner = owner->text;
	row.owner_size = owner->size;
	return take(context, &row);
}

/* In one statement, without lines. */
static int scan_rows(struct history_reader *reader, char *sql, struct buffer *owner,
		     history_take_row take, void *context)
{
	sqlite3_stmt *rows = NULL;
	int result = sql ? sqlite3_prepare_v2(history_sqlite(reader), sql, -1, &rows, NULL)
			 : SQLITE_NOMEM;
	int error = result ? history_failed(reader) : 0;

	while (!error && (result = sqlite3_step(rows)) == SQLITE_ROW)
		error = output_stop ? -EINTR : pass_on(rows, owner, take, context);
	if (!error && result != SQLITE_DONE)
		error = history_failed(reader);
	(void)sqlite3_finalize(rows);
	sqlite3_free(sql);
	return error;
}

/* Events that began before the time and ended within it are included. */
static int scan_time(struct history_reader *reader, const struct history_query *query,
		     struct buffer *owner, history_take_row take, void *context)
{
	int error = scan_rows(reader, sql_of(reader, query, ROWS_OF_TIME), owner, take, context);

	if (!error && history_has_column(reader, "last_time"))
		error = scan_rows(reader, sql_of(reader, query, ROWS_BEGUN_BEFORE), owner, take,
				  context);
	return error;
}

static sqlite3_stmt *prepare_by_number(struct history_reader *reader)
{
	sqlite3_str *str = sqlite3_str_new(NULL);
	sqlite3_stmt *statement = NULL;
	char *sql;

	put_columns(str, reader);
	sqlite3_str_appendall(str, " WHERE number = ?1");
	sql = sqlite3_str_finish(str);
	if (sql)
		(void)sqlite3_prepare_v2(history_sqlite(reader), sql, -1, &statement, NULL);
	sqlite3_free(sql);
	return statement;
}

/* Row by row, of those whose lines were judged. */
static int scan_selected(struct history_reader *reader, const struct history_query *query,
			 struct buffer *owner, history_take_row take, void *context)
{
	struct history_query all = *query;
	AUTO_FREE int64_t *numbers = NULL;
	sqlite3_stmt *rows;
	size_t count = 0;
	int error;

	all.limit = 0;
	error = history_find_numbers(reader, &all, &numbers, &count);
	if (error)
		return error;
	rows = prepare_by_number(reader);
	if (!rows)
		return history_failed(reader);
	for (size_t i = 0; i < count && !error; i++) {
		(void)sqlite3_bind_int64(rows, 1, numbers[i]);
		if (sqlite3_step(rows) == SQLITE_ROW) /* else it has just become too old */
			error = output_stop ? -EINTR : pass_on(rows, owner, take, context);
		if (sqlite3_reset(rows) && !error)
			error = history_failed(reader);
	}
	(void)sqlite3_finalize(rows);
	return error;
}

int history_scan(struct history_reader *reader, const struct history_query *query,
		 history_take_row take, void *context)
{
	struct buffer owner = { 0 };
	int error;

	if (selection_is_open(query->selection) && !query->also)
		error = scan_time(reader, query, &owner, take, context);
	else
		error = scan_selected(reader, query, &owner, take, context);
	free(owner.text);
	return error;
}

int history_line(struct history_reader *reader, int64_t number, char **ret_line,
		 int64_t *ret_time_ns)
{
	sqlite3_stmt *row = NULL;
	char *line = NULL;
	int result, error = 0;

	if (sqlite3_prepare_v2(history_sqlite(reader),
			       "SELECT line, time FROM event WHERE number = ?1", -1, &row, NULL))
		return history_failed(reader);
	(void)sqlite3_bind_int64(row, 1, number);
	result = sqlite3_step(row);
	if (result == SQLITE_ROW) {
		line = strdup(text_at(row, 0));
		*ret_time_ns = sqlite3_column_int64(row, 1);
		error = line ? 0 : -ENOMEM;
	} else if (result == SQLITE_TOOBIG) {
		history_count_damaged(reader);
	} else if (result != SQLITE_DONE) {
		error = history_failed(reader);
	}
	(void)sqlite3_finalize(row);
	if (error) {
		free(line);
		return error;
	}
	*ret_line = line;
	return 0;
}
