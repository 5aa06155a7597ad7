// SPDX-License-Identifier: BSD-2-Clause
#include "sink/history_read.h"

#include <errno.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "sink/history_row.h"
#include "sink/history_schema.h"
#include "sink/history_sqlite.h"
#include "sink/output.h"

#define PATIENCE_MS 5000

struct history_reader {
	sqlite3 *sqlite;
	char error[256];
};

/* The numbers of what was found, newest first. */
struct found {
	int64_t *numbers;
	size_t count, room;
	unsigned long deaths;
};

static int failed(struct history_reader *reader)
{
	(void)snprintf(reader->error, sizeof(reader->error), "%s",
		       reader->sqlite ? sqlite3_errmsg(reader->sqlite) : "out of memory");
	return HISTORY_FAILED;
}

static int open_any(struct history_reader *reader, const char *path)
{
	int result = history_sqlite_open(path, SQLITE_OPEN_READONLY, &reader->sqlite);

	if (result)
		return result;
	(void)sqlite3_busy_timeout(reader->sqlite, PATIENCE_MS);
	return history_schema_check(reader->sqlite);
}

/* Where a log is, somebody may be writing, and what is in the log belongs to it. */
static bool has_log(const char *path)
{
	AUTO_FREE char *log = NULL;

	return asprintf(&log, "%s-wal", path) < 0 || !access(log, F_OK);
}

int history_open(const char *path, struct history_reader **ret)
{
	struct history_reader *reader = calloc(1, sizeof(*reader));
	struct stat st;
	int result;

	*ret = reader;
	if (!reader)
		return -HISTORY_UNREADABLE;
	if (access(path, F_OK) && (errno == ENOENT || errno == ENOTDIR))
		return -HISTORY_MISSING;
	if (!stat(path, &st) && !S_ISREG(st.st_mode)) { /* SQLite would wait for a FIFO's writer */
		(void)snprintf(reader->error, sizeof(reader->error), "it is no regular file");
		return -HISTORY_UNREADABLE;
	}
	if (access(path, R_OK)) {
		(void)snprintf(reader->error, sizeof(reader->error), "%s", strerror(errno));
		return -HISTORY_UNREADABLE;
	}
	result = open_any(reader, path);
	if (((result & 0xff) == SQLITE_CANTOPEN || (result & 0xff) == SQLITE_READONLY) &&
	    !has_log(path)) {
		(void)sqlite3_close(reader->sqlite);
		result = history_sqlite_open_copy(path, &reader->sqlite);
		if (!result)
			result = history_schema_check(reader->sqlite);
	}
	switch (result) {
	case SQLITE_OK:
		return 0;
	case HISTORY_SCHEMA_NEWER:
		return -HISTORY_NEWER;
	case HISTORY_SCHEMA_FOREIGN:
		return -HISTORY_FOREIGN;
	case HISTORY_SCHEMA_EMPTY: /* an agent is just about to make it */
		return -HISTORY_MISSING;
	default:
		(void)failed(reader);
		return -HISTORY_UNREADABLE;
	}
}

void history_free(struct history_reader *reader)
{
	if (!reader)
		return;
	(void)sqlite3_close(reader->sqlite);
	free(reader);
}

const char *history_error(const struct history_reader *reader)
{
	return reader ? reader->error : "out of memory";
}

static bool are_literal(char *const *words)
{
	for (; *words; words++)
		if (strpbrk(*words, "*?[\\"))
			return false;
	return true;
}

static void put_list(sqlite3_str *sql, const char *column, char *const *words)
{
	sqlite3_str_appendf(sql, " %s IN (", column);
	for (char *const *word = words; *word; word++)
		sqlite3_str_appendf(sql, "%s%Q", word == words ? "" : ",", *word);
	sqlite3_str_appendall(sql, ")");
}

/* Leaves out what cannot match, by an index. Patterns are for fnmatch() alone. */
static void narrow(sqlite3_str *sql, const char *column, const char *other, char *const *words)
{
	if (!words || !*words || !are_literal(words))
		return;
	sqlite3_str_appendall(sql, " AND (");
	put_list(sql, column, words);
	if (other) {
		sqlite3_str_appendall(sql, " OR");
		put_list(sql, other, words);
	}
	/* what was lost is nobody's */
	sqlite3_str_appendall(sql, " OR cause IS NULL)");
}

