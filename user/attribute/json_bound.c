// SPDX-License-Identifier: BSD-2-Clause
#include "attribute/json_bound.h"

#include <stdbool.h>

/* As seen with jansson 2.14 and glibc, on 64 bits: the size of an empty one, rounded up. */
#define OBJECT_BYTES 240
#define ARRAY_BYTES 144
/* A string or a number, and its place in an array; with a key it has both a comma and a colon. */
#define VALUE_BYTES 96

/* Counts no less than the parser, which stops at its first error, and both see the same up to
 * there. */
static bool is_bounded(const char *text, size_t size, size_t most)
{
	size_t bytes = size;
	bool in_string = false;

	for (size_t i = 0; i < size && bytes <= most; i++) {
		if (in_string && text[i] == '\\')
			i++;
		else if (text[i] == '"')
			in_string = !in_string;
		else if (in_string)
			continue;
		else if (text[i] == '{')
			bytes += OBJECT_BYTES;
		else if (text[i] == '[')
			bytes += ARRAY_BYTES;
		else if (text[i] == ',' || text[i] == ':')
			bytes += VALUE_BYTES;
	}
	return bytes <= most;
}

json_t *json_bound_load(const char *text, size_t size, size_t most)
{
	return is_bounded(text, size, most) ? json_loadb(text, size, 0, NULL) : NULL;
}
