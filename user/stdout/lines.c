// SPDX-License-Identifier: BSD-2-Clause
#include "stdout/lines.h"

#include <errno.h>
#include <stdlib.h>

#include "base/output.h"

/* A pipe takes no more at once, by default. */
#define ENOUGH_BYTES (64U << 10)

bool lines_are_full(const struct lines *lines)
{
	return lines->count == LINES_MOST || lines->text.size >= ENOUGH_BYTES;
}

int lines_add(struct lines *lines, const char *text, size_t size)
{
	char *room = buffer_room(&lines->text, size);

	if (!room) {
		lines->text.failed = false;
		return -ENOMEM;
	}
	memcpy(room, text, size);
	lines->text.size += size;
	lines->ends[lines->count++] = lines->text.size;
	return 0;
}

int lines_write(struct lines *lines, unsigned int *ret_whole)
{
	size_t done = 0;
	const int error = lines->text.size ? output_write_more(lines->fd, lines->text.text,
							       lines->text.size, &done)
					   : 0;

	*ret_whole = 0;
	while (*ret_whole < lines->count && lines->ends[*ret_whole] <= done)
		++*ret_whole;
	lines->text.size = 0;
	lines->count = 0;
	return error;
}

void lines_done(struct lines *lines)
{
	free(lines->text.text);
	lines->text = (struct buffer){ 0 };
	lines->count = 0;
}
