// SPDX-License-Identifier: BSD-2-Clause
#include <stddef.h>

#include "base/cleanup.h"
#include "base/library.h"
#include "symbols/debuginfod.h"

#define FUNCTION(member)                                                   \
	{                                                                  \
		"debuginfod_" #member, offsetof(struct debuginfod, member) \
	}

static const struct library_function functions[] = {
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

	return library_load("libdebuginfod.so.1", functions, ARRAY_SIZE(functions), &loaded)
		       ? &loaded
		       : NULL;
}
