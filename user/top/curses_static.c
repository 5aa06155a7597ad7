// SPDX-License-Identifier: BSD-2-Clause
/* For the static binary, which cannot load a library. */
#include "top/curses.h"

#define LINKED(member) .member = (member)

const struct curses *curses_load(void)
{
	static const struct curses linked = {
		LINKED(cbreak),
		LINKED(curs_set),
		LINKED(delscreen),
		LINKED(delwin),
		LINKED(doupdate),
		LINKED(endwin),
		LINKED(has_colors),
		LINKED(init_pair),
		LINKED(keypad),
		LINKED(newterm),
		LINKED(newwin),
		LINKED(nodelay),
		LINKED(noecho),
		LINKED(resizeterm),
		LINKED(set_escdelay),
		LINKED(setupterm),
		LINKED(start_color),
		LINKED(tigetstr),
		LINKED(use_default_colors),
		LINKED(waddnwstr),
		LINKED(wattr_set),
		LINKED(wclear),
		LINKED(werase),
		LINKED(wget_wch),
		LINKED(wmove),
		LINKED(wnoutrefresh),
	};

	return &linked;
}
