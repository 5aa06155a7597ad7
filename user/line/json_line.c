// SPDX-License-Identifier: BSD-2-Clause
#include "line/json_line.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/text.h"

/* An ordinary death takes about 1,200 bytes. */
#define FIRST_ROOM 2048
#define LONGEST_NUMBER 32

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

/* Whether a value is before it at the same level: no value ends with an opening bracket. */
static void separate(struct json_line *line)
{
	char last = line->size ? line->text[line->size - 1] : '{';

	if (last != '{' && last != '[')
		append_byte(line, ',');
}

static void append_key(struct json_line *line, const char *key)
{
	separate(line);
	append_byte(line, '"');
	append(line, key, strlen(key));
	append(line, "\":", 2);
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

static void append_text(struct json_line *line, const char *value)
{
	append_byte(line, '"');
	while (*value) {
		size_t plain = 0;
		uint32_t point;

		while (json_line_is_plain(value[plain]))
			plain++;
		append(line, value, plain);
		value += plain;
		if (*value) {
			value += text_next_point(value, &point);
			append_point(line, point);
		}
	}
	append_byte(line, '"');
}

static void append_digits(struct json_line *line, uint64_t value, unsigned int base)
{
	char text[LONGEST_NUMBER], *at = text + sizeof(text);

	do
		*--at = "0123456789abcdef"[value % base];
	while (value /= base);
	append(line, at, (size_t)(text + sizeof(text) - at));
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

void json_line_text(struct json_line *line, const char *key, const char *value)
{
	if (!value || !*value)
		return;
	append_key(line, key);
	append_text(line, value);
}

void json_line_item(struct json_line *line, const char *value)
{
	separate(line);
	append_text(line, value);
}

void json_line_signed(struct json_line *line, const char *key, int64_t value)
{
	append_key(line, key);
	if (value < 0)
		append_byte(line, '-');
	append_digits(line, value < 0 ? 0 - (uint64_t)value : (uint64_t)value, 10);
}

void json_line_number(struct json_line *line, const char *key, uint64_t value)
{
	json_line_signed(line, key, (int64_t)value);
}

/* There are few of them, and many ways to get them wrong. */
void json_line_real(struct json_line *line, const char *key, double value)
{
	json_t *real = json_real(value);
	char text[LONGEST_NUMBER];
	size_t size = real ? json_dumpb(real, text, sizeof(text),
					JSON_ENCODE_ANY | JSON_REAL_PRECISION(12))
			   : 0;

	json_decref(real);
	if (!size || size > sizeof(text))
		return;
	append_key(line, key);
	append(line, text, size);
}

void json_line_bool(struct json_line *line, const char *key, bool value)
{
	append_key(line, key);
	append(line, value ? "true" : "false", value ? 4 : 5);
}

void json_line_hex(struct json_line *line, const char *key, uint64_t value)
{
	append_key(line, key);
	append(line, "\"0x", 3);
	append_digits(line, value, 16);
	append_byte(line, '"');
}

void json_line_time(struct json_line *line, const char *key, int64_t realtime_ns)
{
	char text[CLOCK_RFC3339_SIZE];

	clock_rfc3339(realtime_ns, text);
	json_line_text(line, key, text);
}

static size_t open_with(struct json_line *line, const char *key, char bracket)
{
	size_t before = line->size;

	if (key)
		append_key(line, key);
	else
		separate(line);
	append_byte(line, bracket);
	return before;
}

size_t json_line_open(struct json_line *line, const char *key)
{
	return open_with(line, key, '{');
}

size_t json_line_open_list(struct json_line *line, const char *key)
{
	return open_with(line, key, '[');
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
