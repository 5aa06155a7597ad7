/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Bytes that grow. Without memory nothing more is added, and `failed` says so: it is asked once, at
 * the end.
 *
 * Ownership: the caller owns the struct and frees `text`. All of it zero is an empty one.
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

/* Room for so many bytes more, which are not counted in `size` yet; NULL when out of memory. */
char *buffer_room(struct buffer *buffer, size_t more);

void buffer_add(struct buffer *buffer, const void *bytes, size_t size);

static inline void buffer_text(struct buffer *buffer, const char *text)
{
	buffer_add(buffer, text, strlen(text));
}

#endif
