/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The functions of ncurses. The library is loaded when a full-screen view is wanted, so that it
 * costs an agent nothing; the static binary has it in itself (curses_static.c).
 */
#ifndef KT_TOP_CURSES_H
#define KT_TOP_CURSES_H

/* functions, which have addresses */
#define NCURSES_NOMACROS 1
#include <curses.h>
#include <term.h>
/* term.h has short names for what a terminal can do */
#undef columns
#undef lines

/* The type of a function, as the library declares it. */
// NOLINTNEXTLINE(bugprone-macro-parentheses): a declaration
#define CURSES_CALL(name) __typeof__(name) *(name)

struct curses {
	CURSES_CALL(cbreak);
	CURSES_CALL(curs_set);
	CURSES_CALL(delscreen);
	CURSES_CALL(delwin);
	CURSES_CALL(doupdate);
	CURSES_CALL(endwin);
	CURSES_CALL(has_colors);
	CURSES_CALL(init_pair);
	CURSES_CALL(keypad);
	CURSES_CALL(newterm);
	CURSES_CALL(newwin);
	CURSES_CALL(nodelay);
	CURSES_CALL(noecho);
	CURSES_CALL(resizeterm);
	CURSES_CALL(set_escdelay);
	CURSES_CALL(setupterm);
	CURSES_CALL(start_color);
	CURSES_CALL(tigetstr);
	CURSES_CALL(use_default_colors);
	CURSES_CALL(waddnwstr);
	CURSES_CALL(wattr_set);
	CURSES_CALL(wclear);
	CURSES_CALL(werase);
	CURSES_CALL(wget_wch);
	CURSES_CALL(wmove);
	CURSES_CALL(wnoutrefresh);
};

/* NULL: this machine does not have it. Before the process is confined. */
const struct curses *curses_load(void);

#endif
