/* SPDX-License-Identifier: BSD-2-Clause */
/* Counts by cause and owner, for the summary at the end of a live trace. */
#ifndef KT_STDOUT_TALLY_H
#define KT_STDOUT_TALLY_H

#include <stdbool.h>
#include <stdint.h>

#include "explain/report.h"
#include "source/losses.h"
#include "stdout/owners.h"

struct tally {
	uint64_t told[CAUSE_COUNT];
	uint64_t deaths;       /* all of those */
	uint64_t stuck;        /* events about processes that did not die: not in told */
	uint64_t routine;      /* ends that only --all shows */
	uint64_t filtered;     /* deaths that the other filters do not take */
	struct owners *owners; /* of those that were reported, as rows name them; NULL: not known */
	struct losses losses;
};

/* Counts a death that was reported. */
void tally_count(struct tally *tally, const struct report *report);
/* Deaths that were counted, but could not be reported after all. */
void tally_take_back(struct tally *tally, enum cause cause, uint64_t deaths);
/* The same of a process that did not die. */
void tally_take_back_stuck(struct tally *tally);
/* Counts one that was not: `routine` if --all would show it, else other filters exclude it. */
void tally_count_hidden(struct tally *tally, const struct report *report, bool routine);

/* Prints the counts, most frequent cause first, then the owners that died most, losses last. */
void tally_say(const struct tally *tally);

#endif
