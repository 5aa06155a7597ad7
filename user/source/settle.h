/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Finds out how many misses are losses. A miss is open until it is seen elsewhere, and a lost one
 * stays open forever. So the lowest number that was open during a while is certainly lost; the rest
 * may still be seen.
 */
#ifndef KT_SOURCE_SETTLE_H
#define KT_SOURCE_SETTLE_H

#include <stdbool.h>
#include <stdint.h>

/* A thread whose exit was missed takes less time than this to reach the place where it is seen; on
 * an overloaded machine it takes seconds. */
#define SETTLE_NS 10000000000ULL

/* All zero at the start. */
struct settle {
	uint64_t sure;
	uint64_t least; /* lowest open number since `since_ns`; not above `sure`: all is certain */
	uint64_t since_ns;
};

/* Takes the number that is open now. `sure` never decreases. */
void settle_look(struct settle *settle, uint64_t open, uint64_t now_ns);

/* Whether more may become certain later. */
bool settle_is_unsure(const struct settle *settle);

/* What is open now stays lost, since there is no later look. */
void settle_end(struct settle *settle);

#endif
