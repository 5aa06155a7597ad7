// SPDX-License-Identifier: BSD-2-Clause
#include "base/sqlite_safe.h"

#include <stddef.h>

#include "base/cleanup.h"

/* Steps between two checks of the rest of the budget. */
#define STEPS_AT_ONCE 1000

/* None of our statements, tables or lines comes near these. */
static const struct {
	int what, most;
} limits[] = {
	{ SQLITE_LIMIT_LENGTH, 1 << 20 },
	{ SQLITE_LIMIT_SQL_LENGTH, 1 << 18 },
	{ SQLITE_LIMIT_COLUMN, 64 },
	{ SQLITE_LIMIT_EXPR_DEPTH, 100 },
	{ SQLITE_LIMIT_COMPOUND_SELECT, 4 },
	{ SQLITE_LIMIT_VDBE_OP, 25000 },
	{ SQLITE_LIMIT_FUNCTION_ARG, 16 },
	{ SQLITE_LIMIT_ATTACHED, 0 },
	{ SQLITE_LIMIT_LIKE_PATTERN_LENGTH, 256 },
	{ SQLITE_LIMIT_VARIABLE_NUMBER, 64 },
	{ SQLITE_LIMIT_TRIGGER_DEPTH, 1 },
	{ SQLITE_LIMIT_WORKER_THREADS, 0 },
};

/* A database that was tampered with runs no code of its own. */
static const struct {
	int what, value;
} settings[] = {
	{ SQLITE_DBCONFIG_DEFENSIVE, 1 },
	{ SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0 },
	{ SQLITE_DBCONFIG_ENABLE_TRIGGER, 0 },
	{ SQLITE_DBCONFIG_ENABLE_VIEW, 0 },
	{ SQLITE_DBCONFIG_DQS_DDL, 0 },
	{ SQLITE_DBCONFIG_DQS_DML, 0 },
	{ SQLITE_DBCONFIG_WRITABLE_SCHEMA, 0 },
	{ SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0 },
	{ SQLITE_DBCONFIG_ENABLE_FTS3_TOKENIZER, 0 },
};

void sqlite_safe_set(sqlite3 *sqlite)
{
	for (size_t i = 0; i < ARRAY_SIZE(settings); i++)
		(void)sqlite3_db_config(sqlite, settings[i].what, settings[i].value, NULL);
	for (size_t i = 0; i < ARRAY_SIZE(limits); i++)
		(void)sqlite3_limit(sqlite, limits[i].what, limits[i].most);
}

static int spend(void *context)
{
	struct sqlite_budget *budget = context;

	budget->steps -= budget->steps < STEPS_AT_ONCE ? budget->steps : STEPS_AT_ONCE;
	return !budget->steps || (budget->stop && *budget->stop);
}

void sqlite_safe_bound(sqlite3 *sqlite, struct sqlite_budget *budget)
{
	sqlite3_progress_handler(sqlite, STEPS_AT_ONCE, spend, budget);
}
