// SPDX-License-Identifier: BSD-2-Clause
#include "line/json_walk.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "line/json_line.h"

/* As deep as jansson reads. */
#define DEEPEST 2048
#define MOST_DIGITS 18 /* of an integer: all of them fit into 64 bits */
#define LONGEST_REAL 32
#define LARGEST_TEXT "9223372036854775808"

static int hex_digit(char byte)
{
	if (byte >= '0' && byte <= '9')
		return byte - '0';
	if (byte >= 'A' && byte <= 'F')
		return byte - 'A' + 10;
	return byte >= 'a' && byte <= 'f' ? byte - 'a' + 10 : -1;
}

/* The code unit of "\uXXXX"; false: there is none. */
static bool read_unit(const char *at, const char *end, uint32_t *ret)
{
	*ret = 0;
	if (end - at < 6 || at[0] != '\\' || at[1] != 'u')
		return false;
	for (int i = 2; i < 6; i++) {
		int digit = hex_digit(at[i]);

		if (digit < 0)
			return false;
		*ret = *ret << 4 | (uint32_t)digit;
	}
	return true;
}

/* The code point of one such escape, or of the two of a surrogate pair. Returns the length; 0:
 * there is none. */
static size_t read_escaped_point(const char *at, const char *end, uint32_t *ret)
{
	uint32_t low;

	if (!read_unit(at, end, ret) || !*ret || (*ret >= 0xdc00 && *ret < 0xe000))
		return 0;
	if (*ret < 0xd800 || *ret >= 0xe000)
		return 6;
	if (!read_unit(at + 6, end, &low) || low < 0xdc00 || low >= 0xe000)
		return 0;
	*ret = 0x10000 + ((*ret - 0xd800) << 10 | (low - 0xdc00));
	return 12;
}

static const char escapes[] = "\"\\bfnrt", escaped[] = "\"\\\b\f\n\r\t";

/* Returns the end of the escape at `at`; NULL: we do not write such an escape. */
static const char *skip_escape(const char *at, const char *end)
{
	uint32_t point;
	size_t length;

	if (end - at >= 2 && memchr(escapes, at[1], sizeof(escapes) - 1))
		return at + 2;
	length = read_escaped_point(at, end, &point);
	return length ? at + length : NULL;
}

/* Returns the end of a text, past its closing quote; NULL: we do not write such a text. `at` is its
 * first quote. */
static const char *skip_text(const char *at, const char *end)
{
	for (at++; at; at = *at == '\\' ? skip_escape(at, end) : NULL) {
		while (at < end && json_line_is_plain(*at))
			at++;
		if (at == end)
			return NULL;
		if (*at == '"')
			return at + 1;
	}
	return NULL;
}

/* Returns the end of the digits, at least one. */
static const char *skip_digits(const char *at, const char *end)
{
	const char *begin = at;

	while (at && at < end && *at >= '0' && *at <= '9')
		at++;
	return at == begin ? NULL : at;
}

static bool fits(const char *digits, size_t count, bool negative)
{
	int order = 0;

	if (count > MOST_DIGITS)
		order = count == sizeof(LARGEST_TEXT) - 1 ? memcmp(digits, LARGEST_TEXT, count) : 1;
	return count <= MOST_DIGITS || order < 0 || (negative && !order);
}

/* A double holds it, so every reader of JSON accepts it; and we write none that is longer. */
static bool is_real(const char *at, size_t size)
{
	char text[LONGEST_REAL + 1];

	if (size > LONGEST_REAL)
		return false;
	memcpy(text, at, size);
	text[size] = '\0';
	return isfinite(strtod(text, NULL));
}

/* Returns the end of the fraction and the exponent of a number that begins at `begin`. */
static const char *skip_rest_of_real(const char *begin, const char *at, const char *end)
{
	if (*at == '.')
		at = skip_digits(at + 1, end);
	if (at && at < end && *at == 'e')
		at = skip_digits(at + 1 + (at + 1 < end && at[1] == '-'), end);
	return at && is_real(begin, (size_t)(at - begin)) ? at : NULL;
}

static const char *skip_number(const char *begin, const char *end)
{
	const bool negative = *begin == '-';
	const char *digits = begin + negative, *at = skip_digits(digits, end);

	if (!at || (*digits == '0' && at > digits + 1))
		return NULL;
	if (at < end && (*at == '.' || *at == 'e'))
		return skip_rest_of_real(begin, at, end);
	return fits(digits, (size_t)(at - digits), negative) ? at : NULL;
}

