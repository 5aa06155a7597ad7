// SPDX-License-Identifier: BSD-2-Clause
#include "history/history_read.h"

#include <errno.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "history/history_inside.h"
#include "history/history_schema.h"
#include "history/history_sqlite.h"
#include "base/output.h"

#define PATIENCE_MS 5000

#define BY_REPEATS "INDEXED BY event_last_time"
#define LINE_SQL "SELECT line, time FROM event WHERE number = ?1"

/* How much memory SQLite may take: ours needs a fraction, and a foreign schema can be any size. */
#define MOST_MEMORY (64 << 20)

struct history_reader {
	sqlite3 *sqlite;
	struct sqlite_budget budget;
	unsigned long damaged; /* rows without a line of ours */
	bool has_fingerprints; /* an older history has no such column */
	bool has_repeats;      /* as above */
	bool has_repeats_index;
	int result; /* of SQLite, for the reason that `error` names */
	char error[256];
};

/* The numbers of the matches, newest first. */
struct found {
	int64_t *numbers;
	size_t count, room;
	unsigned long deaths;
};

sqlite3 *history_sqlite(const struct history_reader *reader)
{
	return reader->sqlite;
}

int history_failed(struct history_reader *reader)
{
	if (output_stop)
		return -EINTR;
	reader->result = reader->sqlite ? sqlite3_errcode(reader->sqlite) : SQLITE_NOMEM;
	(void)snprintf(reader->error, sizeof(reader->error), "%s",
		       reader->sqlite ? sqlite3_errmsg(reader->sqlite) : "out of memory");
	if (!reader->budget.steps)
		(void)snprintf(reader->error, sizeof(reader->error),
			       "it takes more work than any history of its size");
	return HISTORY_FAILED;
}

static int unreadable(struct history_reader *reader, const char *why)
{
	(void)snprintf(reader->error, sizeof(reader->error), "%s", why);
	return -HISTORY_UNREADABLE;
}

static int refused(struct history_reader *reader, int error)
{
	reader->result = error == EACCES || error == EPERM ? SQLITE_PERM : SQLITE_IOERR;
	return unreadable(reader, strerror(error));
}

static int prepare(struct history_reader *reader, off_t file_bytes)
{
	(void)sqlite3_busy_timeout(reader->sqlite, PATIENCE_MS);
	history_sqlite_allow(&reader->budget, (uint64_t)file_bytes);
	sqlite_safe_bound(reader->sqlite, &reader->budget);
	return history_schema_check(reader->sqlite);
}

/* The size of the file beside the database, 0 bytes if there is none; false: SQLite would wait for
 * it, or follow it. */
static bool look_beside(const char *path, const char *suffix, off_t *ret_bytes)
{
	AUTO_FREE char *name = NULL;
	struct stat st;

	*ret_bytes = 0;
	if (asprintf(&name, "%s%s", path, suffix) < 0) {
		name = NULL;
		return false;
	}
	if (lstat(name, &st))
		return errno == ENOENT;
	*ret_bytes = st.st_size;
	return S_ISREG(st.st_mode);
}

/* 0, and how much there is to read; or -enum history_failure. */
static int check_files(struct history_reader *reader, const char *path, off_t *ret_bytes)
{
	static const char *const suffixes[] = { "-wal", "-journal", "-shm" };
	struct stat st;

	if (lstat(path, &st))
		return errno == ENOENT || errno == ENOTDIR ? -HISTORY_MISSING
							   : refused(reader, errno);
	if (S_ISLNK(st.st_mode))
		return unreadable(reader, "it is a symbolic link, not the file itself");
	if (!S_ISREG(st.st_mode)) /* SQLite would wait for a FIFO's writer */
		return unreadable(reader, "it is not a regular file");
	if (access(path, R_OK))
		return refused(reader, errno);
	*ret_bytes = st.st_size;
	for (size_t i = 0; i < ARRAY_SIZE(suffixes); i++) {
		off_t bytes;

		if (!look_beside(path, suffixes[i], &bytes))
			return unreadable(reader, "what lies beside it is not a regular file");
		*ret_bytes += bytes;
	}
	return 0;
}

/* If there is a log, another process may be writing, and the log belongs to the content. */
static bool has_log(const char *path)
{
	off_t bytes;

	return !look_beside(path, "-wal", &bytes) || bytes;
}

static int open_any(struct history_reader *reader, const char *path, off_t bytes)
{
	int result = history_sqlite_open(path, SQLITE_OPEN_READONLY, &reader->sqlite);

	if (!result)
		result = prepare(reader, bytes);
	if (((result & 0xff) != SQLITE_CANTOPEN && (result & 0xff) != SQLITE_READONLY) ||
	    has_log(path))
		return result;
	(void)sqlite3_close(reader->sqlite);
	result = history_sqlite_open_copy(path, &reader->sqlite);
	return result ? result : prepare(reader, bytes);
}

bool history_has_column(const struct history_reader *reader, const char *name)
{
	return !sqlite3_table_column_metadata(reader->sqlite, NULL, "event", name, NULL, NULL, NULL,
					      NULL, NULL);
}

