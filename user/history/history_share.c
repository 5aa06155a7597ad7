// SPDX-License-Identifier: BSD-2-Clause
#include "history/history_share.h"

#include <stdbool.h>
#include <stddef.h>

#include "history/history_schema.h"

/* A workload with fewer rows is not worth a look at all rows: then several lose some together. */
#define WORTH_A_TURN 1024
/* So much below its fair part a holder and a large workload may fall, that not each row needs a
 * look. */
#define PART_OF_A_TURN 8

/* ?1 is a row of whose turn it is: its holder, and the workload with the most rows. */
#define OF_ROW(column) "(SELECT " column " FROM event WHERE number = ?1)"
#define OF_HOLDER(which, holder) " FROM event WHERE " which " AND " holder " IS " OF_ROW(holder)
#define DROP "DELETE FROM event WHERE number IN (SELECT number"

struct queries {
	const char *holders;       /* rows of each, and the newest of them */
	const char *workloads;     /* the same of each workload of the holder */
	const char *drop_workload; /* at most ?3 rows */
	const char *drop_to;       /* at most ?3 rows, of workloads with more than ?2 */
};

#define QUERIES(index, which, holder, workload)                                                   \
	{                                                                                         \
		"SELECT count(*), max(number) FROM event INDEXED BY " index " WHERE " which       \
		" GROUP BY " holder,                                                              \
			"SELECT count(*), max(number)" OF_HOLDER(which,                           \
								 holder) " GROUP BY " workload,   \
			DROP OF_HOLDER(which, holder) " AND " workload " IS " OF_ROW(             \
				workload) " ORDER BY time LIMIT ?3)",                             \
			DROP                                                                      \
			" FROM (SELECT number, time,"                                             \
			" row_number() OVER (PARTITION BY " workload " ORDER BY time) AS age,"    \
			" count(*) OVER (PARTITION BY " workload ") AS size" OF_HOLDER(           \
				which, holder) ") WHERE age + ?2 <= size ORDER BY time LIMIT ?3)" \
	}

static const struct queries queries[] = {
	QUERIES("event_share", "holder IS NOT NULL", "holder", "workload"),
	QUERIES("event_without_share", "holder IS NULL", HISTORY_OLD_HOLDER, HISTORY_OLD_WORKLOAD),
};

/* The workloads of a holder; those that are worth a turn are not counted by their size. */
struct sizes {
	int64_t rows;
	int64_t most, most_row;
	unsigned int of_size[WORTH_A_TURN];
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

/* The holder with the most rows; those of before have holders of their own. *ret_rows 0: there is
 * none. */
static int find_holder(sqlite3 *sqlite, struct history_turn *turn, int64_t *ret_rows)
{
	int result = SQLITE_OK;

	*ret_rows = 0;
	for (int old = 0; !result && old < 2; old++) {
		sqlite3_stmt *statement = NULL;

		result = prepare(sqlite, queries[old].holders, 0, &statement);
		while (!result && (result = sqlite3_step(statement)) == SQLITE_ROW) {
			const int64_t rows = sqlite3_column_int64(statement, 0);

			if (rows > *ret_rows) {
				*ret_rows = rows;
				turn->row = sqlite3_column_int64(statement, 1);
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
	int result = prepare(sqlite, queries[turn->is_old].workloads, turn->row, &statement);

	while (!result && (result = sqlite3_step(statement)) == SQLITE_ROW) {
		const int64_t rows = sqlite3_column_int64(statement, 0);

		if (rows > ret->most) {
			ret->most = rows;
			ret->most_row = sqlite3_column_int64(statement, 1);
		}
		if (rows < WORTH_A_TURN)
			ret->of_size[rows]++;
		result = SQLITE_OK;
	}
	return end_of(statement, result);
}

/* Down to one size, so that none falls below those that it was above; nor the holder much below the
 * next. */
static void plan_small(struct history_turn *turn, const struct sizes *sizes)
{
	const int64_t part = sizes->rows / PART_OF_A_TURN + 1;
	const int64_t most = part < WORTH_A_TURN ? part : WORTH_A_TURN;
	int64_t workloads = sizes->of_size[sizes->most];

	turn->keep = sizes->most - 1;
	turn->rows = workloads;
	while (turn->keep > 0) {
		workloads += sizes->of_size[turn->keep];
		if (turn->rows + workloads > most)
			break;
		turn->keep--;
		turn->rows += workloads;
	}
	if (turn->rows > most)
		turn->rows = most;
}

static int plan(sqlite3 *sqlite, struct history_turn *turn)
{
	struct sizes sizes = { 0 };
	int result;

	*turn = (struct history_turn){ 0 };
	result = find_holder(sqlite, turn, &sizes.rows);
	if (!result && sizes.rows)
		result = count_workloads(sqlite, turn, &sizes);
	if (result || !sizes.most)
		return result;
	turn->row = sizes.most_row;
	if (sizes.most < WORTH_A_TURN) {
		plan_small(turn, &sizes);
	} else {
		turn->whole = true;
		turn->rows = sizes.most / PART_OF_A_TURN;
	}
	return result;
}

static int drop(sqlite3 *sqlite, struct history_turn *turn, int64_t most, int *ret_count)
{
	const struct queries *of = &queries[turn->is_old];
	sqlite3_stmt *statement = NULL;
	int result = prepare(sqlite, turn->whole ? of->drop_workload : of->drop_to, turn->row,
			     &statement);

	if (!result) {
		(void)sqlite3_bind_int64(statement, 2, turn->keep);
		(void)sqlite3_bind_int64(statement, 3, turn->rows < most ? turn->rows : most);
		(void)sqlite3_step(statement);
		result = sqlite3_reset(statement);
	}
	*ret_count = result ? 0 : sqlite3_changes(sqlite);
	(void)sqlite3_finalize(statement);
	turn->rows = *ret_count ? turn->rows - *ret_count : 0;
	return result;
}

int history_share_drop(sqlite3 *sqlite, struct history_turn *turn, int most, int *ret_count)
{
	int result = SQLITE_OK;

	*ret_count = 0;
	if (turn->rows > 0)
		result = drop(sqlite, turn, most, ret_count);
	/* a turn is over also where somebody else has taken its rows, and there may be others */
	if (result || *ret_count)
		return result;
	result = plan(sqlite, turn);
	if (!result && turn->rows > 0)
		result = drop(sqlite, turn, most, ret_count);
	return result;
}
