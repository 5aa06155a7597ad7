/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Reads the history, even while an agent writes to it. Nothing is locked while an event is shown: a
 * reader that stops does not keep the agent from dropping old events.
 *
 * The file can be foreign: nothing in it is run, and it can make us read only a bounded amount.
 */
#ifndef KT_HISTORY_HISTORY_READ_H
#define KT_HISTORY_HISTORY_READ_H

#include <stdbool.h>
#include <stdint.h>

#include "line/select.h"

struct history_reader;

struct history_query {
	const struct selection *selection;
	int64_t since_ns, until_ns; /* both are included */
	unsigned long limit;        /* only so many of the newest deaths; 0: all */
	bool newest_first;
	int64_t after, upto; /* numbers of rows: those after the first, up to the second; 0: any */
	/* what else must hold of a line; NULL: nothing. */
	bool (*also)(void *context, const char *line);
	void *also_context;
};

enum history_failure {
	HISTORY_MISSING = 1, /* there is no such file */
	HISTORY_NEWER,
	HISTORY_FOREIGN,
	HISTORY_UNREADABLE, /* history_error() says why */
};

/* 0 or -enum history_failure; the reader is to be freed in any case. NULL: no memory. */
int history_open(const char *path, struct history_reader **ret);
void history_free(struct history_reader *reader);

/* Why it failed last, and what a person can do about that. */
const char *history_error(const struct history_reader *reader);
const char *history_advice(const struct history_reader *reader);

/* How many rows have no line of ours: they are left out. */
unsigned long history_damaged(const struct history_reader *reader);

/* The number of the newest row; 0: there is none, or it cannot be read. */
int64_t history_newest(struct history_reader *reader);

/*
 * Passes on the matching lines, oldest first, each as it was stored, without its newline. Losses of
 * that time are always included. 0, the value of `take` if that is not 0, -EINTR if stop was
 * requested, or HISTORY_FAILED: history_error() says why.
 */
#define HISTORY_FAILED (-10000)
typedef int (*history_take)(void *context, const char *line, int64_t realtime_ns);
int history_read(struct history_reader *reader, const struct history_query *query,
		 history_take take, void *context);

#endif
