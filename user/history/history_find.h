/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Finds what a person named, and what the history says about it: whose deaths there are, how often
 * the same one happened, how far back the history goes.
 *
 * Functions give 0, -EINTR, or HISTORY_FAILED (history_read.h).
 */
#ifndef KT_HISTORY_HISTORY_FIND_H
#define KT_HISTORY_HISTORY_FIND_H

#include "history/history_read.h"

/* What a word can be the name of; in this order a word is understood. */
enum history_kind {
	HISTORY_ID, /* of one death */
	HISTORY_FINGERPRINT,
	HISTORY_PID,
	HISTORY_UNIT,
	HISTORY_USER_UNIT,
	HISTORY_POD,          /* NAMESPACE/NAME */
	HISTORY_CONTAINER,    /* its name */
	HISTORY_CONTAINER_ID, /* 4 digits of it or more */
	HISTORY_COMM,
	HISTORY_OWNER, /* as rows show it: "docker:web", "/path/of/cgroup" (line/what.h) */
	HISTORY_ANY,   /* every death; it has no name */
	HISTORY_KINDS
};

/* "unit" */
const char *history_kind_name(enum history_kind kind);

struct history_name {
	enum history_kind kind;
	char *text;      /* the whole name */
	int64_t last_ns; /* of its newest death */
};

/* More of them than a person can choose from are not listed. */
#define HISTORY_NAMES_MOST 16

struct history_names {
	struct history_name names[HISTORY_NAMES_MOST];
	unsigned int count;
	bool more; /* there are more than that */
};

/* The names that the word is, of the first kind that has it (also without ".service"); else those
 * that begin with it, of all kinds. Frees with history_names_done(), also after a failure. */
int history_find_names(struct history_reader *reader, const char *word, struct history_names *ret);
void history_names_done(struct history_names *names);

/* Passes on the lines of its deaths, newest first: `until_ns` is included, `limit` the most of
 * them. Routine ends only where `routine`. */
int history_find_lines(struct history_reader *reader, const struct history_name *name,
		       int64_t until_ns, unsigned long limit, bool routine, history_take take,
		       void *context);

struct history_count {
	uint64_t deaths; /* folded ones are counted */
	int64_t first_ns, last_ns;
};

/* How many deaths have this name, up to a time. */
int history_count(struct history_reader *reader, const struct history_name *name, int64_t until_ns,
		  struct history_count *ret);

/* The time of its oldest row, whatever that is about; 0: it is empty. */
int history_begin(struct history_reader *reader, int64_t *ret_ns);

/* How many rows at least were dropped to keep it within its limits. */
int history_dropped(struct history_reader *reader, uint64_t *ret);

/* How many deaths since then are only counted in the row of another one. */
int history_folded(struct history_reader *reader, int64_t since_ns, uint64_t *ret);

/* How often losses were reported since then. */
int history_losses(struct history_reader *reader, int64_t since_ns, uint64_t *ret);

#endif
