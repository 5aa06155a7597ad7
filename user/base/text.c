// SPDX-License-Identifier: BSD-2-Clause
#include "base/text.h"

#include <endian.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"

#define REPLACEMENT "\xef\xbf\xbd"
#define REPLACEMENT_POINT 0xfffd

/* Length of the well-formed UTF-8 sequence at `in` (RFC 3629: no overlong forms, no surrogates,
 * nothing above U+10FFFF), 0 if there is none. *ret_point is its code point. */
static size_t utf8_sequence(const unsigned char *in, uint32_t *ret_point)
{
	static const uint32_t smallest[] = { 0, 0, 0x80, 0x800, 0x10000 };
	size_t length;
	uint32_t point;

	if (in[0] < 0x80) {
		*ret_point = in[0];
		return 1;
	}
	if (in[0] >= 0xc2 && in[0] <= 0xdf)
		length = 2, point = in[0] & 0x1fU;
	else if ((in[0] & 0xf0) == 0xe0)
		length = 3, point = in[0] & 0x0fU;
	else if (in[0] >= 0xf0 && in[0] <= 0xf4)
		length = 4, point = in[0] & 0x07U;
	else
		return 0;
	for (size_t i = 1; i < length; i++) {
		if ((in[i] & 0xc0) != 0x80)
			return 0;
		point = point << 6 | (in[i] & 0x3fU);
	}
	if (point < smallest[length] || point > 0x10ffff || (point >= 0xd800 && point <= 0xdfff))
		return 0;
	*ret_point = point;
	return length;
}

/* Code points that are not visible characters (Unicode's Cc, Cf, Zl, Zp, Co, fillers and variation
 * selectors): they move the cursor, end a line, change the direction of later text, or hide.
 * Ascending. */
static const struct {
	uint32_t first, last;
} unseen[] = {
	{ 0x0000, 0x001f },    { 0x007f, 0x009f },   { 0x00ad, 0x00ad },   { 0x034f, 0x034f },
	{ 0x0600, 0x0605 },    { 0x061c, 0x061c },   { 0x06dd, 0x06dd },   { 0x070f, 0x070f },
	{ 0x0890, 0x0891 },    { 0x08e2, 0x08e2 },   { 0x115f, 0x1160 },   { 0x17b4, 0x17b5 },
	{ 0x180b, 0x180f },    { 0x200b, 0x200f },   { 0x2028, 0x202e },   { 0x2060, 0x206f },
	{ 0x3164, 0x3164 },    { 0xe000, 0xf8ff },   { 0xfdd0, 0xfdef },   { 0xfe00, 0xfe0f },
	{ 0xfeff, 0xfeff },    { 0xffa0, 0xffa0 },   { 0xfff0, 0xfffb },   { 0x110bd, 0x110bd },
	{ 0x110cd, 0x110cd },  { 0x13430, 0x1345f }, { 0x1bca0, 0x1bca3 }, { 0x1d173, 0x1d17a },
	{ 0xe0000, 0x10ffff },
};

static bool is_hostile(uint32_t point)
{
	if ((point & 0xfffe) == 0xfffe) /* the last two of each plane are no characters */
		return true;
	for (size_t i = 0; i < ARRAY_SIZE(unseen) && point >= unseen[i].first; i++)
		if (point <= unseen[i].last)
			return true;
	return false;
}

size_t text_next_point(const char *in, uint32_t *ret_point)
{
	size_t length = utf8_sequence((const unsigned char *)in, ret_point);

	if (!length)
		*ret_point = REPLACEMENT_POINT;
	return length ? length : 1;
}

#define EACH(byte) (0x0101010101010101U * (byte))
#define TOP EACH(0x80U)

/* Has the top bit of each byte that is 0, and maybe of others after it. */
static uint64_t zeros(uint64_t word)
{
	return (word - EACH(1)) & ~word;
}

static bool is_plain_byte(char byte, char other)
{
	return byte >= ' ' && byte < 0x7f && byte != '\\' && byte != other;
}

/* Whether eight bytes are: most of the text is. */
static bool is_plain_word(const char *in, char other)
{
	uint64_t word;

	memcpy(&word, in, sizeof(word));
	return !((word | (word - EACH(' ')) | zeros(word ^ EACH(0x7fU)) | zeros(word ^ EACH('\\')) |
		  zeros(word ^ EACH((uint64_t)(unsigned char)other))) &
		 TOP);
}

size_t text_plain_length(const char *in, size_t size, char other)
{
	size_t length = 0;

	while (size - length >= sizeof(uint64_t) && is_plain_word(in + length, other))
		length += sizeof(uint64_t);
	while (length < size && is_plain_byte(in[length], other))
		length++;
	return length;
}

enum cleaning { CLEAN_UTF8, CLEAN_TERMINAL, CLEAN_TERMINAL_AGAIN };

