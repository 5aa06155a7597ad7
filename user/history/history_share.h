/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Who gives way where the history is too large: of the holder with the most rows the workload with
 * the most, and of that the oldest, so that nobody's deaths push out another's, however many they
 * are.
 *
 * Rows without a share, which are losses and deaths of before version 4, have the holders that
 * follow from their columns (HISTORY_OLD_HOLDER), beside those of later rows.
 */
#ifndef KT_HISTORY_HISTORY_SHARE_H
#define KT_HISTORY_HISTORY_SHARE_H

#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>

/* Whose turn it is to give way, for how many rows; to count them all again for each would be dear.
 * All zero at first. */
struct history_turn {
	int64_t row;  /* one of the holder's, and of the workload's with the most rows */
	int64_t rows; /* that are still to go */
	int64_t keep; /* so many rows of each workload stay */
	bool whole;   /* that workload alone is meant, and gives `rows` */
	bool is_old;  /* without a share */
};

/* Drops at most `most` rows; *ret_count: how many went. SQLite's result. */
int history_share_drop(sqlite3 *sqlite, struct history_turn *turn, int most, int *ret_count);

#endif
