// SPDX-License-Identifier: BSD-2-Clause
#include "history/history_find.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/number.h"
#include "base/output.h"
#include "history/history_inside.h"
#include "line/reported.h"
#include "line/what.h"

#define LONGEST_UNIT 255 /* of systemd */

/* How the names of a kind are found: columns have an index, or are read row by row. */
static const struct {
	const char *name;
	const char *column;
	const char *filter; /* of the rows of a name; ?1 is the name */
} kinds[HISTORY_KINDS] = {
	[HISTORY_ID] = { "death", "id", "id = ?1" },
	[HISTORY_FINGERPRINT] = { "fingerprint", "fingerprint", "fingerprint = ?1" },
	[HISTORY_PID] = { "process", "pid", "pid = ?1" },
	[HISTORY_UNIT] = { "unit", "unit", "unit = ?1" },
	[HISTORY_USER_UNIT] = { "user unit", "user_unit", "user_unit = ?1" },
	[HISTORY_POD] = { "pod", "pod", "pod = ?1" },
	[HISTORY_CONTAINER] = { "container", "container", "container = ?1" },
	[HISTORY_CONTAINER_ID] = { "container", NULL, "instr(line, '\"id\":\"' || ?1 || '\"')" },
	[HISTORY_COMM] = { "program", "comm", "comm = ?1" },
	/* lines that have a part of it; what_is() decides */
	[HISTORY_OWNER] = { "owner", NULL, "cause IS NOT NULL AND instr(line, ?1)" },
	[HISTORY_ANY] = { "death", NULL, "cause IS NOT NULL" },
};

const char *history_kind_name(enum history_kind kind)
{
	return kinds[kind].name;
}

static sqlite3_stmt *prepare(struct history_reader *reader, char *sql)
{
	sqlite3_stmt *statement = NULL;

	if (sql)
		(void)sqlite3_prepare_v2(history_sqlite(reader), sql, -1, &statement, NULL);
	sqlite3_free(sql);
	return statement;
}

static void bind(sqlite3_stmt *statement, enum history_kind kind, const char *text)
{
	uint64_t number;

	if (kind == HISTORY_PID && number_parse(text, &number))
		(void)sqlite3_bind_int64(statement, 1, (int64_t)number);
	else
		(void)sqlite3_bind_text(statement, 1,
					kind == HISTORY_OWNER ? history_word_in_line(text) : text,
					-1, SQLITE_STATIC);
}

/* `result` is that of the last step. */
static int finish(struct history_reader *reader, sqlite3_stmt *statement, int result)
{
	const int error = result == SQLITE_DONE || result == SQLITE_ROW ? 0
									: history_failed(reader);

	(void)sqlite3_finalize(statement);
	return error;
}

static bool is_there(const struct history_names *names, enum history_kind kind, const char *text)
{
	for (unsigned int i = 0; i < names->count; i++)
		if (names->names[i].kind == kind && !strcmp(names->names[i].text, text))
			return true;
	return false;
}

/* False: there is no room for another one, or no memory. */
static bool note(struct history_names *names, enum history_kind kind, const char *text,
		 int64_t last_ns)
{
	struct history_name *name = &names->names[names->count];

	if (is_there(names, kind, text))
		return true;
	if (names->count == HISTORY_NAMES_MOST) {
		names->more = true;
		return false;
	}
	*name = (struct history_name){ kind, strdup(text), last_ns };
	if (!name->text)
		return false;
	names->count++;
	return true;
}

/* The names in a column that are the word, or begin with it. */
static int find_in_column(struct history_reader *reader, enum history_kind kind, const char *word,
			  bool whole, struct history_names *ret)
{
	const char *const column = kinds[kind].column;
	sqlite3_stmt *statement = NULL;
	int result = SQLITE_ROW;

	if (!history_has_column(reader, column))
		return 0;
	statement =
		prepare(reader, sqlite3_mprintf(whole ? "SELECT %s, max(time) FROM event"
							" WHERE %s = ?1 GROUP BY 1"
						      : "SELECT %s, max(time) FROM event"
							" WHERE %s >= ?1 AND %s < ?1 || x'f48fbfbf'"
							" GROUP BY 1 ORDER BY 2 DESC",
						column, column, column));
	if (!statement)
		return history_failed(reader);
	bind(statement, kind, word);
	while ((result = sqlite3_step(statement)) == SQLITE_ROW) {
		const char *text = (const char *)sqlite3_column_text(statement, 0);

		if (!text || !note(ret, kind, text, sqlite3_column_int64(statement, 1)))
			break;
	}
	return finish(reader, statement, result);
}