static const char *skip_word(const char *at, const char *end, const char *word)
{
	size_t length = strlen(word);

	return (size_t)(end - at) >= length && !memcmp(at, word, length) ? at + length : NULL;
}

/* Returns the end of a value that holds no others; NULL: there is none. `at` is before `end`. */
static const char *skip_scalar(const char *at, const char *end)
{
	switch (*at) {
	case '"':
		return skip_text(at, end);
	case 't':
		return skip_word(at, end, "true");
	case 'f':
		return skip_word(at, end, "false");
	case 'n':
		return skip_word(at, end, "null");
	default:
		return skip_number(at, end);
	}
}

/* The brackets that are open: a bit for each, set for a list. */
struct levels {
	uint64_t lists[DEEPEST / 64];
	unsigned int depth;
};

static bool is_list(const struct levels *levels)
{
	const unsigned int top = levels->depth - 1;

	return levels->lists[top / 64] >> top % 64 & 1;
}

static bool push(struct levels *levels, bool list)
{
	const unsigned int top = levels->depth;

	if (top == DEEPEST)
		return false;
	if (list)
		levels->lists[top / 64] |= 1ULL << top % 64;
	else
		levels->lists[top / 64] &= ~(1ULL << top % 64);
	levels->depth++;
	return true;
}

/* Returns the end of a key and its colon. */
static const char *skip_key(const char *at, const char *end)
{
	at = at < end && *at == '"' ? skip_text(at, end) : NULL;
	return at && at < end && *at == ':' ? at + 1 : NULL;
}

/* Returns the end of the brackets and the comma that follow a value, and of the next key. */
static const char *skip_after_value(const char *at, const char *end, struct levels *levels)
{
	while (levels->depth && at && at < end) {
		const bool list = is_list(levels);

		if (*at == ',')
			return list ? at + 1 : skip_key(at + 1, end);
		if (*at != (list ? ']' : '}'))
			return NULL;
		at++;
		levels->depth--;
	}
	return levels->depth ? NULL : at;
}

/* Returns the end of an opening bracket and the first key; if it is empty, of the bracket alone. */
static const char *skip_open(const char *at, const char *end, struct levels *levels,
			     bool *ret_empty)
{
	const bool list = *at == '[';

	if (!push(levels, list) || ++at == end)
		return NULL;
	*ret_empty = *at == (list ? ']' : '}');
	return *ret_empty || list ? at : skip_key(at, end);
}

/* Returns the end of an object with everything in it; NULL: we do not write such an object. */
static const char *skip_object(const char *at, const char *end)
{
	struct levels levels = { .depth = 0 };
	bool empty;

	do {
		if (at == end)
			return NULL;
		empty = true; /* nothing is open that must be filled */
		if (*at == '{' || *at == '[')
			at = skip_open(at, end, &levels, &empty);
		else
			at = skip_scalar(at, end);
		if (at && empty)
			at = skip_after_value(at, end, &levels);
	} while (at && levels.depth);
	return at;
}

bool json_walk_line(const char *line, size_t size, struct json_walk_value *ret)
{
	const char *end = line + size;

	if (size && end[-1] == '\n')
		end--;
	if (end == line || *line != '{' || skip_object(line, end) != end)
		return false;
	*ret = (struct json_walk_value){ JSON_WALK_OBJECT, line, (size_t)(end - line) };
	return true;
}

/* From here on a line has been accepted as a whole: everything in it is valid and terminated. */

/* The closing quote: if a quote is escaped, the number of backslashes before it is odd. `at` is the
 * first quote. */
static const char *end_of_text(const char *at, const char *end)
{
	const char *quote = at, *backslash;

	do {
		quote = memchr(quote + 1, '"', (size_t)(end - quote - 1));
		for (backslash = quote; backslash[-1] == '\\';)
			backslash--;
	} while ((quote - backslash) % 2);
	return quote;
}

static const char *end_of_nested(const char *at, const char *end)
{
	unsigned int depth = 0;

	for (;; at++) {
		if (*at == '"')
			at = end_of_text(at, end);
		else if (*at == '{' || *at == '[')
			depth++;
		else if ((*at == '}' || *at == ']') && !--depth)
			return at;
	}
}

/* Returns the end of a number, whose last digit is followed by a comma or a bracket. */
static const char *take_number(const char *at, enum json_walk_kind *ret_kind)
{
	*ret_kind = JSON_WALK_INTEGER;
	for (; *at != ',' && *at != '}' && *at != ']'; at++)
		if (*at == '.' || *at == 'e')
			*ret_kind = JSON_WALK_REAL;
	return at;
}

