/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The full screen of `killtrace top`, in a thread of its own: what reads deaths never waits for the
 * terminal. It draws a few times a second, and asks the program to stop at `q`.
 *
 * Ownership: `model`, `aside` and `title` belong to the caller, and must outlive it.
 */
#ifndef KT_CMD_TOP_SCREEN_H
#define KT_CMD_TOP_SCREEN_H

#include <stdbool.h>

#include "cmd_top_aside.h"
#include "stdout/tally.h"
#include "top/model.h"
#include "top/page.h"

struct top_screen;

struct top_screen_of {
	struct top_model *model;
	struct aside *aside;
	const struct tally *tally; /* what is hidden; NULL: nothing */
	struct top_title title;
};

/* After watch_catch_signals() and the confinement; messages go to the screen from now on. NULL when
 * out of memory. */
struct top_screen *top_screen_start(const struct top_screen_of *of);

/*
 * The terminal is as it was, and messages that came meanwhile are printed. False: the terminal
 * takes nothing, so the thread still hangs on it, and nothing that it uses may be freed. NULL is
 * fine.
 */
bool top_screen_end(struct top_screen *screen);

#endif
