// SPDX-License-Identifier: BSD-2-Clause
#include "line/json_line.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/digits.h"
#include "base/text.h"

/* An ordinary death takes about 1,200 bytes. */
#define FIRST_ROOM 2048
#define LONGEST_REAL 32

const bool json_line_plain[256] = { [' ' ... '!'] = true,
				    ['#' ... '['] = true,
				    [']' ... '~'] = true };

/* Makes room for `more` bytes; false: out of memory. */
static bool grow(struct json_line *line, size_t more)
{
	size_t room = line->room ? line->room : FIRST_ROOM;
	char *text;

	while (room < line->size + more)
		room *= 2;
	text = line->failed ? NULL : realloc(line->text, room);
	if (!text) {
		line->failed = true;
		return false;
	}
	line->text = text;
	line->room = room;
	return true;
}

static inline bool make_room(struct json_line *line, size_t more)
{
	return line->room - line->size >= more || grow(line, more);
}

static inline void append(struct json_line *line, const char *bytes, size_t size)
{
	if (!make_room(line, size))
		return;
	memcpy(line->text + line->size, bytes, size);
	line->size += size;
}

static inline void append_byte(struct json_line *line, char byte)
{
	if (make_room(line, 1))
		line->text[line->size++] = byte;
}

/* No value ends with an opening bracket. */
static bool is_first(const struct json_line *line)
{
	const char last = line->size ? line->text[line->size - 1] : '{';

	return last == '{' || last == '[';
}

/* If a value is before it at the same level. */
static void separate(struct json_line *line)
{
	if (!is_first(line))
		append_byte(line, ',');
}

/* Makes room for the value, too, if it takes no more than `more` bytes. */
static void append_key(struct json_line *line, const char *key, size_t size, size_t more)
{
	char *to;

	if (!make_room(line, size + more + 4))
		return;
	to = line->text + line->size;
	if (!is_first(line))
		*to++ = ',';
	*to++ = '"';
	to = mempcpy(to, key, size);
	*to++ = '"';
	*to++ = ':';
	line->size = (size_t)(to - line->text);
}

/* The digits of a UTF-16 code unit; jansson writes them in capitals. */
static void append_unit(struct json_line *line, uint32_t unit)
{
	static const char digits[] = "0123456789ABCDEF";
	const char text[] = { '\\',
			      'u',
			      digits[unit >> 12 & 0xf],
			      digits[unit >> 8 & 0xf],
			      digits[unit >> 4 & 0xf],
			      digits[unit & 0xf] };

	append(line, text, sizeof(text));
}

static void append_point(struct json_line *line, uint32_t point)
{
	static const char from[] = "\"\\\b\f\n\r\t", to[] = "\"\\bfnrt";
	const char *known = point < 0x80 ? memchr(from, (int)point, sizeof(from) - 1) : NULL;

	if (known) {
		append_byte(line, '\\');
		append_byte(line, to[known - from]);
	} else if (point == 0x7f) {
		/* JSON allows a plain DEL; a terminal need not see it */
		append(line, "\\u007f", 6);
	} else if (point < 0x10000) {
		append_unit(line, point);
	} else {
		append_unit(line, 0xd800 | (point - 0x10000) >> 10);
		append_unit(line, 0xdc00 | ((point - 0x10000) & 0x3ff));
	}
}

static void append_text(struct json_line *line, const char *value, size_t size)
{
	const char *const end = value + size;
	uint32_t point;

	append_byte(line, '"');
	for (;;) {
		const size_t plain = text_plain_length(value, (size_t)(end - value), '"');

		append(line, value, plain);
		value += plain;
		if (value == end)
			break;
		value += text_next_point(value, &point);
		append_point(line, point);
	}
	append_byte(line, '"');
}

static void append_decimal(struct json_line *line, uint64_t value)
{
	char text[DIGITS_MOST], *const end = text + sizeof(text);
	const char *at = digits_decimal(value, end);

	append(line, at, (size_t)(end - at));
}

void json_line_begin(struct json_line *line)
{
	*line = (struct json_line){ 0 };
	append_byte(line, '{');
}

char *json_line_end(struct json_line *line, size_t *ret_size)
{
	append(line, "}\n", 3); /* with a NUL */
	if (line->failed) {
		free(line->text);
		return NULL;
	}
	*ret_size = line->size - 1;
	return line->text;
}

void json_line_put_text(struct json_line *line, const char *key, size_t key_size, const char *value)
{
	size_t size;

	if (!value || !*value)
		return;
	size = strlen(value);
	append_key(line, key, key_size, size + 2);
	append_text(line, value, size);
}

