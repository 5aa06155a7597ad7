/* SPDX-License-Identifier: BSD-2-Clause */
/* A part of one row of the screen, filled from left to right. What does not fit is cut or elided.
 */
#ifndef KT_TOP_STRIP_H
#define KT_TOP_STRIP_H

#include "top/page.h"

struct strip {
	const struct top_pen *pen;
	unsigned int row, column, end; /* the end is not part of it */
	bool is_reverse;
};

struct strip strip_at(const struct top_pen *pen, unsigned int row, unsigned int column,
		      unsigned int width, bool is_reverse);

/* How many cells are left. */
unsigned int strip_left(const struct strip *strip);

/* In that many cells, with a blank behind them; a name that is longer loses its middle. */
void strip_name(struct strip *strip, enum paint paint, const char *text, unsigned int cells);
/* The same at their right end. */
void strip_number(struct strip *strip, const char *text, unsigned int cells);
/* As much as fits. */
void strip_text(struct strip *strip, enum paint paint, const char *text);
/* Blanks up to the end, which are seen if it is reverse. */
void strip_fill(struct strip *strip);

#endif