/* Without the hint SQLite scans all rows in the order of their time. With it, the query fails on a
 * foreign database that lacks the index. */
static bool can_use_repeats_index(sqlite3 *sqlite)
{
	sqlite3_stmt *statement = NULL;
	const int result = sqlite3_prepare_v2(sqlite,
					      "SELECT 1 FROM event " BY_REPEATS
					      " WHERE last_time >= 0",
					      -1, &statement, NULL);

	(void)sqlite3_finalize(statement);
	return !result;
}

int history_open(const char *path, struct history_reader **ret)
{
	struct history_reader *reader = calloc(1, sizeof(*reader));
	off_t bytes = 0;
	int failure;

	*ret = reader;
	if (!reader)
		return -HISTORY_UNREADABLE;
	reader->budget.stop = &output_stop;
	failure = check_files(reader, path, &bytes);
	if (failure)
		return failure;
	(void)sqlite3_hard_heap_limit64(MOST_MEMORY);
	switch (open_any(reader, path, bytes)) {
	case SQLITE_OK:
		reader->has_fingerprints = history_has_column(reader, "fingerprint");
		reader->has_repeats = history_has_column(reader, "last_time");
		reader->has_repeats_index = can_use_repeats_index(reader->sqlite);
		return 0;
	case HISTORY_SCHEMA_NEWER:
		return -HISTORY_NEWER;
	case HISTORY_SCHEMA_FOREIGN:
		return -HISTORY_FOREIGN;
	case HISTORY_SCHEMA_EMPTY: /* an agent is just about to make it */
		return -HISTORY_MISSING;
	default:
		(void)history_failed(reader);
		return -HISTORY_UNREADABLE;
	}
}

struct history_reader *history_reader_of(sqlite3 *sqlite)
{
	struct history_reader *reader = calloc(1, sizeof(*reader));

	if (!reader)
		return NULL;
	reader->sqlite = sqlite;
	reader->budget = (struct sqlite_budget){ UINT64_MAX, &output_stop };
	reader->has_fingerprints = reader->has_repeats = true;
	reader->has_repeats_index = can_use_repeats_index(sqlite);
	return reader;
}

void history_count_damaged(struct history_reader *reader)
{
	reader->damaged++;
}

