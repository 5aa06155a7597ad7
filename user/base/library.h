/* SPDX-License-Identifier: BSD-2-Clause */
/* Libraries that are loaded only if something needs them. Once loaded, they stay. */
#ifndef KT_BASE_LIBRARY_H
#define KT_BASE_LIBRARY_H

#include <stdbool.h>
#include <stddef.h>

/* A function of a library, and where a struct of pointers has the one to it. */
struct library_function {
	const char *name;
	size_t place;
};

/* Loads FILE, as the dynamic linker finds it, and fills the struct at RET. false: there is no such
 * library, or it lacks a function; then RET may be filled in part. */
bool library_load(const char *file, const struct library_function *functions, size_t count,
		  void *ret);

#endif
