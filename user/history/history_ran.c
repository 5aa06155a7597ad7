// SPDX-License-Identifier: BSD-2-Clause
#include "history/history_ran.h"

#include <sqlite3.h>

#include "base/clock.h"
#include "history/history_inside.h"
#include "history/history_limits.h"

/* A restart. */
#define SHORTEST_GAP_NS (10 * NS_PER_S)

static void note(struct history_ran *ran, int64_t from_ns, int64_t to_ns, int64_t shortest_ns)
{
	if (to_ns <= from_ns)
		return;
	if (to_ns - from_ns < shortest_ns) {
		ran->restarts++;
		ran->restarts_ns += to_ns - from_ns;
		return;
	}
	if (ran->count < HISTORY_GAPS_MOST)
		ran->gaps[ran->count++] = (struct history_gap){ from_ns, to_ns };
	ran->total++;
}

static bool has_table(const struct history_reader *reader)
{
	return !sqlite3_table_column_metadata(history_sqlite(reader), NULL, "ran", "last", NULL,
					      NULL, NULL, NULL, NULL);
}

static int read_runs(struct history_reader *reader, sqlite3_stmt *runs, int64_t since_ns,
		     int64_t until_ns, struct history_ran *ret)
{
	int64_t seen_ns = since_ns;
	int result;

	while ((result = sqlite3_step(runs)) == SQLITE_ROW) {
		const int64_t begin_ns = sqlite3_column_int64(runs, 0);
		const int64_t last_ns = sqlite3_column_int64(runs, 1);

		if (ret->known_ns == INT64_MAX) {
			ret->known_ns = begin_ns;
			seen_ns = begin_ns > since_ns ? begin_ns : since_ns;
		}
		note(ret, seen_ns, begin_ns < until_ns ? begin_ns : until_ns, SHORTEST_GAP_NS);
		if (last_ns > ret->noted_ns)
			ret->noted_ns = last_ns;
		if (last_ns > seen_ns)
			seen_ns = last_ns;
	}
	if (result != SQLITE_DONE)
		return history_failed(reader);
	/* it may run, and note that again soon */
	if (ret->known_ns < until_ns && until_ns - seen_ns >= (HISTORY_NOTE_S + 60) * NS_PER_S)
		note(ret, seen_ns, until_ns, SHORTEST_GAP_NS);
	return 0;
}

int history_ran(struct history_reader *reader, int64_t since_ns, int64_t until_ns,
		struct history_ran *ret)
{
	sqlite3_stmt *runs = NULL;
	int error;

	*ret = (struct history_ran){ .known_ns = INT64_MAX };
	if (!has_table(reader))
		return 0;
	if (sqlite3_prepare_v2(history_sqlite(reader), "SELECT begin, last FROM ran ORDER BY 1", -1,
			       &runs, NULL))
		return history_failed(reader);
	error = read_runs(reader, runs, since_ns, until_ns, ret);
	(void)sqlite3_finalize(runs);
	return error;
}
