/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A process beside `killtrace top`, which was forked before that gave up its privileges. It
 * explains a death as `killtrace why` does, in a child of its own for each, and brings the terminal
 * back if the other process was killed.
 *
 * Ownership: aside_end() ends it. It ends by itself with the other process.
 */
#ifndef KT_CMD_TOP_ASIDE_H
#define KT_CMD_TOP_ASIDE_H

#include <stdbool.h>

#include "options.h"
#include "top/terminal.h"

struct aside {
	int fd; /* -1: there is none */
	unsigned int asked;
};

/* To be called before there are other threads. Without processes nothing is explained. */
void aside_start(const struct options *options, const struct terminal_before *before,
		 struct aside *ret);

/* Asks about a line of JSON, for text of this width. False: the process is gone. */
bool aside_ask(struct aside *aside, const char *line, unsigned int width);

/* Once aside->fd can be read: the answer to the last question, to be freed; NULL: there is none
 * yet, or it is gone (fd is -1 then). */
char *aside_answer(struct aside *aside);

/* The terminal is in order. */
void aside_end(struct aside *aside);

#endif
