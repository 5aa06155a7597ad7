/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One death as the columns of a table, made of its JSON line, so that live and stored deaths have
 * the same.
 *
 * Ownership: row_done() frees the texts. Invariants: no text is NULL, and all are safe for a
 * terminal.
 */
#ifndef KT_STDOUT_ROW_H
#define KT_STDOUT_ROW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "line/json_walk.h"

#define ROW_AGE_SIZE 32

/* Who decided. */
enum row_class { ROW_KERNEL, ROW_PROCESS, ROW_RUNTIME };

struct row {
	struct json_walk_value record; /* points into the line */
	char *cause, *owner, *process, *reason;
	char age[ROW_AGE_SIZE]; /* "2h20m"; "": unknown */
	enum row_class class;
	bool routine;
	uint64_t repeats;        /* further deaths that it stands for */
	bool differs;            /* not all of them are equal to this one */
	char span[ROW_AGE_SIZE]; /* how long these took */
};

/* 0, -ENOMEM, or -EINVAL: it is not a line of a death. `line` must outlive the row. */
int row_of_line(const char *line, size_t size, struct row *ret);
void row_done(struct row *row);

/* Both would be shown with the same words, except for process and time. */
bool row_is_like(const struct row *row, const struct row *other);

/* "1.5s", "42s", "3m05s", "2h20m", "12d03h" */
void row_age(double seconds, char ret_text[ROW_AGE_SIZE]);

#endif
