/* SPDX-License-Identifier: BSD-2-Clause */
/* The first rows of the screen: where deaths come from, how many, rates, causes, and losses. */
#ifndef KT_TOP_HEAD_H
#define KT_TOP_HEAD_H

#include "top/page.h"

/* Draws at most so many rows; returns how many it has drawn. */
unsigned int head_draw(const struct top_pen *pen, const struct top_title *title,
		       const struct top_snapshot *snapshot, const struct top_look *look,
		       unsigned int most);

#endif
