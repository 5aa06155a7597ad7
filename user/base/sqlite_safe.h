/* SPDX-License-Identifier: BSD-2-Clause */
/* Safe settings for a database that another program may have written: it runs no code, and its cost
 * is bounded. */
#ifndef KT_BASE_SQLITE_SAFE_H
#define KT_BASE_SQLITE_SAFE_H

#include <sqlite3.h>

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

/*
 * A bound for the work on a database, because a crafted file can contain an endless query. An
 * honest database needs some 50 steps for a row of a thousand bytes.
 */
struct sqlite_budget {
	uint64_t steps;                    /* left; 0: spent */
	const volatile sig_atomic_t *stop; /* ends it too; may be NULL */
};

/* Limits and settings of a new connection; the file is not read. */
void sqlite_safe_set(sqlite3 *sqlite);

/* From now on, a query that exceeds it ends with SQLITE_INTERRUPT. `budget` must outlive the
 * database. */
void sqlite_safe_bound(sqlite3 *sqlite, struct sqlite_budget *budget);

#endif
