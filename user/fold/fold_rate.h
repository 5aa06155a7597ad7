/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * How many lines each of many got in its present window of time: owners, users, or kinds of deaths.
 *
 * Ownership: a plain struct, all zero at first. Invariants: bounded. If there is no room for one
 * more, nothing is known about it, and it is not limited.
 */
#ifndef KT_FOLD_FOLD_RATE_H
#define KT_FOLD_FOLD_RATE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/clock.h"

#define FOLD_WINDOW_NS (10 * (uint64_t)NS_PER_S)

/* A table has 16 KiB. */
#define FOLD_RATE_SETS 128
#define FOLD_RATE_WAYS 4

struct fold_rate {
	uint64_t key; /* 0: free */
	uint64_t begin_ns;
	uint64_t lines; /* in this window */
};

struct fold_rates {
	struct fold_rate rate[FOLD_RATE_SETS][FOLD_RATE_WAYS];
};

/* Whether that much time is over. Records of several CPUs may be slightly out of order. */
bool fold_rate_is_over(uint64_t begin_ns, uint64_t length_ns, uint64_t now_ns);

/* Found, or made in the place of one whose window is over. NULL: there is no room. `key` is not 0.
 */
struct fold_rate *fold_rate_find(struct fold_rates *rates, uint64_t key, uint64_t now_ns);

#endif
