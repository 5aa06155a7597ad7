// SPDX-License-Identifier: BSD-2-Clause
#include "stdout/cells.h"

#include <locale.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <wchar.h>

#include "base/text.h"

#define ELLIPSIS "\xe2\x80\xa6"

static locale_t widths; /* 0: none */

void cells_begin(void)
{
	if (!widths)
		widths = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
}

/* Only for the call: patterns of filters must mean the same everywhere. */
static size_t width_of(uint32_t point)
{
	locale_t before;
	int width;

	if (point < 0x80 || !widths)
		return 1;
	before = uselocale(widths);
	width = wcwidth((wchar_t)point);
	(void)uselocale(before);
	return width < 0 ? 1 : (size_t)width;
}

size_t cells_of(const char *text)
{
	size_t cells = 0;
	uint32_t point;

	while (*text) {
		text += text_next_point(text, &point);
		cells += width_of(point);
	}
	return cells;
}

size_t cells_fit(const char *text, size_t cells)
{
	const char *at = text;
	uint32_t point;

	while (*at) {
		size_t length = text_next_point(at, &point), width = width_of(point);

		if (width > cells)
			break;
		cells -= width;
		at += length;
	}
	return (size_t)(at - text);
}

/* The start of the longest end that takes at most so many cells. */
static const char *end_of(const char *text, size_t cells)
{
	size_t all = cells_of(text);
	uint32_t point;

	while (*text && all > cells) {
		text += text_next_point(text, &point);
		all -= width_of(point);
	}
	return text;
}

void cells_elide(const char *text, size_t cells, char *ret, size_t size)
{
	const size_t head = cells ? (cells - 1) / 3 : 0;

	if (cells_of(text) <= cells)
		(void)snprintf(ret, size, "%s", text);
	else if (cells)
		(void)snprintf(ret, size, "%.*s" ELLIPSIS "%s", (int)cells_fit(text, head), text,
			       end_of(text, cells - 1 - head));
	else
		*ret = '\0';
}
