/* SPDX-License-Identifier: BSD-2-Clause */
/* The place that rows for people are written to, and how the user wants to see them. */
#ifndef KT_STDOUT_SCREEN_H
#define KT_STDOUT_SCREEN_H

#include <stdbool.h>
#include <stddef.h>

enum screen_color { SCREEN_COLOR_AUTO, SCREEN_COLOR_ALWAYS, SCREEN_COLOR_NEVER };

/* What the user asked for; all zero: nothing. */
struct screen_wishes {
	enum screen_color color;
	bool no_legend;
	bool wide;     /* one line for each death, however long */
	bool evidence; /* more lines below each row */
	bool stack;
};

struct screen {
	int fd;      /* written to */
	int size_fd; /* the terminal whose width counts; -1: no terminal, so nothing is laid out */
	bool color;
	bool past; /* events may be of any day */
	struct screen_wishes wishes;
};

/* Standard output. Call it before the process is confined. */
void screen_of_stdout(const struct screen_wishes *wishes, bool past, struct screen *ret);

/* Of now, since a terminal can be resized: $COLUMNS, else what the terminal says, else 80. 0: a row
 * is one line, however long. */
size_t screen_width(const struct screen *screen);

#endif
