/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The database of the history as its writer has it open: SQLite with a write-ahead log, so that who
 * reads never waits for who writes. What was committed survives the process and a power cut.
 *
 * Ownership: its texts have to outlive it. Invariants: after a failure no transaction is open.
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
	const char *boot_id; /* of deaths whose numbers grow; NULL: they do not */
	sqlite3 *sqlite;     /* NULL: closed */
	sqlite3_stmt *insert;
	struct {
		dev_t device;
		ino_t inode;
	} files[3];                  /* that are open: the database, its log and the log's index */
	struct history_turn turn;    /* who gives way next */
	struct sqlite_budget budget; /* of each of the functions below */
	char message[192];
};

/* The folder of a path that nobody has prepared; one level only. */
void history_make_folder(const char *path);

/* Makes the file (0600) and its tables if they are missing. What is not ours stays as it is. */
int history_db_open(struct history_db *db);
void history_db_close(struct history_db *db);

/* Whether the file is still the one at the path, and its log beside it: somebody may have moved or
 * deleted them. */
bool history_db_is_in_place(const struct history_db *db);

/* The number up to which deaths of this boot were added, whatever is still there of them; 0: none,
 * or it cannot be read. */
uint64_t history_db_has(struct history_db *db);

/* All of them or none, with all their rows. An id that is there already is left out. */
int history_db_add(struct history_db *db, struct event *const *events, unsigned int count);

/* Drops some of what is too old or too much; in small steps, so that nobody waits for long. */
int history_db_trim(struct history_db *db, const struct history_limits *limits, int64_t now_ns);

/* Out of the way, to be looked at by somebody: *ret_name is where it is now. Has to be closed. */
#define HISTORY_ASIDE_SIZE 4200
int history_db_move_aside(const struct history_db *db, int64_t now_ns,
			  char ret_name[HISTORY_ASIDE_SIZE]);

#endif
