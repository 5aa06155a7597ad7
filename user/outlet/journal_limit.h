/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * How many entries journald takes of one unit in a while. What is more it drops, and its sender
 * never hears of it: so that we keep below it.
 *
 * journald knows the limit from the links that systemd makes for the unit, else from its own
 * configuration (systemd: journald-context.c, journald-rate-limit.c; 252 and 257 alike). It takes
 * the more of a unit the more room its disk has, which we do not count on.
 */
#ifndef KT_OUTLET_JOURNAL_LIMIT_H
#define KT_OUTLET_JOURNAL_LIMIT_H

#include <stdbool.h>
#include <stdint.h>

/* Either is 0: there is no limit. */
struct journal_limit {
	uint64_t interval_ns;
	uint64_t burst;
};

/* `unit` is ours; "": none, and then there is no limit either. Files are looked for below `root`,
 * which is
 * "" but in tests. */
void journal_limit_read(const char *root, const char *unit, struct journal_limit *ret);

/* The unit that journald takes us for, by /proc/self/cgroup; "-" where that cannot be seen, as in a
 * container. */
#define JOURNAL_UNIT_SIZE 256
void journal_limit_own_unit(char ret_unit[JOURNAL_UNIT_SIZE]);

/* Entries that were sent, by the limit as it was when the interval began. All zero at first. */
struct journal_pace {
	struct journal_limit limit;
	uint64_t begin_ns; /* CLOCK_MONOTONIC; 0: the limit is to be read anew */
	uint64_t sent;
};

/* Whether one more may be sent now, which is counted then. */
bool journal_pace_takes(struct journal_pace *pace, uint64_t now_ns);

#endif
