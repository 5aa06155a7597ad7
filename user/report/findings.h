/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the history says about a span of time: the content of a report.
 *
 * Ownership: findings_done() frees it. Invariants: texts of owners, processes and reasons are those
 * of history's rows, safe for a terminal.
 */
#ifndef KT_REPORT_FINDINGS_H
#define KT_REPORT_FINDINGS_H

#include <jansson.h>

#include "history/history_ran.h"
#include "history/history_read.h"
#include "report/sets.h"
#include "source/losses.h"
#include "why/explanation.h"

/* More of them than a person reads are only counted. */
#define FINDINGS_OWNERS 50
#define FINDINGS_CRASHES 100

struct finding_owner {
	const struct set *set;
	char *name;
	char *newest; /* the sentence about its last death */
	char *id;     /* of that death */
};

/* Deaths with one fingerprint. */
struct finding_crash {
	const struct set *set;
	json_t *record; /* of the newest one */
	char *cause, *owner, *process, *reason;
	struct explanation why;
};

struct findings {
	int64_t since_ns, until_ns; /* what was asked for, as far as there was time */
	int64_t begins_ns;          /* the oldest row of the history; 0: it is empty */
	int64_t now_ns;
	char *node; /* NULL: unknown */
	bool nodes; /* there are records of other nodes, too */
	uint64_t deaths;
	struct set whole; /* all deaths */
	struct sets owner_sets, crash_sets;
	struct finding_owner owners[FINDINGS_OWNERS];
	size_t owner_count, owner_total;
	struct finding_crash crashes[FINDINGS_CRASHES];
	size_t crash_count;
	struct losses lost;
	uint64_t lost_times; /* how often losses were reported */
	uint32_t lost_bins[SET_BINS];
	struct history_ran ran; /* in this time */
	unsigned long damaged;
};

/* The results of history_read(). `history` is the path of the database, which must outlive the
 * findings. To be freed by findings_free() in any case; NULL: out of memory. */
int findings_gather(struct history_reader *reader, const struct history_query *query,
		    const char *history, int64_t now_ns, struct findings **ret);
void findings_free(struct findings *findings);

#endif
