/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Exits at which the kernel skipped the exit program, and which no other program has seen: deaths
 * that may be lost. A thread that the first program missed can still be on its way to the others,
 * so it takes a while until a miss is certain.
 */
#ifndef KT_SOURCE_MISSED_EXITS_H
#define KT_SOURCE_MISSED_EXITS_H

#include <stdbool.h>
#include <stdint.h>

#include "source/settle.h"

struct programs;

/* All zero at the start. */
struct missed_exits {
	uint64_t not_missed; /* of the exits that the other programs saw */
	struct settle settle;
};

/* How many are certain. The last look waits, some 200 ms at most, and then counts what is open as
 * lost. */
uint64_t missed_exits_look(struct missed_exits *missed, const struct programs *programs, bool last);

/* Whether more may become certain later. */
bool missed_exits_are_unsure(const struct missed_exits *missed);

#endif
