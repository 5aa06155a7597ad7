/* SPDX-License-Identifier: BSD-2-Clause */
/* How SQLite opens a file of ours, in the writer and in readers. */
#ifndef KT_HISTORY_HISTORY_SQLITE_H
#define KT_HISTORY_HISTORY_SQLITE_H

#include "base/sqlite_safe.h"

/* `how`: SQLITE_OPEN_READWRITE or SQLITE_OPEN_READONLY. SQLite's result; *ret is to be closed in
 * any case. */
int history_sqlite_open(const char *path, int how, sqlite3 **ret);

/* For a copy without a writer, in a place where nothing can be written. */
int history_sqlite_open_copy(const char *path, sqlite3 **ret);

/* A budget for a file of that size, for sqlite_safe_bound(). */
void history_sqlite_allow(struct sqlite_budget *budget, uint64_t file_bytes);

#endif
