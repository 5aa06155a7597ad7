// SPDX-License-Identifier: BSD-2-Clause
#include "top/strip.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "stdout/cells.h"

#define PART_SIZE 2048

struct strip strip_at(const struct top_pen *pen, unsigned int row, unsigned int column,
		      unsigned int width, bool is_reverse)
{
	const unsigned int end = column + width < pen->columns ? column + width : pen->columns;

	return (struct strip){ pen, row, column, end, is_reverse };
}

unsigned int strip_left(const struct strip *strip)
{
	return strip->end > strip->column ? strip->end - strip->column : 0;
}

/* The only way to the pen: nothing that a terminal obeys gets through. */
static void put(struct strip *strip, enum paint paint, char *text)
{
	text_disarm(text);
	text[cells_fit(text, strip_left(strip))] = '\0';
	if (!*text || strip->row >= strip->pen->rows)
		return;
	strip->pen->put(strip->pen->context, strip->row, strip->column, paint, strip->is_reverse,
			text);
	strip->column += (unsigned int)cells_of(text);
}

static void put_blanks(struct strip *strip, unsigned int count)
{
	char blanks[PART_SIZE];

	if (count >= sizeof(blanks))
		count = sizeof(blanks) - 1;
	memset(blanks, ' ', count);
	blanks[count] = '\0';
	put(strip, PAINT_NONE, blanks);
}

void strip_name(struct strip *strip, enum paint paint, const char *text, unsigned int cells)
{
	const unsigned int most = cells < strip_left(strip) ? cells : strip_left(strip);
	const unsigned int end = strip->column + most;
	char part[PART_SIZE];

	cells_elide(text, most, part, sizeof(part));
	put(strip, paint, part);
	if (strip->column < end)
		put_blanks(strip, end - strip->column);
	put_blanks(strip, 1);
}

void strip_number(struct strip *strip, const char *text, unsigned int cells)
{
	const unsigned int length = (unsigned int)strlen(text);

	if (length < cells)
		put_blanks(strip, cells - length);
	strip_name(strip, PAINT_NONE, text, length < cells ? length : cells);
}

void strip_text(struct strip *strip, enum paint paint, const char *text)
{
	char part[PART_SIZE];

	(void)snprintf(part, sizeof(part), "%s", text);
	put(strip, paint, part);
}

void strip_fill(struct strip *strip)
{
	if (strip->is_reverse)
		put_blanks(strip, strip_left(strip));
}
