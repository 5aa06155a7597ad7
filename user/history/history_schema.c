// SPDX-License-Identifier: BSD-2-Clause
#include "history/history_schema.h"

#include <stdint.h>
#include <stdio.h>

#include "base/cleanup.h"

/* "ktrc", in the place where SQLite lets applications sign their files. */
#define APPLICATION_ID 0x6b747263

/* Each step converts a database from the version of its index to the next. */
static const char *const steps[] = {
	"PRAGMA application_id = 0x6b747263;"
	"CREATE TABLE event ("
	" number INTEGER PRIMARY KEY,"
	" id TEXT UNIQUE,"        /* NULL: not a death, but losses */
	" time INTEGER NOT NULL," /* nanoseconds since 1970 */
	" cause TEXT,"            /* NULL as above */
	" routine INTEGER NOT NULL,"
	" unit TEXT,"
	" user_unit TEXT,"
	" pod TEXT,"       /* NAMESPACE/NAME */
	" container TEXT," /* its name, else its id */
	" pid INTEGER,"
	" comm TEXT,"
	" line TEXT NOT NULL);" /* as it was reported, without its newline */
	"CREATE INDEX event_time ON event(time);"
	"CREATE INDEX event_cause ON event(cause, time);"
	"CREATE INDEX event_unit ON event(unit, time) WHERE unit IS NOT NULL;"
	"CREATE INDEX event_user_unit ON event(user_unit, time) WHERE user_unit IS NOT NULL;"
	"CREATE INDEX event_pod ON event(pod, time) WHERE pod IS NOT NULL;",

	/* version 2: queries by process and by program */
	"CREATE INDEX event_pid ON event(pid, time) WHERE pid IS NOT NULL;"
	"CREATE INDEX event_comm ON event(comm, time) WHERE comm IS NOT NULL;",

	/* version 3: the same crash; older events have none */
	"ALTER TABLE event ADD COLUMN fingerprint TEXT;"
	"CREATE INDEX event_fingerprint ON event(fingerprint, time) WHERE fingerprint IS NOT NULL;",

	/* version 4: the share of the room it takes; NULL: an older event, or not a death */
	"ALTER TABLE event ADD COLUMN holder INTEGER;"
	"ALTER TABLE event ADD COLUMN workload INTEGER;"
	"CREATE INDEX event_share ON event(holder, workload, time);",

	/* version 5: the owners of older events, as far as the columns show them; writing them to
	 * each row would take the agent minutes */
	"CREATE INDEX event_without_share ON event(" HISTORY_OLD_HOLDER ", " HISTORY_OLD_WORKLOAD
	", time) WHERE holder IS NULL;",

	/* version 6: rows of folded deaths, NULL for others; and the number up to which everything
	 * that an agent read is written */
	"ALTER TABLE event ADD COLUMN deaths INTEGER;"
	"ALTER TABLE event ADD COLUMN last_time INTEGER;" /* nanoseconds since 1970 */
	"CREATE INDEX event_last_time ON event(last_time) WHERE last_time IS NOT NULL;"
	"CREATE TABLE written ("
	" one INTEGER PRIMARY KEY,"
	" boot TEXT NOT NULL,"
	" sequence INTEGER NOT NULL);",

	/* version 7: what is counted, beside the time: in the table it comes after the line, which
	 * would have to be skipped in each row. Queries by container; and when agents ran, from
	 * their start to the last sign of them */
	"DROP INDEX event_time;"
	"CREATE INDEX event_columns ON event(time, number, routine, cause, fingerprint, comm,"
	" unit, user_unit, pod, container, workload, deaths, last_time);"
	"CREATE INDEX event_container ON event(container, time) WHERE container IS NOT NULL;"
	"CREATE TABLE ran ("
	" number INTEGER PRIMARY KEY,"
	" begin INTEGER NOT NULL," /* nanoseconds since 1970 */
	" last INTEGER NOT NULL);",
};

