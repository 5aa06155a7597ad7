// SPDX-License-Identifier: BSD-2-Clause
#include "history/history_db.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "history/history_schema.h"
#include "history/history_sqlite.h"

/* How long to wait for another program's transaction; the outlet tries again later. */
#define PATIENCE_MS 250

/* Before the first table: room that events leave is returned to the file system, bit by bit. */
#define FOR_NEW "PRAGMA auto_vacuum = INCREMENTAL; PRAGMA journal_mode = WAL;"

/*
 * The cache and the log are small, since the agent has little memory. Each commit is synced: the
 * deaths just before a node went down are those that will be looked for.
 */
#define FOR_ALL                                                                           \
	"PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA cache_size = -512;" \
	"PRAGMA temp_store = MEMORY; PRAGMA wal_autocheckpoint = 256;"                    \
	"PRAGMA journal_size_limit = 1048576;"

static const char insert_sql[] =
	"INSERT OR IGNORE INTO event"
	" (id, time, cause, routine, unit, user_unit, pod, container, pid, comm, line,"
	" fingerprint, holder, workload, deaths, last_time)"
	" VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16)";

static int to_errno(sqlite3 *sqlite, int result)
{
	int of_system = sqlite ? sqlite3_system_errno(sqlite) : 0;

	switch (result & 0xff) {
	case SQLITE_OK:
	case SQLITE_DONE:
	case SQLITE_ROW:
		return 0;
	case SQLITE_FULL:
		return -ENOSPC;
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		return -EBUSY;
	case SQLITE_NOMEM:
		return -ENOMEM;
	case SQLITE_READONLY:
		return -EROFS;
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB:
		return -EUCLEAN;
	default:
		return of_system ? -of_system : -EIO;
	}
}

/* Keeps SQLite's message, which the next call would overwrite. */
static int failed(struct history_db *db, int result)
{
	int error = to_errno(db->sqlite, result);

	if (error)
		(void)snprintf(db->message, sizeof(db->message), "%s",
			       db->sqlite ? sqlite3_errmsg(db->sqlite) : sqlite3_errstr(result));
	return error;
}

static int failed_as(struct history_db *db, int error, const char *message)
{
	(void)snprintf(db->message, sizeof(db->message), "%s", message);
	return error;
}

static int run(struct history_db *db, const char *sql)
{
	return failed(db, sqlite3_exec(db->sqlite, sql, NULL, NULL, NULL));
}

void history_make_folder(const char *path)
{
	AUTO_FREE char *folder = strdup(path);
	char *end = folder ? strrchr(folder, '/') : NULL;

	if (end && end != folder) {
		*end = '\0';
		(void)mkdir(folder, 0755);
	}
}

/*
 * SQLite would make the file with our umask, and accept a FIFO or a link. Its log and index get the
 * mode of the file. The file is closed before SQLite opens it, since SQLite's locks belong to the
 * process.
 */
static int make_file(struct history_db *db)
{
	const int flags = O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC;
	AUTO_CLOSE int fd = open(db->path, flags, 0600);
	struct stat st;

	if (fd < 0 && errno == ENOENT) {
		history_make_folder(db->path);
		fd = open(db->path, flags, 0600);
	}
	if (fd < 0 || fstat(fd, &st)) {
		int error = -errno;

		return failed_as(db, error, strerror(-error));
	}
	if (!S_ISREG(st.st_mode))
		return failed_as(db, -EEXIST, "it is not a regular file");
	db->files[0].device = st.st_dev;
	db->files[0].inode = st.st_ino;
	return 0;
}

