// SPDX-License-Identifier: BSD-2-Clause
#include "attribute/podman_label.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "attribute/bolt_file.h"
#include "attribute/file_ask.h"
#include "attribute/json_bound.h"
#include "attribute/json_names.h"
#include "attribute/runtime_table.h"
#include "base/cleanup.h"
#include "base/say.h"
#include "base/sqlite_safe.h"

#define LABEL "PODMAN_SYSTEMD_UNIT"

/* The configuration of a container, including its command and environment. */
#define MOST_CONFIG (256U << 10)
/* A thousand containers take some four thousand bytes each. */
#define MOST_DATABASE (4U << 20)
#define MOST_STEPS 100000U

/* Fields of an SQLite file's header (https://sqlite.org/fileformat.html, 1.3). */
#define HEADER_SIZE 100
#define WRITE_VERSION 18
#define READ_VERSION 19
#define ROLLBACK_JOURNAL 1

bool podman_label_read(const char *text, size_t size, struct names *ret)
{
	AUTO_JSON json_t *config = json_bound_load(text, size, JSON_BOUND_BYTES);

	JSON_NAMES_TAKE(ret, unit, json_object_get(config, "labels"), LABEL);
	return json_is_object(config);
}

static int read_row(sqlite3 *sqlite, const char *id, char *ret_text, size_t ret_size)
{
	sqlite3_stmt *statement = NULL;
	const char *text;
	int result = sqlite3_prepare_v2(sqlite, "SELECT JSON FROM ContainerConfig WHERE ID = ?1",
					-1, &statement, NULL);
	int error = -EBADMSG;

	if (!result)
		result = sqlite3_bind_text(statement, 1, id, -1, SQLITE_STATIC);
	if (!result)
		result = sqlite3_step(statement);
	if (result == SQLITE_DONE) {
		error = 0;
	} else if (result == SQLITE_ROW) {
		text = (const char *)sqlite3_column_text(statement, 0);
		error = text && strlen(text) < ret_size ? 0 : -EFBIG;
		if (!error)
			memcpy(ret_text, text, strlen(text) + 1);
	} else if (result == SQLITE_NOMEM) {
		error = -ENOMEM;
	}
	(void)sqlite3_finalize(statement);
	return error;
}

int podman_label_query(char *database, size_t size, const char *id, char *ret_text, size_t ret_size)
{
	struct sqlite_budget budget = { .steps = MOST_STEPS };
	sqlite3 *sqlite = NULL;
	int error = -EBADMSG;

	ret_text[0] = '\0';
	if (size < HEADER_SIZE)
		return -EBADMSG;
	/* without the log that may belong to it: a copy in memory has none */
	database[WRITE_VERSION] = ROLLBACK_JOURNAL;
	database[READ_VERSION] = ROLLBACK_JOURNAL;
	if (!sqlite3_open_v2(":memory:", &sqlite, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX,
			     NULL)) {
		sqlite_safe_set(sqlite);
		sqlite_safe_bound(sqlite, &budget);
		if (!sqlite3_deserialize(sqlite, "main", (unsigned char *)database,
					 (sqlite3_int64)size, (sqlite3_int64)size,
					 SQLITE_DESERIALIZE_READONLY))
			error = read_row(sqlite, id, ret_text, ret_size);
	}
	(void)sqlite3_close(sqlite);
	return error;
}

/* A missing row is no error, and says nothing. */
static int read_json(const char *text, struct names *ret)
{
	return !*text || podman_label_read(text, strlen(text), ret) ? 0 : -EBADMSG;
}

int podman_label_read_sqlite(int fd, uint64_t size, const char *id, struct names *ret)
{
	AUTO_FREE char *database = NULL, *text = malloc(MOST_CONFIG);
	size_t length;
	int error;

	if (!text)
		return -ENOMEM;
	if (size > MOST_DATABASE)
		return -EFBIG;
	error = node_files_read_open(fd, (size_t)size, &database, &length);
	if (!error)
		error = podman_label_query(database, length, id, text, MOST_CONFIG);
	return error ? error : read_json(text, ret);
}

/* libpod/boltdb_state_internal.go: a bucket of all containers, and in it a bucket for each, by its
 * id */
int podman_label_read_bolt(int fd, const char *id, struct names *ret)
{
	const char *const way[] = { "ctr", id, "config", NULL };
	AUTO_FREE char *text = malloc(MOST_CONFIG);
	int error = text ? bolt_file_get(fd, way, text, MOST_CONFIG) : -ENOMEM;

	return error ? error : read_json(text, ret);
}

void podman_label_find(const struct node_files *files, const char *id, struct names *ret,
		       uint64_t *unreadable)
{
	const struct runtime_database *at = runtime_named(ret->runtime)->labels;

	for (; at && at->path && !ret->unit[0]; at++) {
		struct file_question question;
		struct file_answer answer;
		int error = file_question_make(at->kind, id, NULL, &question)
				    ? file_ask(files, at->path, &question, &answer)
				    : -ENOENT;

		if (!error)
			(void)names_set(ret->unit, sizeof(ret->unit), answer.names.unit);
		/* -EAGAIN: it is being written to */
		if (!error || node_files_is_missing(error) || error == -EAGAIN)
			continue;
		(*unreadable)++;
		say_detail("names of containers: '%s' %s, ignoring", at->path,
			   file_ask_failure(error));
	}
}
