/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The database of the history, opened by its writer: SQLite with a write-ahead log, so that a
 * reader never waits for the writer. What was committed survives the process and a power cut.
 *
 * Ownership: its texts must outlive it. Invariants: after a failure no transaction is open.
 * Functions give 0 or -errno; -EUCLEAN is a damaged database. `message` then says what happened.
 */
#ifndef KT_HISTORY_HISTORY_DB_H
#define KT_HISTORY_HISTORY_DB_H

#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "line/event.h"
#include "history/history_limits.h"
#include "history/history_share.h"
#include "history/history_sqlite.h"

struct history_db {
	const char *path;
	const char *boot_id; /* of deaths with growing numbers; NULL: they do not grow */
	int64_t began_ns;    /* when the agent did; 0: it is none */
	int64_t ran;         /* the number of the row that says so; 0: there is none yet */
	sqlite3 *sqlite;     /* NULL: closed */
	sqlite3_stmt *insert;
	struct {
		dev_t device;
		ino_t inode;
	} files[3];                  /* the open database, its log and the log's index */
	struct history_turn turn;    /* which workloads give way next */
	struct sqlite_budget budget; /* of each of the functions below */
	char message[192];
};

/* Makes the folder of a path if it is missing; one level only. */
void history_make_folder(const char *path);

/* Makes the file (0600) and its tables if they are missing. A foreign file stays as it is. */
int history_db_open(struct history_db *db);
void history_db_close(struct history_db *db);

/* Whether the file is still the one at the path, with its log beside it: they may have been moved
 * or deleted. */
bool history_db_is_in_place(const struct history_db *db);

/* Closes a database whose files are not in place any more. What is only in a log that was deleted
 * is saved before: on close SQLite does so only if nobody else has the database open. */
void history_db_leave(struct history_db *db);

/* The number up to which deaths of this boot were added, even if they were dropped later; 0: none,
 * or it cannot be read. */
uint64_t history_db_has(struct history_db *db);

/* Adds all of them or none, with all their rows. An id that is already there is left out. */
int history_db_add(struct history_db *db, struct event *const *events, unsigned int count,
		   int64_t now_ns);

/* Notes that the agent runs at this time. history_db_add() does so, too. */
int history_db_note_ran(struct history_db *db, int64_t now_ns);

/* Drops some of what is too old or too much; in small steps, so that no other program waits for
 * long. */
int history_db_trim(struct history_db *db, const struct history_limits *limits, int64_t now_ns);

/* Moves it aside for later inspection: *ret_name is where it is now. It must be closed. */
#define HISTORY_ASIDE_SIZE 4200
int history_db_move_aside(const struct history_db *db, int64_t now_ns,
			  char ret_name[HISTORY_ASIDE_SIZE]);

#endif
