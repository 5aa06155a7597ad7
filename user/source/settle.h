/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A count that is known from above only: what is open now, some of which will turn out to be no loss. Of
 * what was lost at one time no less is open later, so that the least that was open over a while is
 * what is sure.
 */
#ifndef KT_SOURCE_SETTLE_H
#define KT_SOURCE_SETTLE_H

#include <stdbool.h>
#include <stdint.h>

/* Longer than a thread whose exit was missed can need to come by where it is seen: on a machine with
 * far too much to do that is seconds. */
#define SETTLE_NS 10000000000ULL

/* All zero at the start. */
struct settle {
	uint64_t sure;
	uint64_t least; /* that was open since `since_ns`; not above `sure`: nothing is unsure */
	uint64_t since_ns;
};

/* Tells what is open now. What is sure never grows less. */
void settle_look(struct settle *settle, uint64_t open, uint64_t now_ns);

/* Whether more may become sure later. */
bool settle_is_unsure(const struct settle *settle);

/* There is no later. */
void settle_end(struct settle *settle);

#endif