unsigned long history_damaged(const struct history_reader *reader)
{
	return reader->damaged;
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

const char *history_advice(const struct history_reader *reader)
{
	switch (reader ? reader->result & 0xff : SQLITE_NOMEM) {
	case SQLITE_PERM:
	case SQLITE_CANTOPEN:
	case SQLITE_READONLY: /* beside it, a file would have to be written */
		return "run it as a user who may read it";
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		return "another program holds it: try again";
	case SQLITE_CORRUPT:
		return "move it away, and 'killtrace daemon --history' begins a new one";
	default:
		return "name one that 'killtrace daemon --history' wrote";
	}
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

/* Leaves out, by an index, what cannot match. Patterns are left to fnmatch(). */
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
	/* losses have no owner */
	sqlite3_str_appendall(sql, " OR cause IS NULL)");
}

/* A row of folded deaths has two: the first death's, and the last one's, which has no column. */
static void narrow_pid(sqlite3_str *sql, const struct history_reader *reader,
		       const struct history_query *query)
{
	char *const *words = query->selection->pid;

	if (!words || !*words || !are_literal(words))
		return;
	sqlite3_str_appendall(sql, " AND (");
	put_list(sql, "pid", words);
	if (reader->has_repeats)
		sqlite3_str_appendf(sql, " OR last_time >= %lld", (long long)query->since_ns);
	sqlite3_str_appendall(sql, " OR cause IS NULL)");
}

const char *history_word_in_line(const char *word)
{
	const char *colon = strrchr(word, ':'), *slash = strchr(word, '/');

	if (colon)
		return colon + 1;
	return slash && slash != word ? slash + 1 : word;
}

/* A word that the line must have somewhere, if the line has it as it is. */
static void narrow_by_word(sqlite3_str *sql, const char *word)
{
	word = history_word_in_line(word);
	for (const char *at = word; *at; at++)
		if (*at < ' ' || *at > '~' || *at == '"' || *at == '\\')
			return;
	sqlite3_str_appendf(sql, " AND (instr(line, %Q) OR cause IS NULL)", word);
}

/* If an event began before the requested time and ended within it or later, it is included: these
 * are few rows, by an index of their own, hence the plus. NULL: no memory. */
static char *make_sql(const struct history_reader *reader, const struct history_query *query)
{
	const struct selection *selection = query->selection;
	const long long since_ns = query->since_ns, until_ns = query->until_ns;
	sqlite3_str *sql = sqlite3_str_new(NULL);

	sqlite3_str_appendf(sql,
			    "SELECT number, time FROM event WHERE time BETWEEN %lld AND %lld%s",
			    since_ns, until_ns, selection->all ? "" : " AND NOT routine");
	narrow(sql, "cause", NULL, selection->cause);
	narrow(sql, "unit", "user_unit", selection->unit);
	narrow(sql, "pod", NULL, selection->pod);
	narrow(sql, "comm", NULL, selection->comm);
	narrow_pid(sql, reader, query);
	if (reader->has_fingerprints)
		narrow(sql, "fingerprint", NULL, selection->fingerprint);
	if (selection->what)
		narrow_by_word(sql, selection->what);
	if (query->after)
		sqlite3_str_appendf(sql, " AND number > %lld", (long long)query->after);
	if (query->upto)
		sqlite3_str_appendf(sql, " AND number <= %lld", (long long)query->upto);
	if (reader->has_repeats && !query->after)
		sqlite3_str_appendf(sql,
				    " UNION ALL SELECT number, time FROM event %s"
				    " WHERE last_time >= %lld AND +time < %lld",
				    reader->has_repeats_index ? BY_REPEATS : "", since_ns,
				    since_ns);
	sqlite3_str_appendall(sql, " ORDER BY 2 DESC, 1 DESC");
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

/* The line, to be freed by sqlite3_free(). NULL: it is gone meanwhile, or *ret_result is a failure.
 */
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

/* NULL: the line is not ours, or there is no memory. */
static struct reported *read_line(const char *line, int64_t realtime_ns)
{
	json_t *record = json_loads(line, 0, NULL);
	struct reported *reported = json_is_object(record) ? reported_of_json(record, realtime_ns)
							   : NULL;

	json_decref(record);
	return reported;
}

/* 1: it matches; 0: it does not, or the line is not ours; else HISTORY_FAILED. */
static int judge(struct history_reader *reader, sqlite3_stmt *by_number, int64_t number,
		 const struct history_query *query, struct found *found)
{
	const struct selection *selection = query->selection;
	AUTO_FREE struct reported *reported = NULL;
	int64_t realtime_ns = 0;
	int result;
	char *line = fetch(by_number, number, &realtime_ns, &result);
	bool taken = false;

	if (result == SQLITE_TOOBIG) {
		reader->damaged++;
		return 0;
	}
	if (result)
		return history_failed(reader);
	if (line && query->also && !query->also(query->also_context, line)) {
		sqlite3_free(line);
		return 0;
	}
	reported = line ? read_line(line, realtime_ns) : NULL;
	if (reported) {
		taken = !reported->is_death || selection_takes(selection, reported);
		found->deaths += taken && reported->is_death;
	} else if (line) {
		reader->damaged++;
	}
	sqlite3_free(line);
	return taken;
}

/* All in one read transaction. No writer waits for us, but the log cannot be emptied meanwhile. */
static int find(struct history_reader *reader, sqlite3_stmt *by_number,
		const struct history_query *query, struct found *found)
{
	char *sql = make_sql(reader, query);
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
		error = judge(reader, by_number, number, query, found);
		if (error > 0)
			error = note(found, number) ? 0 : history_failed(reader);
	}
	if (!error && result && result != SQLITE_DONE)
		error = history_failed(reader);
	(void)sqlite3_finalize(statement);
	sqlite3_free(sql);
	return output_stop && !error ? -EINTR : error;
}

int history_find_numbers(struct history_reader *reader, const struct history_query *query,
			 int64_t **ret_numbers, size_t *ret_count)
{
	struct found found = { 0 };
	sqlite3_stmt *by_number = NULL;
	int error = 0;

	if (sqlite3_prepare_v2(reader->sqlite, LINE_SQL, -1, &by_number, NULL))
		error = history_failed(reader);
	if (!error)
		error = find(reader, by_number, query, &found);
	(void)sqlite3_finalize(by_number);
	if (error) {
		free(found.numbers);
		return error;
	}
	*ret_numbers = found.numbers;
	*ret_count = found.count;
	return 0;
}

static int show(struct history_reader *reader, sqlite3_stmt *by_number, const struct found *found,
		bool newest_first, history_take take, void *context)
{
	int error = 0;

	for (size_t i = 0; i < found->count && !error; i++) {
		const size_t at = newest_first ? i : found->count - 1 - i;
		int64_t realtime_ns;
		int result;
		char *line = fetch(by_number, found->numbers[at], &realtime_ns, &result);

		if (output_stop)
			error = -EINTR;
		else if (result)
			error = history_failed(reader);
		else if (line) /* else it has just become too old */
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

	if (sqlite3_prepare_v2(reader->sqlite, LINE_SQL, -1, &by_number, NULL))
		error = history_failed(reader);
	if (!error)
		error = find(reader, by_number, query, &found);
	if (!error)
		error = show(reader, by_number, &found, query->newest_first, take, context);
	(void)sqlite3_finalize(by_number);
	free(found.numbers);
	return error;
}

int64_t history_newest(struct history_reader *reader)
{
	sqlite3_stmt *statement = NULL;
	int64_t number = 0;

	if (!sqlite3_prepare_v2(reader->sqlite, "SELECT max(number) FROM event", -1, &statement,
				NULL) &&
	    sqlite3_step(statement) == SQLITE_ROW)
		number = sqlite3_column_int64(statement, 0);
	(void)sqlite3_finalize(statement);
	return number;
}
