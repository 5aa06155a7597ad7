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
};

/* The gaps within a time of more than ten seconds. The results of history_read(). */
int history_ran(struct history_reader *reader, int64_t since_ns, int64_t until_ns,
		struct history_ran *ret);

#endif
