// SPDX-License-Identifier: BSD-2-Clause
#include "history/history_group.h"

#include <errno.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/cleanup.h"
#include "base/output.h"
#include "history/history_inside.h"

/* A foreign file can have any number of different rows. */
#define MOST_GROUPS 100000
#define PLACES 65536U

/* What comes before the columns that the rows are grouped by. */
enum { COLUMN_NUMBER, COLUMN_TIME, COLUMN_DEATHS, COLUMN_LAST, COLUMN_FIRST_KEY };

struct group {
	struct buffer key;
	int64_t newest; /* number of its newest row */
	uint64_t deaths;
	int64_t first_ns, last_ns;
	struct group *next; /* in the same place */
};

struct gathering {
	struct group **places; /* by key */
	struct group **list;
	size_t count, room;
};

/* FNV-1a, four bytes at once: keys are long, and there is one for each row. */
static size_t place_of(const struct buffer *key)
{
	uint64_t hash = UINT64_C(0xcbf29ce484222325);
	size_t at = 0;

	for (; at + sizeof(uint32_t) <= key->size; at += sizeof(uint32_t)) {
		uint32_t word;

		memcpy(&word, key->text + at, sizeof(word));
		hash = (hash ^ word) * UINT64_C(0x100000001b3);
	}
	for (; at < key->size; at++)
		hash = (hash ^ (unsigned char)key->text[at]) * UINT64_C(0x100000001b3);
	return (size_t)((hash ^ (hash >> 32)) % PLACES);
}

static bool has_key(const struct group *group, const struct buffer *key)
{
	return group->key.size == key->size &&
	       (!key->size || !memcmp(group->key.text, key->text, key->size));
}

static void gathering_done(struct gathering *gathering)
{
	free(gathering->places);
	for (size_t i = 0; i < gathering->count; i++) {
		free(gathering->list[i]->key.text);
		free(gathering->list[i]);
	}
	free(gathering->list);
}

static char *make_sql(const struct history_reader *reader, const struct history_query *query,
		      const char *const *columns)
{
	const bool has_repeats = history_has_column(reader, "last_time");
	sqlite3_str *sql = sqlite3_str_new(NULL);

	sqlite3_str_appendf(sql, "SELECT number, time, %s",
			    has_repeats ? "coalesce(deaths, 1), coalesce(last_time, time)"
					: "1, time");
	for (; *columns; columns++)
		if (history_has_column(reader, *columns))
			sqlite3_str_appendf(sql, ", %s", *columns);
	sqlite3_str_appendf(sql,
			    " FROM event WHERE cause IS NOT NULL AND time BETWEEN %lld AND %lld%s",
			    (long long)query->since_ns, (long long)query->until_ns,
			    query->selection->all ? "" : " AND NOT routine");
	if (query->upto)
		sqlite3_str_appendf(sql, " AND number <= %lld", (long long)query->upto);
	return sqlite3_str_finish(sql);
}

/* The columns one after the other, each with its length: no text looks like two. */
static void read_key(sqlite3_stmt *rows, struct buffer *ret)
{
	const int count = sqlite3_column_count(rows);

	ret->size = 0;
	for (int i = COLUMN_FIRST_KEY; i < count; i++) {
		const unsigned char *text = sqlite3_column_text(rows, i);
		const int size = sqlite3_column_bytes(rows, i);

		buffer_add(ret, &size, sizeof(size));
		if (text)
			buffer_add(ret, text, (size_t)size);
	}
}

/* Takes over the key. NULL: no memory, or too many of them. */
static struct group *add_group(struct gathering *gathering, struct group **place,
			       struct buffer *key)
{
	struct group *group = calloc(1, sizeof(*group));

