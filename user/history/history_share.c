// SPDX-License-Identifier: BSD-2-Clause
#include "history/history_share.h"

#include <stdbool.h>
#include <stddef.h>

#include "history/history_schema.h"

/* So much below its fair part a holder and a large workload may fall, that not each row needs a
 * look. */
#define PART_OF_A_TURN 8

/* ?1 is a row of whose turn it is: its holder, and its workload. */
#define OF_ROW(column) "(SELECT " column " FROM event WHERE number = ?1)"
#define OF_HOLDER(which, holder) " FROM event WHERE " which " AND " holder " IS " OF_ROW(holder)

struct queries {
	const char *holders;   /* rows of each, and the newest of them */
	const char *workloads; /* the same of each workload of the holder */
	const char *above; /* those with more than ?2: how many more; ?3 of them, oldest first */
	const char *drop;  /* the ?2 oldest rows of a workload */
};

#define COUNT_WORKLOADS(rows, which, holder, workload) \
	"SELECT " rows ", max(number)" OF_HOLDER(which, holder) " GROUP BY " workload

#define QUERIES(index, which, holder, workload)                                            \
	{                                                                                  \
		.holders = "SELECT count(*), max(number) FROM event INDEXED BY " index     \
			   " WHERE " which " GROUP BY " holder,                            \
		.workloads = COUNT_WORKLOADS("count(*)", which, holder, workload),         \
		.above = COUNT_WORKLOADS(                                                  \
			"count(*) - ?2", which, holder,                                    \
			workload) " HAVING count(*) > ?2 ORDER BY min(time) LIMIT ?3",     \
		.drop = "DELETE FROM event WHERE number IN (SELECT number" OF_HOLDER(      \
			which, holder) " AND " workload                                    \
				       " IS " OF_ROW(workload) " ORDER BY time LIMIT ?2)", \
	}

static const struct queries queries[] = {
	QUERIES("event_share", "holder IS NOT NULL", "holder", "workload"),
	QUERIES("event_without_share", "holder IS NULL", HISTORY_OLD_HOLDER, HISTORY_OLD_WORKLOAD),
};

/* The workloads of a holder; those that are worth a turn are not counted by their size. */
struct sizes {
	int64_t rows, row; /* of all: one of them */
	int64_t most, most_row;
	unsigned int of_size[HISTORY_WORTH_A_TURN];
};

static int prepare(sqlite3 *sqlite, const char *sql, int64_t row, sqlite3_stmt **ret)
{
	int result = sqlite3_prepare_v2(sqlite, sql, -1, ret, NULL);

	if (!result && sqlite3_bind_parameter_count(*ret))
		result = sqlite3_bind_int64(*ret, 1, row);
	return result;
}

static int end_of(sqlite3_stmt *statement, int result)
{
	(void)sqlite3_finalize(statement);
	return result == SQLITE_DONE ? SQLITE_OK : result;
}

/* The holder with the most rows; those of before have holders of their own. No rows: there is
 * none. */
static int find_holder(sqlite3 *sqlite, struct history_turn *turn, struct sizes *ret)
{
	int result = SQLITE_OK;

	for (int old = 0; !result && old < 2; old++) {
		sqlite3_stmt *statement = NULL;

		result = prepare(sqlite, queries[old].holders, 0, &statement);
		while (!result && (result = sqlite3_step(statement)) == SQLITE_ROW) {
			const int64_t rows = sqlite3_column_int64(statement, 0);

			if (rows > ret->rows) {
				ret->rows = rows;
				ret->row = sqlite3_column_int64(statement, 1);
				turn->is_old = old;
			}
			result = SQLITE_OK;
		}
		result = end_of(statement, result);
	}
	return result;
}

static int count_workloads(sqlite3 *sqlite, const struct history_turn *turn, struct sizes *ret)
{
	sqlite3_stmt *statement = NULL;
	int result = prepare(sqlite, queries[turn->is_old].workloads, ret->row, &statement);

	while (!result && (result = sqlite3_step(statement)) == SQLITE_ROW) {
		const int64_t rows = sqlite3_column_int64(statement, 0);

		if (rows > ret->most) {
			ret->most = rows;
			ret->most_row = sqlite3_column_int64(statement, 1);
		}
		if (rows < HISTORY_WORTH_A_TURN)
			ret->of_size[rows]++;
		result = SQLITE_OK;
	}
	return end_of(statement, result);
}

