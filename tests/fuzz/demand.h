/* SPDX-License-Identifier: BSD-2-Clause */
/* Conditions that must hold, and how the fuzzer notices a violation. */
#ifndef KT_FUZZ_DEMAND_H
#define KT_FUZZ_DEMAND_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Ends the program so that the fuzzer notices. */
static inline void demand(bool holds, const char *what)
{
	if (holds)
		return;
	/* a target may have replaced stdio's stderr */
	(void)dprintf(STDERR_FILENO, "does not hold: %s\n", what);
	abort();
}

/*
 * The character at `at`, by RFC 3629; independent of the code that writes it. *ret_length is 0 if
 * there is none.
 */
static inline uint32_t character_at(const unsigned char *at, const unsigned char *end,
				    size_t *ret_length)
{
	size_t length = *at < 0x80 ? 1 : *at >= 0xf0 ? 4 : *at >= 0xe0 ? 3 : *at >= 0xc0 ? 2 : 0;
	static const uint32_t first[] = { 0, 0, 0x80, 0x800, 0x10000 };
	uint32_t point;

	*ret_length = 0;
	if (!length || (size_t)(end - at) < length || *at > 0xf4)
		return 0;
	point = length == 1 ? *at : *at & (0xffU >> (length + 1));
	for (size_t i = 1; i < length; i++) {
		if ((at[i] & 0xc0) != 0x80)
			return 0;
		point = point << 6 | (at[i] & 0x3f);
	}
	if (point < first[length] || point > 0x10ffff || (point >= 0xd800 && point < 0xe000))
		return 0;
	*ret_length = length;
	return point;
}

static inline void demand_clean_bytes(const char *text, size_t size)
{
	const unsigned char *at = (const unsigned char *)text, *end = at + size;

	while (at < end) {
		size_t length;
		uint32_t point = character_at(at, end, &length);

		demand(length > 0, "valid UTF-8");
		demand(point >= 0x20 && (point < 0x7f || point > 0x9f), "no control characters");
		demand(point < 0x202a || point > 0x202e, "no embedding of a direction");
		demand(point < 0x2066 || point > 0x2069, "no isolate of a direction");
		demand(point != 0x2028 && point != 0x2029 && point != 0xfeff, "no hidden end");
		at += length;
	}
}

static inline void demand_clean(const char *text)
{
	demand_clean_bytes(text, strlen(text));
}

/* Checks each line; the last one must end. */
static inline void demand_clean_lines(const char *text, size_t size)
{
	while (size) {
		const char *end = memchr(text, '\n', size);

		demand(end != NULL, "the last line ends");
		demand_clean_bytes(text, (size_t)(end - text));
		size -= (size_t)(end + 1 - text);
		text = end + 1;
	}
}

#endif
