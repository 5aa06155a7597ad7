/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A buffer that grows. When out of memory nothing more is added, and `failed` is set: it is checked
 * once, at the end.
 *
 * Ownership: the caller owns the struct and frees `text`. An empty buffer is all zero.
 */
#ifndef KT_BASE_BUFFER_H
#define KT_BASE_BUFFER_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

struct buffer {
	char *text;
	size_t size, room;
	bool failed; /* out of memory */
};

/* Room for that many more bytes, which are not counted in `size` yet; NULL when out of memory. */
char *buffer_room(struct buffer *buffer, size_t more);

void buffer_add(struct buffer *buffer, const void *bytes, size_t size);

static inline void buffer_text(struct buffer *buffer, const char *text)
{
	buffer_add(buffer, text, strlen(text));
}

#endif
