// SPDX-License-Identifier: BSD-2-Clause
#include "history/history_memory.h"

#include <errno.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "history/history_inside.h"
#include "history/history_schema.h"
#include "line/json_tree.h"
#include "line/reported.h"

/* More than a hundred thousand deaths. */
#define MOST_MEMORY (256 << 20)

struct history_memory {
	sqlite3 *sqlite;
	sqlite3_stmt *insert;
};

static bool prepare(struct history_memory *memory)
{
	static const char sql[] =
		"INSERT OR IGNORE INTO event"
		" (id, time, cause, routine, unit, user_unit, pod, container, pid, comm, line,"
		" fingerprint)"
		" VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)";

	(void)sqlite3_hard_heap_limit64(MOST_MEMORY);
	return !sqlite3_open(":memory:", &memory->sqlite) &&
	       !history_schema_prepare(memory->sqlite) &&
	       !sqlite3_prepare_v2(memory->sqlite, sql, -1, &memory->insert, NULL);
}

struct history_memory *history_memory_new(void)
{
	struct history_memory *memory = calloc(1, sizeof(*memory));

	if (memory && !prepare(memory)) {
		history_memory_free(memory);
		return NULL;
	}
	return memory;
}

void history_memory_free(struct history_memory *memory)
{
	if (!memory)
		return;
	(void)sqlite3_finalize(memory->insert);
	(void)sqlite3_close(memory->sqlite);
	free(memory);
}

static void bind(struct history_memory *memory, int place, const char *text)
{
	if (*text)
		(void)sqlite3_bind_text(memory->insert, place, text, -1, SQLITE_TRANSIENT);
}

/* Its own name, else its name in the pod, else its id. */
static const char *container_of(const struct reported *reported)
{
	const char *name = reported_text(reported, REPORTED_CONTAINER_NAME);

	if (!*name)
		name = reported_text(reported, REPORTED_POD_CONTAINER);
	return *name ? name : reported_text(reported, REPORTED_CONTAINER_ID);
}

static int add_row(struct history_memory *memory, const struct reported *reported, const char *line)
{
	const char *const container_unit = reported_text(reported, REPORTED_CONTAINER_UNIT);
	sqlite3_stmt *insert = memory->insert;

	(void)sqlite3_clear_bindings(insert);
	bind(memory, 1, reported_text(reported, REPORTED_ID));
	(void)sqlite3_bind_int64(insert, 2, reported->realtime_ns);
	bind(memory, 3, reported_text(reported, REPORTED_CAUSE));
	(void)sqlite3_bind_int(insert, 4, reported->routine);
	bind(memory, 5, reported_text(reported, REPORTED_UNIT));
	bind(memory, 6,
	     *container_unit ? container_unit : reported_text(reported, REPORTED_USER_UNIT));
	bind(memory, 7, reported_text(reported, REPORTED_POD));
	bind(memory, 8, container_of(reported));
	if (reported->has_pid)
		(void)sqlite3_bind_int64(insert, 9, reported->pid);
	bind(memory, 10, reported_text(reported, REPORTED_COMM));
	bind(memory, 11, line);
	bind(memory, 12, reported_text(reported, REPORTED_FINGERPRINT));
	(void)sqlite3_step(insert);
	return sqlite3_reset(insert);
}

int history_memory_add(struct history_memory *memory, const json_t *record)
{
	AUTO_FREE char *line = json_tree_line(record);
	AUTO_FREE struct reported *reported = NULL;
	int64_t time_ns = 0;

	(void)clock_parse_rfc3339(json_string_value(json_object_get(record, "time")), &time_ns);
	reported = reported_of_json(record, time_ns);
	return line && reported && !add_row(memory, reported, line) ? 0 : -ENOMEM;
}

struct history_reader *history_memory_reader(struct history_memory *memory)
{
	struct history_reader *reader = history_reader_of(memory->sqlite);

	if (!reader)
		return NULL;
	(void)sqlite3_finalize(memory->insert);
	memory->insert = NULL;
	memory->sqlite = NULL;
	return reader;
}
