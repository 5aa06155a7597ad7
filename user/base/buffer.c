// SPDX-License-Identifier: BSD-2-Clause
#include "base/buffer.h"

#include <stdlib.h>
#include <string.h>

#define SMALLEST 4096

/* False: out of memory. */
static bool grow(struct buffer *buffer, size_t more)
{
	size_t room = buffer->room ? buffer->room : SMALLEST;
	char *text;

	while (room - buffer->size < more)
		room *= 2;
	text = buffer->failed ? NULL : realloc(buffer->text, room);
	if (!text) {
		buffer->failed = true;
		return false;
	}
	buffer->text = text;
	buffer->room = room;
	return true;
}

static inline bool make_room(struct buffer *buffer, size_t more)
{
	return (!buffer->failed && buffer->room - buffer->size >= more) || grow(buffer, more);
}

char *buffer_room(struct buffer *buffer, size_t more)
{
	return make_room(buffer, more) ? buffer->text + buffer->size : NULL;
}

void buffer_add(struct buffer *buffer, const void *bytes, size_t size)
{
	if (!size || !make_room(buffer, size))
		return;
	memcpy(buffer->text + buffer->size, bytes, size);
	buffer->size += size;
}