/* The ids in a record that begin with the word: of its container, and of the one around it. */
static bool note_ids(const char *line, int64_t time_ns, const char *word, struct history_names *ret)
{
	static const enum reported_text ids[] = { REPORTED_CONTAINER_ID, REPORTED_ENCLOSING_ID };
	json_t *record = json_loads(line, 0, NULL);
	AUTO_FREE struct reported *reported = reported_of_json(record, time_ns);
	bool goes_on = reported != NULL;

	json_decref(record);
	for (size_t i = 0; i < ARRAY_SIZE(ids) && goes_on; i++) {
		const char *id = reported_text(reported, ids[i]);

		if (!strncmp(id, word, strlen(word)))
			goes_on = note(ret, HISTORY_CONTAINER_ID, id, time_ns);
	}
	return goes_on;
}

#define FEWEST_DIGITS 4

static bool is_id(const char *word)
{
	return strlen(word) >= FEWEST_DIGITS && strspn(word, "0123456789abcdef") == strlen(word);
}

/* No column has the id of a container that has a name. */
static int find_ids(struct history_reader *reader, const char *word, struct history_names *ret)
{
	sqlite3_stmt *statement;
	int result = SQLITE_ROW;

	if (!is_id(word))
		return 0;
	statement = prepare(
		reader, sqlite3_mprintf("SELECT line, time FROM event WHERE container IS NOT NULL"
					" AND instr(line, '\"id\":\"' || ?1)"
					" ORDER BY time DESC"));
	if (!statement)
		return history_failed(reader);
	bind(statement, HISTORY_CONTAINER_ID, word);
	while (!output_stop && (result = sqlite3_step(statement)) == SQLITE_ROW) {
		const char *line = (const char *)sqlite3_column_text(statement, 0);

		if (line && !note_ids(line, sqlite3_column_int64(statement, 1), word, ret))
			break;
	}
	return finish(reader, statement, result);
}

static int note_time(void *context, const char *line, int64_t time_ns)
{
	(void)line;
	*(int64_t *)context = time_ns;
	return 0;
}

/* Every row is read, so this is only for words that nothing else can be. */
static int find_owner(struct history_reader *reader, const char *word, struct history_names *ret)
{
	const struct history_name name = { HISTORY_OWNER, (char *)word, 0 };
	int64_t last_ns = 0;
	int error = 0;

	if (*word == '/' || strchr(word, ':'))
		error = history_find_lines(reader, &name, INT64_MAX, 1, true, note_time, &last_ns);
	if (!error && last_ns)
		(void)note(ret, HISTORY_OWNER, word, last_ns);
	return error;
}

static int find_of_kind(struct history_reader *reader, enum history_kind kind, const char *word,
			bool whole, struct history_names *ret)
{
	uint64_t number;

	if (kind == HISTORY_CONTAINER_ID)
		return find_ids(reader, word, ret);
	if (kind == HISTORY_OWNER)
		return whole ? find_owner(reader, word, ret) : 0;
	if (kind == HISTORY_PID && (!whole || !number_parse(word, &number)))
		return 0;
	return find_in_column(reader, kind, word, whole, ret);
}

/* "nginx" is "nginx.service". */
static int find_service(struct history_reader *reader, enum history_kind kind, const char *word,
			struct history_names *ret)
{
	char unit[LONGEST_UNIT + 1];

	if ((kind != HISTORY_UNIT && kind != HISTORY_USER_UNIT) || ret->count)
		return 0;
	if ((size_t)snprintf(unit, sizeof(unit), "%s.service", word) >= sizeof(unit))
		return 0;
	return find_in_column(reader, kind, unit, true, ret);
}

int history_find_names(struct history_reader *reader, const char *word, struct history_names *ret)
{
	int error = 0;

	*ret = (struct history_names){ 0 };
	for (int kind = 0; kind < HISTORY_ANY && !error && !ret->count; kind++) {
		/* only a part of it is ever typed, and it has no index */
		if (kind == HISTORY_CONTAINER_ID)
			continue;
		error = find_of_kind(reader, (enum history_kind)kind, word, true, ret);
		if (!error)
			error = find_service(reader, (enum history_kind)kind, word, ret);
	}
	if (error || ret->count)
		return error;
	for (int kind = HISTORY_FINGERPRINT; kind < HISTORY_ANY && !error && !ret->more; kind++)
		error = find_of_kind(reader, (enum history_kind)kind, word, false, ret);
	return error;
}

void history_names_done(struct history_names *names)
{
	for (unsigned int i = 0; i < names->count; i++)
		free(names->names[i].text);
	*names = (struct history_names){ 0 };
}

/* The rows of a name up to a time, as the tail of a statement. NULL: no memory. */
static sqlite3_stmt *select_rows(struct history_reader *reader, const char *columns,
				 const struct history_name *name, int64_t until_ns,
				 const char *more)
{
	sqlite3_stmt *statement =
		prepare(reader, sqlite3_mprintf("SELECT %s FROM event WHERE %s AND time <= ?2 %s",
						columns, kinds[name->kind].filter, more));

	if (!statement)
		return NULL;
	if (name->kind != HISTORY_ANY)
		bind(statement, name->kind, name->text);
	(void)sqlite3_bind_int64(statement, 2, until_ns);
	return statement;
}

