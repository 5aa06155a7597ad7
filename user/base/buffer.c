// SPDX-License-Identifier: BSD-2-Clause
#include "base/buffer.h"

#include <stdlib.h>
#include <string.h>

#define SMALLEST 4096

char *buffer_room(struct buffer *buffer, size_t more)
{
	size_t room = buffer->room ? buffer->room : SMALLEST;
	char *text;

	if (buffer->failed)
		return NULL;
	while (room - buffer->size < more)
		room *= 2;
	if (room != buffer->room) {
		text = realloc(buffer->text, room);
		if (!text) {
			buffer->failed = true;
			return NULL;
		}
		buffer->text = text;
		buffer->room = room;
	}
	return buffer->text + buffer->size;
}

void buffer_add(struct buffer *buffer, const void *bytes, size_t size)
{
	char *room = buffer_room(buffer, size);

	if (!room)
		return;
	memcpy(room, bytes, size);
	buffer->size += size;
}

void buffer_text(struct buffer *buffer, const char *text)
{
	buffer_add(buffer, text, strlen(text));
}
