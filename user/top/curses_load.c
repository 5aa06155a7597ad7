// SPDX-License-Identifier: BSD-2-Clause
#include <dlfcn.h>
#include <stddef.h>
#include <string.h>

#include "base/cleanup.h"
#include "top/curses.h"

#define FUNCTION(member)                                 \
	{                                                \
#member, offsetof(struct curses, member) \
	}

static const struct {
	const char *name;
	size_t place;
} functions[] = {
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
	void *library = dlopen("libncursesw.so.6", RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);

	for (size_t i = 0; i < ARRAY_SIZE(functions); i++) {
		void *function = library ? dlsym(library, functions[i].name) : NULL;

		if (!function)
			return NULL;
		/* a function's address in a void *, as dlsym(3) returns it */
		memcpy((char *)&loaded + functions[i].place, &function, sizeof(function));
	}
	return &loaded;
}
