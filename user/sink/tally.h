/* SPDX-License-Identifier: BSD-2-Clause */
/* Counts by cause for the words at the end of a live trace. */
#ifndef KT_SINK_TALLY_H
#define KT_SINK_TALLY_H

#include <stdint.h>
#include <stdio.h>

#include "explain/cause.h"
#include "source/losses.h"

struct tally {
	uint64_t told[CAUSE_COUNT];
	uint64_t stuck;  /* events about processes that did not die: not in told */
	uint64_t hidden; /* deaths that the filters left out */
	struct losses losses;
};

/* Lines that begin "killtrace: ", most frequent cause first, losses last. */
void tally_print(const struct tally *tally, FILE *file);

#endif
