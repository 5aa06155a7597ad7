// SPDX-License-Identifier: BSD-2-Clause
#include "stdout/sheet.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/output.h"
#include "base/text.h"
#include "stdout/cells.h"

/* An indent that leaves less than this is not worth it. */
#define NARROWEST 12

static const char *code_of(enum paint paint)
{
	static const char *const codes[] = {
		[PAINT_NONE] = "",           [PAINT_RED] = "\033[1;31m",
		[PAINT_YELLOW] = "\033[33m", [PAINT_MAGENTA] = "\033[35m",
		[PAINT_DIM] = "\033[2m",     [PAINT_BOLD] = "\033[1m",
		[PAINT_LOSS] = "\033[7;33m",
	};

	return codes[paint];
}

/* Texts were made safe earlier, but a database is a file that other programs may have written. */
static void put_bytes(struct sheet *sheet, const char *text, size_t size)
{
	char *room = buffer_room(&sheet->text, size + 1);

	if (!room)
		return;
	memcpy(room, text, size);
	room[size] = '\0';
	text_disarm(room);
	sheet->text.size += size;
	sheet->column += cells_of(room);
}

void sheet_blanks(struct sheet *sheet, size_t count)
{
	sheet->column += count;
	while (count--)
		buffer_text(&sheet->text, " ");
}

void sheet_put(struct sheet *sheet, enum paint paint, const char *text, size_t cells)
{
	const bool is_painted = sheet->color && paint != PAINT_NONE;
	const size_t begin = sheet->column;

	if (is_painted)
		buffer_text(&sheet->text, code_of(paint));
	put_bytes(sheet, text, strlen(text));
	if (is_painted)
		buffer_text(&sheet->text, "\033[0m");
	if (sheet->column - begin < cells)
		sheet_blanks(sheet, cells - (sheet->column - begin));
}

void sheet_end_line(struct sheet *sheet)
{
	buffer_text(&sheet->text, "\n");
	sheet->column = 0;
}

static void next_line(struct sheet *sheet, size_t indent)
{
	sheet_end_line(sheet);
	sheet_blanks(sheet, indent);
}

/* A word that is longer than a line is broken, between characters. */
static void put_word(struct sheet *sheet, const char *word, size_t size, size_t width,
		     size_t indent)
{
	while (size) {
		const size_t room = width > sheet->column ? width - sheet->column : 0;
		size_t fits = cells_fit(word, room);
		uint32_t point;

		if (!fits && sheet->column > indent) {
			next_line(sheet, indent);
			continue;
		}
		if (!fits)
			fits = text_next_point(word, &point);
		if (fits > size)
			fits = size;
		put_bytes(sheet, word, fits);
		word += fits;
		size -= fits;
		if (size)
			next_line(sheet, indent);
	}
}

static size_t cells_of_word(const char *word, size_t size)
{
	AUTO_FREE char *copy = strndup(word, size);

	return copy ? cells_of(copy) : size;
}

void sheet_wrap(struct sheet *sheet, const char *text, size_t width, size_t indent)
{
	const size_t begin = sheet->column;
	bool fresh = true;

	if (width < indent + NARROWEST)
		indent = 1;
	if (!width)
		put_bytes(sheet, text, strlen(text));
	while (width && *text) {
		const size_t blanks = strspn(text, " "), size = strcspn(text + blanks, " ");
		const size_t cells = cells_of_word(text + blanks, size);

		text += blanks;
		if (!fresh && sheet->column + 1 + cells > width)
			next_line(sheet, indent);
		else if (!fresh)
			sheet_blanks(sheet, 1);
		else if (begin > indent && sheet->column + cells > width)
			next_line(sheet, indent);
		put_word(sheet, text, size, width, indent);
		text += size;
		fresh = false;
	}
	sheet_end_line(sheet);
}

static void empty(struct sheet *sheet)
{
	free(sheet->text.text);
	sheet->text = (struct buffer){ 0 };
	sheet->column = 0;
}

int sheet_add(struct sheet *sheet, struct lines *lines)
{
	int error = sheet->text.failed ? -ENOMEM : 0;

	if (!error && sheet->text.size)
		error = lines_add(lines, sheet->text.text, sheet->text.size);
	empty(sheet);
	return error;
}

int sheet_write(struct sheet *sheet, int fd)
{
	int error = sheet->text.failed ? -ENOMEM : 0;

	if (!error && sheet->text.size)
		error = output_write(fd, sheet->text.text, sheet->text.size);
	empty(sheet);
	return error;
}
