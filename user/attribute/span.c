/* SPDX-License-Identifier: BSD-2-Clause */
#include "attribute/span.h"

bool span_copy(struct span a, char *ret, size_t size)
{
	bool fits = a.n < size;
	size_t n = fits ? a.n : 0;

	memcpy(ret, a.s, n);
	memset(ret + n, 0, size - n);
	return fits;
}

bool span_next_component(const char **at, struct span *ret)
{
	const char *s = *at + strspn(*at, "/");
	size_t n = strcspn(s, "/");

	*at = s + n;
	*ret = (struct span){ s, n };
	return n > 0;
}
