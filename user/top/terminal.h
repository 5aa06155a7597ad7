/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The terminal, full screen, by ncurses.
 *
 * Threads: the one that begins does everything else, except terminal_restore(). There is one
 * terminal in a process. Nothing is written that has not been through top_page_draw().
 */
#ifndef KT_TOP_TERMINAL_H
#define KT_TOP_TERMINAL_H

#include <stdbool.h>
#include <stdint.h>
#include <termios.h>

#include "top/page.h"

enum terminal_failure {
	TERMINAL_NO_OUTPUT = 1, /* standard output is no terminal */
	TERMINAL_NO_INPUT,      /* standard input is none */
	TERMINAL_NO_LIBRARY,
	TERMINAL_UNKNOWN, /* nothing describes a terminal with the name in $TERM */
	TERMINAL_DUMB,    /* it cannot move its cursor */
};

/* What brings the terminal back, also from another process. */
struct terminal_before {
	struct termios settings;
	char text[256];
};

/* Before the process is confined. 0 or -enum terminal_failure; prints nothing. */
int terminal_find(struct terminal_before *ret_before);

/* Only system calls that a signal handler may use. */
void terminal_restore(const struct terminal_before *before);

/* Whether the shell has given the terminal to this process. */
bool terminal_is_ours(void);

/* False: it cannot be used after all. */
bool terminal_begin(bool color);
/* It is as it was before, until the next drawing. */
void terminal_end(void);
void terminal_done(void);

/* Draws everything, in its size of now. `clear`: also what it should still show. */
void terminal_draw(const struct top_title *title, const struct top_snapshot *snapshot,
		   struct top_look *look, bool clear);
/* The columns of now. */
unsigned int terminal_columns(void);
/* True if the size has changed since it was last drawn. */
bool terminal_has_changed(void);

/* A key that was typed, as for top_look_key(). False: none. */
bool terminal_key(uint32_t *ret_key);

#endif
