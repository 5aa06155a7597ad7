// SPDX-License-Identifier: BSD-2-Clause
#include <dlfcn.h>
#include <stddef.h>
#include <string.h>

#include "base/cleanup.h"
#include "symbols/libdw.h"

#define FUNCTION(member)                                         \
	{                                                        \
		"dwarf_" #member, offsetof(struct libdw, member) \
	}

static const struct {
	const char *name;
	size_t place;
} functions[] = {
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
	void *library = dlopen("libdw.so.1", RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);

	for (size_t i = 0; i < ARRAY_SIZE(functions); i++) {
		void *function = library ? dlsym(library, functions[i].name) : NULL;

		if (!function)
			return NULL;
		/* a function's address in a void *, as dlsym(3) returns it */
		memcpy((char *)&loaded + functions[i].place, &function, sizeof(function));
	}
	return &loaded;
}
