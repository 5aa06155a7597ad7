/* SPDX-License-Identifier: BSD-2-Clause */
/* When an agent wrote the history: a time without deaths is not one without an agent. */
#ifndef KT_HISTORY_HISTORY_RAN_H
#define KT_HISTORY_HISTORY_RAN_H

#include "history/history_read.h"

struct history_gap {
	int64_t from_ns, to_ns;
};

/* More gaps than a person reads are only counted. */
#define HISTORY_GAPS_MOST 50

struct history_ran {
	int64_t known_ns; /* what was before that is not known; INT64_MAX: nothing is known */
	struct history_gap gaps[HISTORY_GAPS_MOST];
	unsigned int count;
	uint64_t total;
	int64_t noted_ns; /* when an agent last noted that it ran; 0: never */
	/* shorter times without one, such as restarts, and their sum */
	uint64_t restarts;
	int64_t restarts_ns;
};

/* The gaps within a time: those of more than ten seconds one by one. The results of
 * history_read(). */
int history_ran(struct history_reader *reader, int64_t since_ns, int64_t until_ns,
		struct history_ran *ret);

#endif