static void add(struct history_turn *turn, int64_t row, int64_t rows)
{
	turn->workload[turn->count].row = row;
	turn->workload[turn->count++].rows = rows;
}

/* Of each workload what it has above `keep`, until these are `rows`. */
static int add_above(sqlite3 *sqlite, struct history_turn *turn, int64_t row, int64_t keep,
		     int64_t rows)
{
	sqlite3_stmt *statement = NULL;
	int result = prepare(sqlite, queries[turn->is_old].above, row, &statement);

	if (!result) {
		(void)sqlite3_bind_int64(statement, 2, keep);
		(void)sqlite3_bind_int64(statement, 3, rows);
	}
	while (!result && (result = sqlite3_step(statement)) == SQLITE_ROW) {
		const int64_t more = sqlite3_column_int64(statement, 0);

		if (rows > 0)
			add(turn, sqlite3_column_int64(statement, 1), more < rows ? more : rows);
		rows -= more;
		result = SQLITE_OK;
	}
	return end_of(statement, result);
}

/* Down to one size, so that none falls below those that it was above; nor the holder much below the
 * next. */
static int plan_small(sqlite3 *sqlite, struct history_turn *turn, const struct sizes *sizes)
{
	const int64_t part = sizes->rows / PART_OF_A_TURN + 1;
	const int64_t most = part < HISTORY_WORTH_A_TURN ? part : HISTORY_WORTH_A_TURN;
	int64_t workloads = sizes->of_size[sizes->most], rows = workloads, keep = sizes->most - 1;

	while (keep > 0) {
		workloads += sizes->of_size[keep];
		if (rows + workloads > most)
			break;
		keep--;
		rows += workloads;
	}
	return add_above(sqlite, turn, sizes->row, keep, rows < most ? rows : most);
}

static int plan(sqlite3 *sqlite, struct history_turn *turn)
{
	struct sizes sizes = { 0 };
	int result;

	turn->next = turn->count = 0;
	result = find_holder(sqlite, turn, &sizes);
	if (!result && sizes.rows)
		result = count_workloads(sqlite, turn, &sizes);
	if (result || !sizes.most)
		return result;
	if (sizes.most < HISTORY_WORTH_A_TURN)
		return plan_small(sqlite, turn, &sizes);
	add(turn, sizes.most_row, sizes.most / PART_OF_A_TURN);
	return result;
}

static int drop_rows(sqlite3_stmt *statement, int64_t row, int64_t rows, int *ret_count)
{
	int result;

	(void)sqlite3_bind_int64(statement, 1, row);
	(void)sqlite3_bind_int64(statement, 2, rows);
	(void)sqlite3_step(statement);
	result = sqlite3_reset(statement);
	*ret_count = result ? 0 : sqlite3_changes(sqlite3_db_handle(statement));
	return result;
}

/* A workload whose rows somebody else has taken gives none. */
static int drop(sqlite3 *sqlite, struct history_turn *turn, int most, int *count)
{
	sqlite3_stmt *statement = NULL;
	int result = prepare(sqlite, queries[turn->is_old].drop, 0, &statement);

	while (!result && turn->next < turn->count && *count < most) {
		const int64_t row = turn->workload[turn->next].row, left = most - *count;
		int64_t *rows = &turn->workload[turn->next].rows;
		const int64_t wanted = *rows < left ? *rows : left;
		int gone;

		result = drop_rows(statement, row, wanted, &gone);
		*count += gone;
		*rows -= gone;
		if (gone < wanted || !*rows)
			turn->next++;
	}
	(void)sqlite3_finalize(statement);
	return result;
}

int history_share_drop(sqlite3 *sqlite, struct history_turn *turn, int most, int *ret_count)
{
	int result;

	*ret_count = 0;
	result = drop(sqlite, turn, most, ret_count);
	/* a turn is over also where somebody else has taken its rows, and there may be others */
	if (result || *ret_count)
		return result;
	result = plan(sqlite, turn);
	return result ? result : drop(sqlite, turn, most, ret_count);
}