static bool is_of(const struct history_name *name, const char *line, int64_t time_ns)
{
	AUTO_FREE struct reported *reported = NULL;
	json_t *record;

	if (name->kind != HISTORY_OWNER)
		return true;
	record = json_loads(line, 0, NULL);
	reported = record ? reported_of_json(record, time_ns) : NULL;
	json_decref(record);
	return reported && what_is(name->text, reported);
}

int history_find_lines(struct history_reader *reader, const struct history_name *name,
		       int64_t until_ns, unsigned long limit, bool routine, history_take take,
		       void *context)
{
	sqlite3_stmt *statement =
		select_rows(reader, "line, time", name, until_ns,
			    routine ? "ORDER BY time DESC, number DESC"
				    : "AND NOT routine ORDER BY time DESC, number DESC");
	int result = SQLITE_ROW, error = 0;

	if (!statement)
		return history_failed(reader);
	while (limit && !error && (result = sqlite3_step(statement)) == SQLITE_ROW) {
		const char *line = (const char *)sqlite3_column_text(statement, 0);
		const int64_t time_ns = sqlite3_column_int64(statement, 1);

		if (line && !is_of(name, line, time_ns))
			continue;
		error = line ? take(context, line, time_ns) : 0;
		limit--;
	}
	if (error) {
		(void)sqlite3_finalize(statement);
		return error;
	}
	return finish(reader, statement, result);
}

/* Rows that stand for several deaths are few, and have an index of their own, hence the plus. */
static int count_folded(struct history_reader *reader, const struct history_name *name,
			int64_t until_ns, uint64_t *ret)
{
	sqlite3_stmt *statement;
	int result;

	*ret = 0;
	if (!history_has_column(reader, "deaths"))
		return 0;
	statement = prepare(reader, sqlite3_mprintf("SELECT sum(deaths - 1) FROM event"
						    " WHERE last_time IS NOT NULL AND +%s"
						    " AND +time <= ?2",
						    kinds[name->kind].filter));
	if (!statement)
		return history_failed(reader);
	bind(statement, name->kind, name->text);
	(void)sqlite3_bind_int64(statement, 2, until_ns);
	result = sqlite3_step(statement);
	if (result == SQLITE_ROW)
		*ret = (uint64_t)sqlite3_column_int64(statement, 0);
	return finish(reader, statement, result);
}

int history_count(struct history_reader *reader, const struct history_name *name, int64_t until_ns,
		  struct history_count *ret)
{
	sqlite3_stmt *statement =
		select_rows(reader, "count(*), min(time), max(time)", name, until_ns, "");
	int result = statement ? sqlite3_step(statement) : SQLITE_NOMEM, error;
	uint64_t folded = 0;

	if (result == SQLITE_ROW)
		*ret = (struct history_count){ (uint64_t)sqlite3_column_int64(statement, 0),
					       sqlite3_column_int64(statement, 1),
					       sqlite3_column_int64(statement, 2) };
	error = finish(reader, statement, result);
	if (!error)
		error = count_folded(reader, name, until_ns, &folded);
	if (!error)
		ret->deaths += folded;
	return error;
}

static int read_number(struct history_reader *reader, const char *sql, int64_t argument,
		       int64_t *ret)
{
	sqlite3_stmt *statement = prepare(reader, sqlite3_mprintf("%s", sql));
	int result = statement ? SQLITE_ROW : SQLITE_NOMEM;

	if (statement) {
		(void)sqlite3_bind_int64(statement, 1, argument);
		result = sqlite3_step(statement);
	}
	if (result == SQLITE_ROW)
		*ret = sqlite3_column_int64(statement, 0);
	return finish(reader, statement, result);
}

int history_begin(struct history_reader *reader, int64_t *ret_ns)
{
	return read_number(reader, "SELECT min(time) FROM event", 0, ret_ns);
}

/* Rows are numbered from 1, and none is dropped for another reason. */
int history_dropped(struct history_reader *reader, uint64_t *ret)
{
	int64_t count = 0;
	int error = read_number(reader, "SELECT coalesce(max(number) - count(*), 0) FROM event", 0,
				&count);

	*ret = count > 0 ? (uint64_t)count : 0;
	return error;
}

int history_folded(struct history_reader *reader, int64_t since_ns, uint64_t *ret)
{
	int64_t count = 0;
	int error = 0;

	if (history_has_column(reader, "last_time"))
		error = read_number(
			reader,
			"SELECT coalesce(sum(deaths - 1), 0) FROM event WHERE last_time >= ?1",
			since_ns, &count);
	*ret = (uint64_t)count;
	return error;
}

int history_losses(struct history_reader *reader, int64_t since_ns, uint64_t *ret)
{
	int64_t count = 0;
	int error = read_number(reader,
				"SELECT count(*) FROM event WHERE cause IS NULL AND time >= ?1",
				since_ns, &count);

	*ret = (uint64_t)count;
	return error;
}
