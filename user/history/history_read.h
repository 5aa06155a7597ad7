/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Reads the history, also while an agent writes to it. Nothing is held while an event is shown: a
 * reader that stands still keeps nobody from tidying up.
 *
 * The file can be anybody's: nothing in it is run, and what it can make us read has a bound.
 */
#ifndef KT_HISTORY_HISTORY_READ_H
#define KT_HISTORY_HISTORY_READ_H

#include <stdint.h>

#include "line/select.h"

struct history_reader;

struct history_query {
	const struct selection *selection;
	int64_t since_ns, until_ns; /* both belong to it */
	unsigned long limit;        /* the newest so many deaths; 0: all */
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

const char *history_error(const struct history_reader *reader);

/* How many rows hold no line of ours: they are left out. */
unsigned long history_damaged(const struct history_reader *reader);

/*
 * Hands out the lines that are asked for, oldest first, each as it was stored, without its newline.
 * What was lost in that time is told whatever is asked for. 0, what `take` returned other than 0,
 * -EINTR when told to stop, or HISTORY_FAILED: history_error() says why.
 */
#define HISTORY_FAILED (-10000)
typedef int (*history_take)(void *context, const char *line, int64_t realtime_ns);
int history_read(struct history_reader *reader, const struct history_query *query,
		 history_take take, void *context);

#endif