/* NULL: no memory. */
static char *make_sql(const struct history_query *query)
{
	const struct selection *selection = query->selection;
	sqlite3_str *sql = sqlite3_str_new(NULL);

	sqlite3_str_appendf(sql, "SELECT number FROM event WHERE time BETWEEN %lld AND %lld%s",
			    (long long)query->since_ns, (long long)query->until_ns,
			    selection->all ? "" : " AND NOT routine");
	narrow(sql, "cause", NULL, selection->cause);
	narrow(sql, "unit", "user_unit", selection->unit);
	narrow(sql, "pod", NULL, selection->pod);
	narrow(sql, "comm", NULL, selection->comm);
	narrow(sql, "pid", NULL, selection->pid);
	sqlite3_str_appendall(sql, " ORDER BY time DESC, number DESC");
	return sqlite3_str_finish(sql);
}

static bool note(struct found *found, int64_t number)
{
	if (found->count == found->room) {
		size_t room = found->room ? found->room * 2 : 1024;
		int64_t *bigger = reallocarray(found->numbers, room, sizeof(*bigger));

		if (!bigger)
			return false;
		found->numbers = bigger;
		found->room = room;
	}
	found->numbers[found->count++] = number;
	return true;
}

/* The line, to be freed by sqlite3_free(); NULL: it has gone meanwhile, or *ret_result is no success. */
static char *fetch(sqlite3_stmt *by_number, int64_t number, int64_t *ret_realtime_ns,
		   int *ret_result)
{
	char *line = NULL;
	int result;

	(void)sqlite3_bind_int64(by_number, 1, number);
	result = sqlite3_step(by_number);
	if (result == SQLITE_ROW) {
		line = sqlite3_mprintf("%s", sqlite3_column_text(by_number, 0));
		*ret_realtime_ns = sqlite3_column_int64(by_number, 1);
	}
	*ret_result = result == SQLITE_ROW && !line ? SQLITE_NOMEM : sqlite3_reset(by_number);
	return line;
}

/* 1: it is asked for, 0: it is not, or no line of ours; else HISTORY_FAILED. */
static int judge(struct history_reader *reader, sqlite3_stmt *by_number, int64_t number,
		 const struct selection *selection, struct found *found)
{
	struct history_row row;
	int64_t realtime_ns;
	int result;
	char *line = fetch(by_number, number, &realtime_ns, &result);
	bool taken = false;

	if (result)
		return failed(reader);
	if (line && history_row_read(line, strlen(line), &row)) {
		taken = !row.is_death || selection_takes_told(selection, &row.told);
		found->deaths += taken && row.is_death;
		history_row_done(&row);
	}
	sqlite3_free(line);
	return taken;
}

/* All of it in one read transaction; nothing waits for us, but the log cannot be emptied meanwhile. */
static int find(struct history_reader *reader, sqlite3_stmt *by_number,
		const struct history_query *query, struct found *found)
{
	char *sql = make_sql(query);
	sqlite3_stmt *statement = NULL;
	int result = sql ? sqlite3_prepare_v2(reader->sqlite, sql, -1, &statement, NULL)
			 : SQLITE_NOMEM;
	int error = 0;

	while (!result && !error && !output_stop &&
	       !(query->limit && found->deaths == query->limit)) {
		int64_t number;

		result = sqlite3_step(statement);
		if (result != SQLITE_ROW)
			break;
		result = SQLITE_OK;
		number = sqlite3_column_int64(statement, 0);
		error = judge(reader, by_number, number, query->selection, found);
		if (error > 0)
			error = note(found, number) ? 0 : failed(reader);
	}
	if (!error && result && result != SQLITE_DONE)
		error = failed(reader);
	(void)sqlite3_finalize(statement);
	sqlite3_free(sql);
	return output_stop && !error ? -EINTR : error;
}

static int show(struct history_reader *reader, sqlite3_stmt *by_number, const struct found *found,
		history_take take, void *context)
{
	int error = 0;

	for (size_t i = found->count; i-- && !error;) {
		int64_t realtime_ns;
		int result;
		char *line = fetch(by_number, found->numbers[i], &realtime_ns, &result);

		if (output_stop)
			error = -EINTR;
		else if (result)
			error = failed(reader);
		else if (line) /* else it grew too old just now */
			error = take(context, line, realtime_ns);
		sqlite3_free(line);
	}
	return error;
}

int history_read(struct history_reader *reader, const struct history_query *query,
		 history_take take, void *context)
{
	struct found found = { 0 };
	sqlite3_stmt *by_number = NULL;
	int error = 0;

	if (sqlite3_prepare_v2(reader->sqlite, "SELECT line, time FROM event WHERE number = ?1", -1,
			       &by_number, NULL))
		error = failed(reader);
	if (!error)
		error = find(reader, by_number, query, &found);
	if (!error)
		error = show(reader, by_number, &found, take, context);
	(void)sqlite3_finalize(by_number);
	free(found.numbers);
	return error;
}