static int read_number(sqlite3 *sqlite, const char *sql, int64_t *ret)
{
	sqlite3_stmt *statement = NULL;
	int result = sqlite3_prepare_v2(sqlite, sql, -1, &statement, NULL);

	if (!result)
		result = sqlite3_step(statement);
	if (result == SQLITE_ROW) {
		*ret = sqlite3_column_int64(statement, 0);
		result = SQLITE_OK;
	}
	(void)sqlite3_finalize(statement);
	return result;
}

static int read_version(sqlite3 *sqlite, int64_t *ret)
{
	return read_number(sqlite, "PRAGMA user_version", ret);
}

/* How many columns are computed when they are read. */
static int read_generated(sqlite3 *sqlite, int64_t *ret)
{
	sqlite3_stmt *statement = NULL;
	int result = sqlite3_prepare_v2(sqlite, "PRAGMA table_xinfo(event)", -1, &statement, NULL);

	*ret = 0;
	if (!result)
		while ((result = sqlite3_step(statement)) == SQLITE_ROW)
			*ret += sqlite3_column_int(statement, 6) != 0;
	(void)sqlite3_finalize(statement);
	return result == SQLITE_DONE ? SQLITE_OK : result;
}

/* No view, no table of a program, nothing that computes: a file with our signature can be foreign.
 */
static int check_table(sqlite3 *sqlite)
{
	int64_t tables = 0, generated = 0;
	int result = read_number(sqlite,
				 "SELECT count(*) FROM sqlite_master WHERE type = 'table'"
				 " AND name = 'event' COLLATE NOCASE AND rootpage > 0",
				 &tables);

	if (!result)
		result = read_generated(sqlite, &generated);
	if (result)
		return result;
	return tables == 1 && !generated ? SQLITE_OK : HISTORY_SCHEMA_FOREIGN;
}

int history_schema_check(sqlite3 *sqlite)
{
	int64_t application = 0, version = 0, objects = 0;
	int result = read_number(sqlite, "PRAGMA application_id", &application);

	if (!result)
		result = read_version(sqlite, &version);
	if (!result)
		result = read_number(sqlite, "SELECT count(*) FROM sqlite_master", &objects);
	if (result)
		return result;
	if (application != APPLICATION_ID)
		return application || version || objects ? HISTORY_SCHEMA_FOREIGN
							 : HISTORY_SCHEMA_EMPTY;
	if (version > (int64_t)ARRAY_SIZE(steps))
		return HISTORY_SCHEMA_NEWER;
	return version ? check_table(sqlite) : SQLITE_OK;
}

/* Within a transaction. Another agent may have done it since the last check. */
static int take_steps(sqlite3 *sqlite)
{
	int64_t version = 0;
	int result = read_version(sqlite, &version);

	for (; !result && version < (int64_t)ARRAY_SIZE(steps); version++) {
		char pragma[48];

		result = sqlite3_exec(sqlite, steps[version], NULL, NULL, NULL);
		(void)snprintf(pragma, sizeof(pragma), "PRAGMA user_version = %d",
			       (int)version + 1);
		if (!result)
			result = sqlite3_exec(sqlite, pragma, NULL, NULL, NULL);
	}
	return result;
}

int history_schema_prepare(sqlite3 *sqlite)
{
	int64_t version = 0;
	int result = history_schema_check(sqlite);

	if (result && result != HISTORY_SCHEMA_EMPTY)
		return result;
	result = read_version(sqlite, &version);
	if (result || version == (int64_t)ARRAY_SIZE(steps))
		return result;
	result = sqlite3_exec(sqlite, "BEGIN IMMEDIATE", NULL, NULL, NULL);
	if (result)
		return result;
	result = take_steps(sqlite);
	if (!result)
		result = sqlite3_exec(sqlite, "COMMIT", NULL, NULL, NULL);
	if (result && !sqlite3_get_autocommit(sqlite))
		(void)sqlite3_exec(sqlite, "ROLLBACK", NULL, NULL, NULL);
	return result;
}
