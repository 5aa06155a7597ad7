/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One event for many equal deaths: the record of the first of them, with their number and time
 * span. If deaths of one owner that differ come too fast, they share an event too, which says so.
 *
 * Rows that were folded in the same time stand for deaths that are interleaved, so it is not known
 * how far everything is written before the last row is. Each row says how many follow it; the last
 * death of the last row is the last of all.
 */
#ifndef KT_LINE_REPEATS_H
#define KT_LINE_REPEATS_H

#include <stdbool.h>
#include <stdint.h>

#include "line/event.h"

/* In what the deaths of one row can differ. */
enum repeats_part {
	REPEATS_CGROUP,
	REPEATS_PROGRAM, /* and its user */
	REPEATS_END,     /* status and fingerprint; never the cause */
	REPEATS_SENDER,
	REPEATS_PARTS
};

struct repeats {
	uint64_t count; /* all of them */
	int64_t first_ns, last_ns;
	uint64_t last;          /* sequence of the newest */
	uint32_t last_pid;      /* of the newest */
	unsigned int rows_left; /* that follow, in the same time */
	unsigned int differs;   /* a bit for each part in which some differ from the first */
};

/* `first` is not changed. Returned with one reference; NULL when out of memory. */
struct event *event_of_repeats(const struct event *first, const struct repeats *repeats);

/* Reads up to which sequence the line of an event reaches, with or without its newline. False: it
 * has no death, or one of another boot. */
bool repeats_of_line(const char *line, size_t size, const char *boot_id, uint64_t *ret_last,
		     unsigned int *ret_rows_left);

#endif
