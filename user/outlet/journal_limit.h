/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * How many entries journald takes from one unit in an interval. It drops further entries, and their
 * sender never learns of it, so we stay below the limit.
 *
 * journald gets the limit from the links that systemd makes for the unit, else from its own
 * configuration (systemd: journald-context.c, journald-rate-limit.c; 252 and 257 alike). It takes
 * more from a unit if its disk has more room, which we do not count on.
 */
#ifndef KT_OUTLET_JOURNAL_LIMIT_H
#define KT_OUTLET_JOURNAL_LIMIT_H

#include <stdbool.h>
#include <stdint.h>

/* If either is 0, there is no limit. */
struct journal_limit {
	uint64_t interval_ns;
	uint64_t burst;
};

/* `unit` is ours; "": none, and then there is no limit either. Files are looked for below `root`,
 * which is "" except in tests. */
void journal_limit_read(const char *root, const char *unit, struct journal_limit *ret);

/* Our unit in the eyes of journald, by /proc/self/cgroup; "-" if that cannot be seen, such as in a
 * container. */
#define JOURNAL_UNIT_SIZE 256
void journal_limit_own_unit(char ret_unit[JOURNAL_UNIT_SIZE]);

/* Entries that were sent, and the limit at the beginning of the interval. All zero at first. */
struct journal_pace {
	struct journal_limit limit;
	uint64_t begin_ns; /* CLOCK_MONOTONIC; 0: the limit must be read again */
	uint64_t sent;
};

/* Whether one more may be sent now; it is then counted. */
bool journal_pace_takes(struct journal_pace *pace, uint64_t now_ns);

#endif
