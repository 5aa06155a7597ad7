/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Text for people, put together and written at once: the only way for such text to a terminal.
 *
 * Ownership: a sheet owns its text, and is empty again after sheet_write() or sheet_add().
 * Invariants: whatever is put is disarmed (base/text.h), so that the only controls in a sheet are
 * its own colours and ends of lines. Out of memory is reported by the function that empties it.
 */
#ifndef KT_STDOUT_SHEET_H
#define KT_STDOUT_SHEET_H

#include "base/buffer.h"
#include "stdout/lines.h"

enum paint {
	PAINT_NONE,
	PAINT_RED,
	PAINT_YELLOW,
	PAINT_MAGENTA,
	PAINT_DIM,
	PAINT_BOLD,
	PAINT_LOSS
};

struct sheet {
	struct buffer text;
	bool color;
	size_t column; /* cells in this line */
};

/* In this paint, then as many blanks as are missing to `cells`. */
void sheet_put(struct sheet *sheet, enum paint paint, const char *text, size_t cells);

void sheet_blanks(struct sheet *sheet, size_t count);
void sheet_end_line(struct sheet *sheet);

/* Words, in lines that end at `width` (0: one line), and begin at `indent` after the first. Ends
 * the line. */
void sheet_wrap(struct sheet *sheet, const char *text, size_t width, size_t indent);

/* Adds it to the lines, and empties it. 0 or -ENOMEM. */
int sheet_add(struct sheet *sheet, struct lines *lines);

/* Writes and empties it. Returns the same as output_write(), or -ENOMEM. */
int sheet_write(struct sheet *sheet, int fd);

#endif
