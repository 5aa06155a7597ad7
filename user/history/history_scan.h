/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The rows of the history by their columns, for counting: their lines are read only where the
 * selection needs them, so a million rows take about a second.
 */
#ifndef KT_HISTORY_HISTORY_SCAN_H
#define KT_HISTORY_HISTORY_SCAN_H

#include <stddef.h>

#include "history/history_read.h"

/* Texts are "" where nothing is known, and live until the next row. */
struct history_row {
	int64_t number;
	int64_t time_ns, last_ns; /* of the first and the last of its deaths */
	uint64_t deaths;          /* 0: it is about losses */
	const char *cause, *fingerprint;
	const void *owner; /* some bytes that deaths of one owner have in common */
	size_t owner_size;
};

/* Not 0: it ends the scan. */
typedef int (*history_take_row)(void *context, const struct history_row *row);

/* All rows that history_read() would pass on, whatever the query's limit, newest first. Its
 * results. */
int history_scan(struct history_reader *reader, const struct history_query *query,
		 history_take_row take, void *context);

/* The line of a row, to be freed, and its time; NULL: it is gone, or too long to be ours. 0,
 * -EINTR, -ENOMEM or HISTORY_FAILED. */
int history_line(struct history_reader *reader, int64_t number, char **ret_line,
		 int64_t *ret_time_ns);

#endif
