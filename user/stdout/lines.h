/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Lines that are gathered and written at once: in a storm, a system call for each would cost as
 * much as the rest of it.
 *
 * Ownership: the descriptor is the caller's; lines_done() frees the rest. Invariants: bounded in
 * number, and in bytes by that number of the longest lines.
 */
#ifndef KT_STDOUT_LINES_H
#define KT_STDOUT_LINES_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buffer.h"

#define LINES_MOST 64

struct lines {
	int fd;
	unsigned int count;
	size_t ends[LINES_MOST]; /* in the text */
	struct buffer text;
};

/* Nothing may be added before they are written. */
bool lines_are_full(const struct lines *lines);

/* One line, or several that are one. 0 or -ENOMEM. */
int lines_add(struct lines *lines, const char *text, size_t size);

/* Writes and forgets all. Returns the same as output_write(), and in *ret_whole how many were
 * written as a whole. */
int lines_write(struct lines *lines, unsigned int *ret_whole);

void lines_done(struct lines *lines);

#endif