/* Returns where the text after the value begins. */
static const char *take_value(const char *at, const char *end, struct json_walk_value *ret)
{
	const char *behind;

	switch (*at) {
	case '"':
		behind = end_of_text(at, end);
		*ret = (struct json_walk_value){ JSON_WALK_TEXT, at + 1,
						 (size_t)(behind - at) - 1 };
		return behind + 1;
	case '{':
	case '[':
		ret->kind = *at == '{' ? JSON_WALK_OBJECT : JSON_WALK_LIST;
		behind = end_of_nested(at, end) + 1;
		break;
	case 't':
		ret->kind = JSON_WALK_TRUE;
		behind = at + strlen("true");
		break;
	case 'f':
		ret->kind = JSON_WALK_FALSE;
		behind = at + strlen("false");
		break;
	case 'n':
		ret->kind = JSON_WALK_NULL;
		behind = at + strlen("null");
		break;
	default:
		behind = take_number(at, &ret->kind);
	}
	ret->at = at;
	ret->size = (size_t)(behind - at);
	return behind;
}

struct json_walk json_walk_into(const struct json_walk_value *value)
{
	if (value->kind != JSON_WALK_OBJECT && value->kind != JSON_WALK_LIST)
		return (struct json_walk){ NULL, NULL };
	return (struct json_walk){ value->at + 1, value->at + value->size - 1 };
}

bool json_walk_next(struct json_walk *walk, struct json_walk_value *ret_key,
		    struct json_walk_value *ret_value)
{
	const char *at = walk->at;

	*ret_key = (struct json_walk_value){ 0 };
	if (at == walk->end)
		return false;
	at = take_value(at, walk->end, ret_value);
	if (at < walk->end && *at == ':') {
		*ret_key = *ret_value;
		at = take_value(at + 1, walk->end, ret_value);
	}
	walk->at = at < walk->end ? at + 1 /* the comma */ : at;
	return true;
}

struct json_walk_value json_walk_member(const struct json_walk_value *object, const char *key)
{
	struct json_walk_value name, value, found = { 0 };
	struct json_walk walk = json_walk_into(object);

	if (object->kind == JSON_WALK_OBJECT)
		while (json_walk_next(&walk, &name, &value))
			if (json_walk_is(&name, key))
				found = value;
	return found;
}

bool json_walk_is(const struct json_walk_value *text, const char *plain)
{
	return text->kind == JSON_WALK_TEXT && strlen(plain) == text->size &&
	       !memcmp(text->at, plain, text->size);
}

bool json_walk_is_name(const struct json_walk_value *key)
{
	for (size_t i = 0; i < key->size; i++)
		if (key->at[i] != '_' && (key->at[i] < 'a' || key->at[i] > 'z') &&
		    (key->at[i] < '0' || key->at[i] > '9'))
			return false;
	return key->kind == JSON_WALK_TEXT && key->size;
}

static char *put_point(char *to, uint32_t point)
{
	if (point < 0x80) {
		*to++ = (char)point;
	} else if (point < 0x800) {
		*to++ = (char)(0xc0 | point >> 6);
		*to++ = (char)(0x80 | (point & 0x3f));
	} else if (point < 0x10000) {
		*to++ = (char)(0xe0 | point >> 12);
		*to++ = (char)(0x80 | (point >> 6 & 0x3f));
		*to++ = (char)(0x80 | (point & 0x3f));
	} else {
		*to++ = (char)(0xf0 | point >> 18);
		*to++ = (char)(0x80 | (point >> 12 & 0x3f));
		*to++ = (char)(0x80 | (point >> 6 & 0x3f));
		*to++ = (char)(0x80 | (point & 0x3f));
	}
	return to;
}

size_t json_walk_decode(const struct json_walk_value *text, char *ret)
{
	const char *at = text->size ? text->at : "", *end = at + text->size;
	char *to = ret;

	while (at < end) {
		const char *escape = memchr(at, '\\', (size_t)(end - at));
		const char *plain_end = escape ? escape : end;
		uint32_t point;
		size_t length;

		memcpy(to, at, (size_t)(plain_end - at));
		to += plain_end - at;
		at = plain_end;
		if (end - at < 2)
			break;
		length = read_escaped_point(at, end, &point);
		if (length) {
			to = put_point(to, point);
			at += length;
		} else {
			const char *known = memchr(escapes, at[1], sizeof(escapes) - 1);

			*to++ = known ? escaped[known - escapes] : at[1];
			at += 2;
		}
	}
	*to = '\0';
	return (size_t)(to - ret);
}
