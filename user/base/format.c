// SPDX-License-Identifier: BSD-2-Clause
#include "base/format.h"

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#define LONGEST_NUMBER 24

struct out {
	char *text;
	size_t size, length; /* which may be more than has room */
};

static void put(struct out *out, const char *bytes, size_t size)
{
	if (out->length < out->size) {
		const size_t room = out->size - out->length;

		memcpy(out->text + out->length, bytes, size < room ? size : room);
	}
	out->length += size;
}

static void put_number(struct out *out, uint64_t value, unsigned int base)
{
	char text[LONGEST_NUMBER], *at = text + sizeof(text);

	do
		*--at = "0123456789abcdef"[value % base];
	while (value /= base);
	put(out, at, (size_t)(text + sizeof(text) - at));
}

/* What is between the '%' and the letter: NULL if it is more than a length of an integer. */
static const char *skip_length(const char *at, int *ret_longs)
{
	*ret_longs = 0;
	while (*at == 'l' && *ret_longs < 2) {
		at++;
		++*ret_longs;
	}
	return strchr(*ret_longs ? "ux" : "uxs%", *at) && *at ? at : NULL;
}

static bool is_simple(const char *format)
{
	int longs;

	for (const char *at = strchr(format, '%'); at; at = strchr(at + 1, '%')) {
		at = skip_length(at + 1, &longs);
		if (!at)
			return false;
	}
	return true;
}

static void put_one(struct out *out, char letter, int longs, va_list *args)
{
	const char *text;
	uint64_t value;

	if (letter == '%') {
		put(out, "%", 1);
		return;
	}
	if (letter == 's') {
		text = va_arg(*args, const char *);
		put(out, text, strlen(text));
		return;
	}
	if (longs == 2)
		value = va_arg(*args, unsigned long long);
	else if (longs)
		value = va_arg(*args, unsigned long);
	else
		value = va_arg(*args, unsigned int);
	put_number(out, value, letter == 'x' ? 16 : 10);
}

static void put_all(struct out *out, const char *format, va_list *args)
{
	int longs;

	for (;;) {
		const char *at = strchr(format, '%');

		if (!at)
			break;
		put(out, format, (size_t)(at - format));
		at = skip_length(at + 1, &longs);
		if (!at)
			return;
		put_one(out, *at, longs, args);
		format = at + 1;
	}
	put(out, format, strlen(format));
}

int format_text(char *ret_text, size_t size, const char *format, va_list args)
{
	struct out out = { .text = ret_text, .size = size };
	va_list copy;

	if (!is_simple(format))
		return vsnprintf(ret_text, size, format, args);
	va_copy(copy, args);
	put_all(&out, format, &copy);
	va_end(copy);
	if (size)
		ret_text[out.length < size ? out.length : size - 1] = '\0';
	return out.length > INT_MAX ? -1 : (int)out.length;
}
