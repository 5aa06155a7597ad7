/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One event for many equal deaths: the record of the first of them, which says how many they are
 * and in what time.
 *
 * Rows that were folded in the same time stand for deaths that lie between one another, so that
 * nobody can say up to where all is written before the last of them is. Each says how many follow
 * it; the last one's last death is the last of all.
 */
#ifndef KT_LINE_REPEATS_H
#define KT_LINE_REPEATS_H

#include <stdbool.h>
#include <stdint.h>

#include "line/event.h"

struct repeats {
	uint64_t count; /* all of them */
	int64_t first_ns, last_ns;
	uint64_t last;          /* sequence of the newest */
	unsigned int rows_left; /* that follow, of the same time */
};

/* `first` stays as it is. With one reference; NULL when out of memory. */
struct event *event_of_repeats(const struct event *first, const struct repeats *repeats);

/* How far a line goes that was once an event's, with or without its newline. False: it has no
 * death, or one of another boot. */
bool repeats_of_line(const char *line, size_t size, const char *boot_id, uint64_t *ret_last,
		     unsigned int *ret_rows_left);

#endif