void json_line_item(struct json_line *line, const char *value)
{
	separate(line);
	append_text(line, value, strlen(value));
}

void json_line_put_signed(struct json_line *line, const char *key, size_t key_size, int64_t value)
{
	append_key(line, key, key_size, DIGITS_MOST + 1);
	if (value < 0)
		append_byte(line, '-');
	append_decimal(line, value < 0 ? 0 - (uint64_t)value : (uint64_t)value);
}

#define US_PER_S 1000000U
#define US_DIGITS 6
/* With more seconds there are more digits than 12, and they are rounded. */
#define MOST_SECONDS 1000000.0
/* Less is written with an exponent. */
#define LEAST_PLAIN_US 100

/* The digits behind the point, of which the last zeros are left out, but not the first. */
static char *put_fraction(unsigned int us, char *to)
{
	size_t size = US_DIGITS;

	for (size_t i = US_DIGITS; i; i--, us /= 10)
		to[i - 1] = (char)('0' + us % 10);
	while (size > 1 && to[size - 1] == '0')
		size--;
	return to + size;
}

/* Microseconds, at least one, as printf's "%.12g" and jansson write them in seconds. */
static char *put_us(uint64_t us, char *to)
{
	char digits[DIGITS_MOST], *const end = digits + sizeof(digits), *at;

	if (us < LEAST_PLAIN_US) {
		*to++ = (char)('0' + (us < 10 ? us : us / 10));
		if (us > 10 && us % 10) {
			*to++ = '.';
			*to++ = (char)('0' + us % 10);
		}
		return mempcpy(to, us < 10 ? "e-6" : "e-5", 3);
	}
	at = digits_decimal(us / US_PER_S, end);
	to = mempcpy(to, at, (size_t)(end - at));
	*to++ = '.';
	return put_fraction((unsigned int)(us % US_PER_S), to);
}

/* There are few others, and many ways to get them wrong. */
static size_t real_of_jansson(double value, char ret_text[LONGEST_REAL])
{
	json_t *real = json_real(value);
	size_t size = real ? json_dumpb(real, ret_text, LONGEST_REAL,
					JSON_ENCODE_ANY | JSON_REAL_PRECISION(12))
			   : 0;

	json_decref(real);
	return size > LONGEST_REAL ? 0 : size;
}

void json_line_put_real(struct json_line *line, const char *key, size_t key_size, double value)
{
	const bool is_short = value > 0 && value < MOST_SECONDS;
	const uint64_t us = is_short ? (uint64_t)(value * 1e6 + 0.5) : 0;
	char text[LONGEST_REAL];
	size_t size;

	if (is_short && (double)us / 1e6 == value)
		size = (size_t)(put_us(us, text) - text);
	else
		size = real_of_jansson(value, text);
	if (!size)
		return;
	append_key(line, key, key_size, size);
	append(line, text, size);
}

void json_line_put_bool(struct json_line *line, const char *key, size_t key_size, bool value)
{
	append_key(line, key, key_size, 5);
	append(line, value ? "true" : "false", value ? 4 : 5);
}

void json_line_put_hex(struct json_line *line, const char *key, size_t key_size, uint64_t value)
{
	char text[DIGITS_MOST], *const end = text + sizeof(text);
	const char *at = digits_hex(value, end);

	append_key(line, key, key_size, sizeof(text) + 4);
	append(line, "\"0x", 3);
	append(line, at, (size_t)(end - at));
	append_byte(line, '"');
}

void json_line_put_time(struct json_line *line, const char *key, size_t key_size,
			int64_t realtime_ns)
{
	char text[CLOCK_RFC3339_SIZE];

	clock_rfc3339(realtime_ns, text);
	json_line_put_text(line, key, key_size, text);
}

static size_t open_with(struct json_line *line, const char *key, size_t key_size, char bracket)
{
	size_t before = line->size;

	if (key)
		append_key(line, key, key_size, 1);
	else
		separate(line);
	append_byte(line, bracket);
	return before;
}

size_t json_line_put_open(struct json_line *line, const char *key, size_t key_size)
{
	return open_with(line, key, key_size, '{');
}

size_t json_line_put_open_list(struct json_line *line, const char *key, size_t key_size)
{
	return open_with(line, key, key_size, '[');
}

static void close_with(struct json_line *line, size_t opened, char opening, char closing)
{
	if (line->failed)
		return;
	if (line->text[line->size - 1] == opening)
		line->size = opened;
	else
		append_byte(line, closing);
}

void json_line_close(struct json_line *line, size_t opened)
{
	close_with(line, opened, '{', '}');
}

void json_line_close_list(struct json_line *line, size_t opened)
{
	close_with(line, opened, '[', ']');
}
