// SPDX-License-Identifier: BSD-2-Clause
#include "base/library.h"

#include <dlfcn.h>
#include <string.h>

bool library_load(const char *file, const struct library_function *functions, size_t count,
		  void *ret)
{
	void *library = dlopen(file, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);

	for (size_t i = 0; i < count; i++) {
		void *function = library ? dlsym(library, functions[i].name) : NULL;

		if (!function)
			return false;
		/* a function's address in a void *, as dlsym(3) returns it */
		memcpy((char *)ret + functions[i].place, &function, sizeof(function));
	}
	return true;
}