	if (!group || gathering->count == MOST_GROUPS)
		goto out;
	if (gathering->count == gathering->room) {
		const size_t room = gathering->room ? gathering->room * 2 : 256;
		struct group **list = reallocarray(gathering->list, room, sizeof(struct group *));

		if (!list)
			goto out;
		gathering->list = list;
		gathering->room = room;
	}
	*group = (struct group){ .key = *key, .first_ns = INT64_MAX, .last_ns = INT64_MIN };
	group->next = *place;
	*place = group;
	*key = (struct buffer){ 0 };
	gathering->list[gathering->count++] = group;
	return group;
out:
	free(group);
	return NULL;
}

/* NULL: no memory, or too many of them. */
static struct group *find(struct gathering *gathering, struct buffer *key)
{
	struct group **place;

	if (!gathering->places)
		gathering->places = calloc(PLACES, sizeof(struct group *));
	if (!gathering->places)
		return NULL;
	place = &gathering->places[place_of(key)];
	for (struct group *group = *place; group; group = group->next)
		if (has_key(group, key))
			return group;
	return add_group(gathering, place, key);
}

static bool count_row(struct gathering *gathering, sqlite3_stmt *rows, struct buffer *key)
{
	const int64_t first_ns = sqlite3_column_int64(rows, COLUMN_TIME);
	const int64_t last_ns = sqlite3_column_int64(rows, COLUMN_LAST);
	struct group *group;

	read_key(rows, key);
	if (key->failed)
		return false;
	group = find(gathering, key);
	if (!group)
		return false;
	group->deaths += (uint64_t)sqlite3_column_int64(rows, COLUMN_DEATHS);
	if (first_ns < group->first_ns)
		group->first_ns = first_ns;
	if (last_ns >= group->last_ns) {
		group->last_ns = last_ns;
		group->newest = sqlite3_column_int64(rows, COLUMN_NUMBER);
	}
	return true;
}

static int gather(struct history_reader *reader, sqlite3_stmt *rows, struct gathering *gathering)
{
	struct buffer key = { 0 };
	int result, error = 0;

	while (!error && (result = sqlite3_step(rows)) == SQLITE_ROW)
		if (!count_row(gathering, rows, &key))
			error = -ENOMEM;
	free(key.text);
	if (!error && result != SQLITE_DONE)
		error = history_failed(reader);
	return error;
}

static int hand_on(struct history_reader *reader, sqlite3_stmt *by_number,
		   const struct group *group, history_take_group take, void *context)
{
	int result, error = 0;

	(void)sqlite3_bind_int64(by_number, 1, group->newest);
	result = sqlite3_step(by_number);
	if (result == SQLITE_ROW)
		error = take(context, (const char *)sqlite3_column_text(by_number, 0),
			     group->deaths, group->first_ns, group->last_ns);
	result = sqlite3_reset(by_number);
	if (result == SQLITE_TOOBIG)
		history_count_damaged(reader);
	else if (result)
		error = history_failed(reader);
	return output_stop && !error ? -EINTR : error;
}

int history_group(struct history_reader *reader, const struct history_query *query,
		  const char *const *columns, history_take_group take, void *context)
{
	static const char line_sql[] = "SELECT line FROM event WHERE number = ?1";
	sqlite3 *sqlite = history_sqlite(reader);
	struct gathering gathering = { 0 };
	sqlite3_stmt *rows = NULL, *by_number = NULL;
	char *sql = make_sql(reader, query, columns);
	int error;

	if (!sql || sqlite3_prepare_v2(sqlite, sql, -1, &rows, NULL) ||
	    sqlite3_prepare_v2(sqlite, line_sql, -1, &by_number, NULL))
		error = history_failed(reader);
	else
		error = gather(reader, rows, &gathering);
	for (size_t i = 0; i < gathering.count && !error; i++)
		error = hand_on(reader, by_number, gathering.list[i], take, context);
	gathering_done(&gathering);
	(void)sqlite3_finalize(rows);
	(void)sqlite3_finalize(by_number);
	sqlite3_free(sql);
	return error;
}
