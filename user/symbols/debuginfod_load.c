// SPDX-License-Identifier: BSD-2-Clause
#include <dlfcn.h>
#include <stddef.h>
#include <string.h>

#include "base/cleanup.h"
#include "symbols/debuginfod.h"

#define FUNCTION(member)                                                   \
	{                                                                  \
		"debuginfod_" #member, offsetof(struct debuginfod, member) \
	}

static const struct {
	const char *name;
	size_t place;
} functions[] = {
	FUNCTION(begin),
	FUNCTION(find_debuginfo),
	FUNCTION(find_executable),
	FUNCTION(end),
};

_Static_assert(sizeof(struct debuginfod) == ARRAY_SIZE(functions) * sizeof(void *),
	       "every function has its name");

const struct debuginfod *debuginfod_load(void)
{
	static struct debuginfod loaded;
	void *library = dlopen("libdebuginfod.so.1", RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);

	for (size_t i = 0; i < ARRAY_SIZE(functions); i++) {
		void *function = library ? dlsym(library, functions[i].name) : NULL;

		if (!function)
			return NULL;
		/* a function's address in a void *, as dlsym(3) returns it */
		memcpy((char *)&loaded + functions[i].place, &function, sizeof(function));
	}
	return &loaded;
}