static int prepare(struct history_db *db)
{
	int result = history_schema_check(db->sqlite), error;

	/* a foreign database is not touched */
	if (result == HISTORY_SCHEMA_EMPTY) {
		error = run(db, FOR_NEW);
		if (error)
			return error;
	}
	if (result == HISTORY_SCHEMA_EMPTY || !result) {
		error = run(db, FOR_ALL);
		if (error)
			return error;
		result = history_schema_prepare(db->sqlite);
	}
	if (result == HISTORY_SCHEMA_NEWER)
		return failed_as(db, -ENOTSUP, "the database is of a newer killtrace");
	if (result == HISTORY_SCHEMA_FOREIGN)
		return failed_as(db, -EEXIST, "the database is another program's");
	return failed(db, result);
}

enum { FILE_LOG = 1, FILE_COUNT = 3 };

static int find_file(const struct history_db *db, int number, struct stat *ret)
{
	static const char *const suffixes[FILE_COUNT] = { "", "-wal", "-shm" };
	char path[PATH_MAX];

	if (snprintf(path, sizeof(path), "%s%s", db->path, suffixes[number]) >= (int)sizeof(path))
		return -ENAMETOOLONG;
	return lstat(path, ret) ? -errno : 0;
}

/* SQLite makes them at the first read of the database. */
static void remember_log(struct history_db *db)
{
	struct stat st = { 0 };

	for (int i = FILE_LOG; i < FILE_COUNT; i++) {
		(void)find_file(db, i, &st);
		db->files[i].device = st.st_dev;
		db->files[i].inode = st.st_ino;
	}
}

int history_db_open(struct history_db *db)
{
	int error = make_file(db), keep_log = 1;

	if (error)
		return error;
	error = failed(db, history_sqlite_open(db->path, SQLITE_OPEN_READWRITE, &db->sqlite));
	if (!error) {
		(void)sqlite3_busy_timeout(db->sqlite, PATIENCE_MS);
		history_sqlite_allow(&db->budget, UINT64_MAX);
		sqlite_safe_bound(db->sqlite, &db->budget);
		/* a user with only read access can read the files while no agent runs */
		(void)sqlite3_file_control(db->sqlite, "main", SQLITE_FCNTL_PERSIST_WAL, &keep_log);
		error = prepare(db);
	}
	if (!error)
		error = failed(db,
			       sqlite3_prepare_v3(db->sqlite, insert_sql, -1,
						  SQLITE_PREPARE_PERSISTENT, &db->insert, NULL));
	if (error)
		history_db_close(db);
	else
		remember_log(db);
	return error;
}

void history_db_close(struct history_db *db)
{
	(void)sqlite3_finalize(db->insert);
	(void)sqlite3_close(db->sqlite);
	db->insert = NULL;
	db->sqlite = NULL;
	db->ran = 0;
	db->turn = (struct history_turn){ 0 };
}

