/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A piece of a string that it does not own: path components and parts of them.
 *
 * Invariants: not NUL-terminated, never written through, valid as long as the string it came from.
 */
#ifndef KT_ATTRIBUTE_SPAN_H
#define KT_ATTRIBUTE_SPAN_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

struct span {
	const char *s;
	size_t n;
};

/* Inline, and byte by byte: the table of runtimes does some forty of these tests for each
 * component, and usually the first byte differs. */
static inline bool span_starts(struct span a, const char *text)
{
	for (size_t i = 0; text[i]; i++)
		if (i == a.n || a.s[i] != text[i])
			return false;
	return true;
}

static inline bool span_is(struct span a, const char *text)
{
	for (size_t i = 0; i < a.n; i++)
		if (!text[i] || a.s[i] != text[i])
			return false;
	return !text[a.n];
}

static inline bool span_ends(struct span a, const char *text)
{
	size_t n = strlen(text);

	return a.n >= n && memcmp(a.s + a.n - n, text, n) == 0;
}

/* Without its first / last n bytes; empty if it is shorter. */
static inline struct span span_drop(struct span a, size_t n)
{
	if (n > a.n)
		n = a.n;
	return (struct span){ a.s + n, a.n - n };
}

static inline struct span span_chop(struct span a, size_t n)
{
	return (struct span){ a.s, n > a.n ? 0 : a.n - n };
}

/* Copies all of it. If it does not fit, copies nothing and returns false. The rest is zeroed. */
bool span_copy(struct span a, char *ret, size_t size);

/* The next component of a path; empty ones are skipped. *at moves past it. */
bool span_next_component(const char **at, struct span *ret);

#endif
