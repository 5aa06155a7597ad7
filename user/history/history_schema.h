/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The layout of the history in its database: one table `event`, with a row for each line of JSON.
 * The line is the truth; the columns beside it are for finding rows. And one row in `written`.
 * `user_version` counts the steps that made it. A step that was ever released is never changed;
 * another one is added.
 */
#ifndef KT_HISTORY_HISTORY_SCHEMA_H
#define KT_HISTORY_HISTORY_SCHEMA_H

#include <sqlite3.h>

/* For rows without a share. A step has made an index of these, so they are never changed. Never
 * NULL. */
#define HISTORY_OLD_HOLDER                                               \
	"CASE WHEN pod IS NOT NULL THEN substr(pod, 1, instr(pod, '/'))" \
	" WHEN container IS NOT NULL THEN 'container'"                   \
	" WHEN user_unit IS NOT NULL THEN coalesce(unit, 'user')"        \
	" WHEN unit IS NOT NULL THEN 'unit' ELSE '' END"
#define HISTORY_OLD_WORKLOAD "coalesce(pod, container, user_unit, unit, '')"

/* Results in addition to SQLite's own, which are positive. */
enum history_schema_failure {
	HISTORY_SCHEMA_NEWER = -1,   /* of a later killtrace */
	HISTORY_SCHEMA_FOREIGN = -2, /* of another program */
	HISTORY_SCHEMA_EMPTY = -3,   /* nothing was written yet */
};

/* Checks which program made it; changes nothing. 0, enum history_schema_failure or SQLite's result.
 */
int history_schema_check(sqlite3 *sqlite);

/* Makes the tables, or brings those of an earlier version up to date. The same results except
 * EMPTY. */
int history_schema_prepare(sqlite3 *sqlite);

#endif