void history_db_leave(struct history_db *db)
{
	if (!db->sqlite)
		return;
	history_sqlite_allow(&db->budget, UINT64_MAX);
	(void)sqlite3_wal_checkpoint_v2(db->sqlite, NULL, SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
	history_db_close(db);
}

bool history_db_is_in_place(const struct history_db *db)
{
	struct stat st;

	for (int i = 0; i < FILE_COUNT; i++)
		if (find_file(db, i, &st) || st.st_dev != db->files[i].device ||
		    st.st_ino != db->files[i].inode)
			return false;
	return true;
}

/* NULL if unknown. The text must live until the statement has run. */
static void bind_text(sqlite3_stmt *insert, int place, const char *text)
{
	if (*text)
		(void)sqlite3_bind_text(insert, place, text, -1, SQLITE_STATIC);
	else
		(void)sqlite3_bind_null(insert, place);
}

static void bind_row(sqlite3_stmt *insert, const struct reported *reported)
{
	const char *const container_unit = reported_text(reported, REPORTED_CONTAINER_UNIT);
	const char *container = reported_text(reported, REPORTED_CONTAINER_NAME);

	if (!*container)
		container = reported_text(reported, REPORTED_POD_CONTAINER);
	if (!*container)
		container = reported_text(reported, REPORTED_CONTAINER_ID);
	bind_text(insert, 1, reported_text(reported, REPORTED_ID));
	bind_text(insert, 3, reported_text(reported, REPORTED_CAUSE));
	(void)sqlite3_bind_int(insert, 4, reported->routine);
	bind_text(insert, 5, reported_text(reported, REPORTED_UNIT));
	/* never both: names are not looked up for users' containers */
	bind_text(insert, 6,
		  *container_unit ? container_unit : reported_text(reported, REPORTED_USER_UNIT));
	bind_text(insert, 7, reported_text(reported, REPORTED_POD));
	bind_text(insert, 8, container);
	if (reported->has_pid)
		(void)sqlite3_bind_int64(insert, 9, reported->pid);
	else
		(void)sqlite3_bind_null(insert, 9);
	bind_text(insert, 10, reported_text(reported, REPORTED_COMM));
	bind_text(insert, 12, reported_text(reported, REPORTED_FINGERPRINT));
}

/* Without a binding, it is NULL. */
static void bind_share(sqlite3_stmt *insert, const struct share *share)
{
	if (!share->holder)
		return;
	(void)sqlite3_bind_int64(insert, 13, (int64_t)share->holder);
	(void)sqlite3_bind_int64(insert, 14, (int64_t)share->workload);
}

/* NULL for a single death, which has no span. */
static void bind_repeats(sqlite3_stmt *insert, const struct event *event)
{
	if (!event->last_ns)
		return;
	(void)sqlite3_bind_int64(insert, 15, (int64_t)event->folded + 1);
	(void)sqlite3_bind_int64(insert, 16, event->last_ns);
}

static int add_row(struct history_db *db, const struct event *event)
{
	int result;

	bind_row(db->insert, event->reported);
	bind_repeats(db->insert, event);
	bind_share(db->insert, &event->share);
	(void)sqlite3_bind_int64(db->insert, 2, event->realtime_ns);
	(void)sqlite3_bind_text(db->insert, 11, event->line, (int)event->size - 1, SQLITE_STATIC);
	(void)sqlite3_step(db->insert);
	result = sqlite3_reset(db->insert);
	(void)sqlite3_clear_bindings(db->insert);
	return result;
}

/* `result` is the result of a transaction that may be open. */
static int end_transaction(struct history_db *db, int result)
{
	int error;

	if (!result)
		result = sqlite3_exec(db->sqlite, "COMMIT", NULL, NULL, NULL);
	error = failed(db, result);
	if (error && !sqlite3_get_autocommit(db->sqlite))
		(void)sqlite3_exec(db->sqlite, "ROLLBACK", NULL, NULL, NULL);
	return error;
}

static int add(struct history_db *db, const struct event *event)
{
	int result = 0;

	for (; event && !result; event = event->next)
		result = add_row(db, event);
	return result;
}

/* Of one boot only: the numbers of another boot do not come again. */
static int note_written(struct history_db *db, uint64_t sequence)
{
	sqlite3_stmt *statement = NULL;
	int result;

	if (!db->boot_id || !sequence)
		return SQLITE_OK;
	result = sqlite3_prepare_v2(db->sqlite,
				    "INSERT OR REPLACE INTO written (one, boot, sequence)"
				    " VALUES (1, ?1, ?2)",
				    -1, &statement, NULL);
	if (!result) {
		(void)sqlite3_bind_text(statement, 1, db->boot_id, -1, SQLITE_STATIC);
		(void)sqlite3_bind_int64(statement, 2, (int64_t)sequence);
		(void)sqlite3_step(statement);
		result = sqlite3_reset(statement);
	}
	(void)sqlite3_finalize(statement);
	return result;
}

uint64_t history_db_has(struct history_db *db)
{
	sqlite3_stmt *statement = NULL;
	uint64_t sequence = 0;

	if (!sqlite3_prepare_v2(db->sqlite, "SELECT sequence FROM written WHERE boot = ?1", -1,
				&statement, NULL)) {
		(void)sqlite3_bind_text(statement, 1, db->boot_id, -1, SQLITE_STATIC);
		if (sqlite3_step(statement) == SQLITE_ROW)
			sequence = (uint64_t)sqlite3_column_int64(statement, 0);
	}
	(void)sqlite3_finalize(statement);
	return sequence;
}

/* An agent that is started again and again must not fill the file. */
#define MOST_RUNS 1000

static int run_numbers(struct history_db *db, const char *sql, int64_t one, int64_t other,
		       int64_t third)
{
	sqlite3_stmt *statement = NULL;
	int result = sqlite3_prepare_v2(db->sqlite, sql, -1, &statement, NULL);

	if (!result) {
		(void)sqlite3_bind_int64(statement, 1, one);
		(void)sqlite3_bind_int64(statement, 2, other);
		(void)sqlite3_bind_int64(statement, 3, third);
		(void)sqlite3_step(statement);
		result = sqlite3_reset(statement);
	}
	(void)sqlite3_finalize(statement);
	return result;
}

static int note_ran(struct history_db *db, int64_t now_ns)
{
	int result;

	if (!db->began_ns)
		return SQLITE_OK;
	if (db->ran)
		return run_numbers(db, "UPDATE ran SET last = ?2 WHERE number = ?1", db->ran,
				   now_ns, 0);
	result = run_numbers(db, "INSERT INTO ran (begin, last) VALUES (?1, ?2)", db->began_ns,
			     now_ns, 0);
	if (result)
		return result;
	db->ran = sqlite3_last_insert_rowid(db->sqlite);
	return run_numbers(db, "DELETE FROM ran WHERE number <= ?1", db->ran - MOST_RUNS, 0, 0);
}

int history_db_note_ran(struct history_db *db, int64_t now_ns)
{
	history_sqlite_allow(&db->budget, UINT64_MAX);
	return failed(db, note_ran(db, now_ns));
}

int history_db_add(struct history_db *db, struct event *const *events, unsigned int count,
		   int64_t now_ns)
{
	uint64_t sequence = 0;
	int result = 0, error;

	history_sqlite_allow(&db->budget, UINT64_MAX);
	error = run(db, "BEGIN IMMEDIATE");
	if (error)
		return error;
	for (unsigned int i = 0; !result && i < count; i++) {
		result = add(db, events[i]);
		if (events[i]->is_death)
			sequence = events[i]->sequence;
	}
	if (!result)
		result = note_written(db, sequence);
	if (!result)
		result = note_ran(db, now_ns);
	error = end_transaction(db, result);
	if (error)
		db->ran = 0; /* it can be of the transaction that was taken back */
	return error;
}

/* Events that are dropped at once. */
#define TRIM_EVENTS 256
#define TRIM_PAGES "256"
#define TRIM_BUDGET_NS ((uint64_t)NS_PER_S / 4)

/* A time whose deaths were dropped must not look like one without deaths. */
static int forget_ran(struct history_db *db, int64_t before_ns)
{
	const int result = run_numbers(db, "DELETE FROM ran WHERE last < ?1", before_ns, 0, 0);

	return result ? result
		      : run_numbers(db, "UPDATE ran SET begin = ?1 WHERE begin < ?1", before_ns, 0,
				    0);
}

/* Drops some of those before `before_ns`; *ret_count is how many. */
static int drop_old(struct history_db *db, int64_t before_ns, int *ret_count)
{
	sqlite3_stmt *statement = NULL;
	int result =
		sqlite3_prepare_v2(db->sqlite,
				   "DELETE FROM event WHERE number IN (SELECT number FROM event"
				   " WHERE time < ?1 ORDER BY time LIMIT ?2)",
				   -1, &statement, NULL);
	int error;

	if (!result) {
		(void)sqlite3_bind_int64(statement, 1, before_ns);
		(void)sqlite3_bind_int(statement, 2, TRIM_EVENTS);
		(void)sqlite3_step(statement);
		result = sqlite3_reset(statement);
	}
	*ret_count = result ? 0 : sqlite3_changes(db->sqlite);
	(void)sqlite3_finalize(statement);
	if (*ret_count)
		result = forget_ran(db, before_ns);
	error = failed(db, result);
	if (error)
		*ret_count = 0;
	return error;
}

static int read_number(struct history_db *db, const char *sql, int64_t *ret)
{
	sqlite3_stmt *statement = NULL;
	int result = sqlite3_prepare_v2(db->sqlite, sql, -1, &statement, NULL);

	if (!result)
		result = sqlite3_step(statement);
	if (result == SQLITE_ROW)
		*ret = sqlite3_column_int64(statement, 0);
	(void)sqlite3_finalize(statement);
	return failed(db, result);
}

struct extent {
	int64_t page_size, pages, unused;
};

static int measure(struct history_db *db, struct extent *ret)
{
	int error = read_number(db, "PRAGMA page_size", &ret->page_size);

	if (!error)
		error = read_number(db, "PRAGMA page_count", &ret->pages);
	if (!error)
		error = read_number(db, "PRAGMA freelist_count", &ret->unused);
	return error;
}

/* One small step; *ret_done: nothing is left to do. */
static int trim_once(struct history_db *db, const struct history_limits *limits, int64_t before_ns,
		     bool *ret_done)
{
	struct extent extent = { 0 };
	int gone = 0, error = drop_old(db, before_ns, &gone);

	if (!error)
		error = measure(db, &extent);
	if (error || gone)
		return error;
	if ((uint64_t)((extent.pages - extent.unused) * extent.page_size) > limits->most_bytes) {
		error = failed(db, history_share_drop(db->sqlite, &db->turn, TRIM_EVENTS, &gone));
		*ret_done = !gone;
		return error;
	}
	*ret_done = !extent.unused ||
		    (uint64_t)(extent.pages * extent.page_size) <= limits->most_bytes;
	return *ret_done ? 0 : run(db, "PRAGMA incremental_vacuum(" TRIM_PAGES ")");
}

int history_db_trim(struct history_db *db, const struct history_limits *limits, int64_t now_ns)
{
	const int64_t before_ns = now_ns - limits->days * (86400 * NS_PER_S);
	const uint64_t until = clock_boottime_ns() + TRIM_BUDGET_NS;
	bool done = false;
	int error = 0;

	history_sqlite_allow(&db->budget, UINT64_MAX);
	while (!error && !done && clock_boottime_ns() < until)
		error = trim_once(db, limits, before_ns, &done);
	return error;
}

static int move(const char *path, const char *suffix, const char *aside)
{
	char from[PATH_MAX], to[HISTORY_ASIDE_SIZE + 8];

	if (snprintf(from, sizeof(from), "%s%s", path, suffix) >= (int)sizeof(from))
		return -ENAMETOOLONG;
	(void)snprintf(to, sizeof(to), "%s%s", aside, suffix);
	return rename(from, to) && errno != ENOENT ? -errno : 0;
}

int history_db_move_aside(const struct history_db *db, int64_t now_ns,
			  char ret_name[HISTORY_ASIDE_SIZE])
{
	char index[PATH_MAX], clock[32];
	time_t now = (time_t)(now_ns / NS_PER_S);
	struct tm tm;
	int error;

	if (!gmtime_r(&now, &tm) || !strftime(clock, sizeof(clock), "%Y%m%dT%H%M%SZ", &tm))
		(void)snprintf(clock, sizeof(clock), "unknown");
	if (snprintf(index, sizeof(index), "%s-shm", db->path) >= (int)sizeof(index))
		return -ENAMETOOLONG;
	(void)snprintf(ret_name, HISTORY_ASIDE_SIZE, "%s.corrupt-%s", db->path, clock);
	/* first the log: without its database it would be taken for the log of the next one */
	error = move(db->path, "-wal", ret_name);
	if (!error)
		error = move(db->path, "", ret_name);
	(void)unlink(index);
	return error;
}
