// SPDX-License-Identifier: BSD-2-Clause
#include <stddef.h>

#include "base/cleanup.h"
#include "base/library.h"
#include "top/curses.h"

#define FUNCTION(member)                                 \
	{                                                \
#member, offsetof(struct curses, member) \
	}

static const struct library_function functions[] = {
	FUNCTION(cbreak),
	FUNCTION(curs_set),
	FUNCTION(delscreen),
	FUNCTION(delwin),
	FUNCTION(doupdate),
	FUNCTION(endwin),
	FUNCTION(has_colors),
	FUNCTION(init_pair),
	FUNCTION(keypad),
	FUNCTION(newterm),
	FUNCTION(newwin),
	FUNCTION(nodelay),
	FUNCTION(noecho),
	FUNCTION(resizeterm),
	FUNCTION(set_escdelay),
	FUNCTION(setupterm),
	FUNCTION(start_color),
	FUNCTION(tigetstr),
	FUNCTION(use_default_colors),
	FUNCTION(waddnwstr),
	FUNCTION(wattr_set),
	FUNCTION(wclear),
	FUNCTION(werase),
	FUNCTION(wget_wch),
	FUNCTION(wmove),
	FUNCTION(wnoutrefresh),
};

_Static_assert(sizeof(struct curses) == ARRAY_SIZE(functions) * sizeof(void *),
	       "every function has its name");

const struct curses *curses_load(void)
{
	static struct curses loaded;

	/* it brings libtinfo with it, which has some of them */
	return library_load("libncursesw.so.6", functions, ARRAY_SIZE(functions), &loaded) ? &loaded
											   : NULL;
}
