// SPDX-License-Identifier: BSD-2-Clause
#include "symbols/demangle.h"

#include <libiberty/demangle.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

/* libiberty's demanglers recurse: a longer name is either generated or hostile. */
#define MOST_MANGLED 4096

static char *demangled(const char *name)
{
	/* Rust's older names are valid in C++, with the hash as part of the name */
	char *plain = rust_demangle(name, DMGL_RUST);

	return plain ? plain : cplus_demangle_v3(name, DMGL_ANSI);
}

void demangle(const char *name, char *ret, size_t size)
{
	char *plain = strnlen(name, MOST_MANGLED) < MOST_MANGLED ? demangled(name) : NULL;

	text_valid_utf8(plain ? plain : name, ret, size);
	free(plain);
}
