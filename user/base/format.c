// SPDX-License-Identifier: BSD-2-Clause
#include "base/format.h"

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/digits.h"

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

static void put_number(struct out *out, uint64_t value, bool is_hex)
{
	char text[DIGITS_MOST], *const end = text + sizeof(text);
	const char *at = is_hex ? digits_hex(value, end) : digits_decimal(value, end);

	put(out, at, (size_t)(end - at));
}

static uint64_t next_number(int longs, va_list *args)
{
	if (longs == 2)
		return va_arg(*args, unsigned long long);
	return longs ? va_arg(*args, unsigned long) : va_arg(*args, unsigned int);
}

/* `at` is behind the '%'. Returns what follows; NULL: it is none of "%s", "%u", "%x" and "%%", with
 * or without a length of an integer. */
static const char *put_one(struct out *out, const char *at, va_list *args)
{
	const char *text;
	int longs = 0;

	while (*at == 'l' && longs < 2) {
		at++;
		longs++;
	}
	if (*at == 'u' || *at == 'x') {
		put_number(out, next_number(longs, args), *at == 'x');
	} else if (*at == 's' && !longs) {
		text = va_arg(*args, const char *);
		put(out, text, strlen(text));
	} else if (*at == '%' && !longs) {
		put(out, "%", 1);
	} else {
		return NULL;
	}
	return at + 1;
}

/* False: there is more in it than this can do. */
static bool put_all(struct out *out, const char *format, va_list *args)
{
	while (format) {
		const char *at = strchrnul(format, '%');

		put(out, format, (size_t)(at - format));
		if (!*at)
			return true;
		format = put_one(out, at + 1, args);
	}
	return false;
}

int format_text(char *ret_text, size_t size, const char *format, va_list args)
{
	struct out out = { .text = ret_text, .size = size };
	va_list copy;
	bool done;

	va_copy(copy, args);
	done = put_all(&out, format, &copy);
	va_end(copy);
	if (!done)
		return vsnprintf(ret_text, size, format, args);
	if (size)
		ret_text[out.length < size ? out.length : size - 1] = '\0';
	return out.length > INT_MAX ? -1 : (int)out.length;
}
