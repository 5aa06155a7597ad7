/* SPDX-License-Identifier: BSD-2-Clause */
/* The two lists on the screen: owners, and the newest deaths. */
#ifndef KT_TOP_PANE_H
#define KT_TOP_PANE_H

#include "top/page.h"

/* On the screen; the first row is the title. */
struct pane_place {
	unsigned int row, column, rows, columns;
};

void pane_draw(const struct top_pen *pen, const struct top_title *title,
	       const struct top_snapshot *snapshot, const struct top_look *look, enum top_pane pane,
	       const struct pane_place *place);

#endif
