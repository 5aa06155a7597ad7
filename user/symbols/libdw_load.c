// SPDX-License-Identifier: BSD-2-Clause
#include <stddef.h>

#include "base/cleanup.h"
#include "base/library.h"
#include "symbols/libdw.h"

#define FUNCTION(member)                                         \
	{                                                        \
		"dwarf_" #member, offsetof(struct libdw, member) \
	}

static const struct library_function functions[] = {
	FUNCTION(begin_elf),      FUNCTION(get_units),
	FUNCTION(haspc),          FUNCTION(child),
	FUNCTION(siblingof),      FUNCTION(tag),
	FUNCTION(diename),        FUNCTION(entrypc),
	FUNCTION(attr_integrate), FUNCTION(attr),
	FUNCTION(formstring),     FUNCTION(formudata),
	FUNCTION(getsrc_die),     FUNCTION(linesrc),
	FUNCTION(lineno),         FUNCTION(getsrcfiles),
	FUNCTION(filesrc),        { "dwelf_elf_gnu_build_id", offsetof(struct libdw, build_id) },
};

_Static_assert(sizeof(struct libdw) == ARRAY_SIZE(functions) * sizeof(void *),
	       "every function has its name");

const struct libdw *libdw_load(void)
{
	static struct libdw loaded;

	return library_load("libdw.so.1", functions, ARRAY_SIZE(functions), &loaded) ? &loaded
										     : NULL;
}
