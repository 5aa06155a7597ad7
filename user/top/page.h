/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Lays a snapshot out for a screen of any size, and draws it with a pen: a terminal, or a grid of a
 * test. At 140 columns owners and deaths are side by side, below that one above the other; if there
 * are few rows, only the pane that keys move in.
 */
#ifndef KT_TOP_PAGE_H
#define KT_TOP_PAGE_H

#include "stdout/screen.h"
#include "stdout/sheet.h"
#include "top/look.h"
#include "top/model.h"

struct top_pen {
	/* Text for a terminal that fits into the row. */
	void (*put)(void *context, unsigned int row, unsigned int column, enum paint paint,
		    bool is_reverse, const char *text);
	void *context;
	unsigned int rows, columns;
};

/* What does not change. */
struct top_title {
	const char *source;          /* "the agent (pid 12)"; safe for a terminal */
	const struct screen *screen; /* for times */
	bool is_past;                /* rates are over the time of the deaths, not of now */
};

/* `look` learns how large the pane is. */
void top_page_draw(const struct top_pen *pen, const struct top_title *title,
		   const struct top_snapshot *snapshot, struct top_look *look);

#endif