/* The replacement of the `length` bytes at `at`: NULL if they stay as they are, else text in
 * `buffer`. */
static const char *replacement(const unsigned char *at, size_t length, uint32_t point,
			       enum cleaning cleaning, char *buffer, size_t size)
{
	if (!length)
		return REPLACEMENT;
	if (cleaning == CLEAN_UTF8)
		return NULL;
	if (*at == '\\')
		return cleaning == CLEAN_TERMINAL ? "\\\\" : NULL;
	if (!is_hostile(point))
		return NULL;
	(void)snprintf(buffer, size, point < 0x100 ? "\\x%02x" : "\\u{%04x}", (unsigned int)point);
	return buffer;
}

/* Characters that no cleaning changes. */
static size_t plain_length(const unsigned char *in, size_t size)
{
	return text_plain_length((const char *)in, size, '\\');
}

static void text_clean(const char *in, char *ret_out, size_t size, enum cleaning cleaning)
{
	const unsigned char *at = (const unsigned char *)in, *const end = at + strlen(in);
	size_t used = 0;

	while (at < end && used + 1 < size) {
		const size_t left = (size_t)(end - at), room = size - used - 1;
		size_t length = plain_length(at, left < room ? left : room), bytes;
		const char *piece = NULL;
		uint32_t point = 0;
		char buffer[16];

		if (!length) {
			length = utf8_sequence(at, &point);
			piece = replacement(at, length, point, cleaning, buffer, sizeof(buffer));
		}
		bytes = piece ? strlen(piece) : length;
		if (used + bytes >= size)
			break;
		memcpy(ret_out + used, piece ? piece : (const char *)at, bytes);
		used += bytes;
		at += length ? length : 1;
	}
	if (size)
		ret_out[used] = '\0';
}

void text_valid_utf8(const char *in, char *ret_out, size_t size)
{
	text_clean(in, ret_out, size, CLEAN_UTF8);
}

void text_for_terminal(const char *in, char *ret_out, size_t size)
{
	text_clean(in, ret_out, size, CLEAN_TERMINAL);
}

void text_for_terminal_again(const char *in, char *ret_out, size_t size)
{
	text_clean(in, ret_out, size, CLEAN_TERMINAL_AGAIN);
}

void text_disarm(char *text)
{
	unsigned char *at = (unsigned char *)text, *const end = at + strlen(text);

	while (at < end) {
		uint32_t point = 0;
		size_t length = plain_length(at, (size_t)(end - at));

		if (length) {
			at += length;
			continue;
		}
		length = utf8_sequence(at, &point);
		if (!length || is_hostile(point)) {
			length = length ? length : 1;
			memset(at, '?', length);
		}
		at += length;
	}
}

const char *text_bytes(unsigned long long bytes, char *ret_out, size_t size)
{
	static const char *const units[] = { "KiB", "MiB", "GiB", "TiB", "PiB", "EiB" };
	double value = (double)bytes / 1024;
	size_t unit = 0;

	if (bytes < 1024) {
		(void)snprintf(ret_out, size, "%llu B", bytes);
		return ret_out;
	}
	while (value >= 1023.95 && unit < sizeof(units) / sizeof(units[0]) - 1) {
		value /= 1024;
		unit++;
	}
	(void)snprintf(ret_out, size, "%.1f %s", value, units[unit]);
	return ret_out;
}

const char *text_plural(uint64_t count, const char *one, const char *many)
{
	return count == 1 ? one : many;
}

/* The digits of four bytes, in the order of the bytes: each half of a byte gets a byte, and all are
 * made digits at once. */
static void put_hex(const uint8_t bytes[4], char *ret_out)
{
	uint64_t halves = (uint64_t)bytes[0] | (uint64_t)bytes[1] << 16 | (uint64_t)bytes[2] << 32 |
			  (uint64_t)bytes[3] << 48;
	uint64_t letters;

	halves = (halves >> 4 & 0x000f000f000f000fU) | (halves & 0x000f000f000f000fU) << 8;
	letters = (halves + EACH(6)) >> 4 & EACH(1);
	halves += EACH('0') + letters * ('a' - '0' - 10);
	halves = htole64(halves);
	memcpy(ret_out, &halves, sizeof(halves));
}

void text_hex(const uint8_t *bytes, size_t size, char *ret_out)
{
	static const char digits[] = "0123456789abcdef";
	size_t i = 0;

	for (; size - i >= 4; i += 4)
		put_hex(bytes + i, ret_out + 2 * i);
	for (; i < size; i++) {
		ret_out[2 * i] = digits[bytes[i] >> 4];
		ret_out[2 * i + 1] = digits[bytes[i] & 0xf];
	}
	ret_out[2 * size] = '\0';
}
