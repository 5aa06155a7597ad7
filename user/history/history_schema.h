/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * How the history lies in its database: one table `event`, a row for each line of JSON, and beside
 * the line, which is the truth, the columns that rows are found by; and one row in `written`.
 * `user_version` counts the steps that made it; a step that was ever released is never changed,
 * another is added.
 */
#ifndef KT_HISTORY_HISTORY_SCHEMA_H
#define KT_HISTORY_HISTORY_SCHEMA_H

#include <sqlite3.h>

/* Of rows without a share; a step has made an index of them, so they are never changed. Never NULL.
 */
#define HISTORY_OLD_HOLDER                                               \
	"CASE WHEN pod IS NOT NULL THEN substr(pod, 1, instr(pod, '/'))" \
	" WHEN container IS NOT NULL THEN 'container'"                   \
	" WHEN user_unit IS NOT NULL THEN coalesce(unit, 'user')"        \
	" WHEN unit IS NOT NULL THEN 'unit' ELSE '' END"
#define HISTORY_OLD_WORKLOAD "coalesce(pod, container, user_unit, unit, '')"

/* Results beside SQLite's own, which are positive. */
enum history_schema_failure {
	HISTORY_SCHEMA_NEWER = -1,   /* of a later killtrace */
	HISTORY_SCHEMA_FOREIGN = -2, /* of another program */
	HISTORY_SCHEMA_EMPTY = -3,   /* nobody has written anything yet */
};

/* Whose it is; changes nothing. 0, enum history_schema_failure or SQLite's result. */
int history_schema_check(sqlite3 *sqlite);

/* Makes the tables, or brings those of an earlier version up to date. The same results but EMPTY.
 */
int history_schema_prepare(sqlite3 *sqlite);

#endif
