// SPDX-License-Identifier: BSD-2-Clause
#include "unit.h"

#include "base/text.h"

#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BAD "\xef\xbf\xbd" /* U+FFFD */

struct text_case {
	const char *in;
	const char *valid;    /* by text_valid_utf8() */
	const char *terminal; /* by text_for_terminal(); NULL: as `valid` */
};

static const struct text_case cases[] = {
	{ "", "", NULL },
	{ "nginx", "nginx", NULL },
	{ " a  b ", " a  b ", NULL },
	{ "\"quotes\" 'and' %s%n", "\"quotes\" 'and' %s%n", NULL },
	{ "back\\slash", "back\\slash", "back\\\\slash" },
	{ "\\x1b", "\\x1b", "\\\\x1b" },
	/* well-formed: the first and last of each length */
	{ "\xc2\xa0", "\xc2\xa0", NULL },
	{ "\xdf\xbf", "\xdf\xbf", NULL },
	{ "\xe0\xa0\x80", "\xe0\xa0\x80", NULL },
	{ "\xed\x9f\xbf", "\xed\x9f\xbf", NULL },
	{ "\xee\x80\x80", "\xee\x80\x80", "\\u{e000}" },
	{ "\xef\xbf\xbd", "\xef\xbf\xbd", NULL },
	{ "\xef\xbf\xbf", "\xef\xbf\xbf", "\\u{ffff}" },
	{ "\xf0\x90\x80\x80", "\xf0\x90\x80\x80", NULL },
	{ "\xf3\x9f\xbf\xbd", "\xf3\x9f\xbf\xbd", NULL },
	{ "\xf4\x8f\xbf\xbf", "\xf4\x8f\xbf\xbf", "\\u{10ffff}" },
	{ "gr\xc3\xbc\xc3\x9f \xe2\x9c\x93 \xf0\x9f\x98\x80",
	  "gr\xc3\xbc\xc3\x9f \xe2\x9c\x93 \xf0\x9f\x98\x80", NULL },
	/* continuation bytes without a start, starts without continuation */
	{ "\x80", BAD, NULL },
	{ "\xbf\xbf", BAD BAD, NULL },
	{ "\xc3", BAD, NULL },
	{ "\xc3x", BAD "x", NULL },
	{ "\xe2\x9c", BAD BAD, NULL },
	{ "\xe2\x9cx", BAD BAD "x", NULL },
	{ "\xf0\x9f\x98", BAD BAD BAD, NULL },
	{ "\xf0\x9f\x98\xc3\xbc", BAD BAD BAD "\xc3\xbc", NULL },
	/* overlong */
	{ "\xc0\x80", BAD BAD, NULL },
	{ "\xc0\xaf", BAD BAD, NULL },
	{ "\xc1\xbf", BAD BAD, NULL },
	{ "\xe0\x80\xaf", BAD BAD BAD, NULL },
	{ "\xe0\x9f\xbf", BAD BAD BAD, NULL },
	{ "\xf0\x80\x80\xaf", BAD BAD BAD BAD, NULL },
	{ "\xf0\x8f\xbf\xbf", BAD BAD BAD BAD, NULL },
	{ "\xf8\x80\x80\x80\xaf", BAD BAD BAD BAD BAD, NULL },
	{ "\xfc\x80\x80\x80\x80\xaf", BAD BAD BAD BAD BAD BAD, NULL },
	/* surrogates, and what lies above U+10FFFF */
	{ "\xed\xa0\x80", BAD BAD BAD, NULL },
	{ "\xed\xbf\xbf", BAD BAD BAD, NULL },
	{ "\xed\xa0\xbd\xed\xb8\x80", BAD BAD BAD BAD BAD BAD, NULL },
	{ "\xf4\x90\x80\x80", BAD BAD BAD BAD, NULL },
	{ "\xf5\x80\x80\x80", BAD BAD BAD BAD, NULL },
	{ "\xfe\xff", BAD BAD, NULL },
	/* controls of a terminal: C0, DEL, C1 */
	{ "a\nb", "a\nb", "a\\x0ab" },
	{ "\x01\x1f", "\x01\x1f", "\\x01\\x1f" },
	{ "\t\r\b\a", "\t\r\b\a", "\\x09\\x0d\\x08\\x07" },
	{ "\033[2J", "\033[2J", "\\x1b[2J" },
	{ "\x7f", "\x7f", "\\x7f" },
	{ "\xc2\x80", "\xc2\x80", "\\x80" },
	{ "\xc2\x9b"
	  "31m",
	  "\xc2\x9b"
	  "31m",
	  "\\x9b"
	  "31m" },
	{ "\xc2\x9f", "\xc2\x9f", "\\x9f" },
	{ "\x9b"
	  "31m",
	  BAD "31m", NULL },
	/* line and paragraph separator, marks of direction, invisible characters */
	{ "\xe2\x80\xa8\xe2\x80\xa9", "\xe2\x80\xa8\xe2\x80\xa9", "\\u{2028}\\u{2029}" },
	{ "\xe2\x80\x8e\xe2\x80\x8f", "\xe2\x80\x8e\xe2\x80\x8f", "\\u{200e}\\u{200f}" },
	{ "\xe2\x80\xaa\xe2\x80\xae", "\xe2\x80\xaa\xe2\x80\xae", "\\u{202a}\\u{202e}" },
	{ "\xe2\x81\xa6\xe2\x81\xa9", "\xe2\x81\xa6\xe2\x81\xa9", "\\u{2066}\\u{2069}" },
	{ "\xd8\x9c", "\xd8\x9c", "\\u{061c}" },
	{ "\xe2\x80\x8b", "\xe2\x80\x8b", "\\u{200b}" },
	{ "\xef\xbb\xbf", "\xef\xbb\xbf", "\\u{feff}" },
	{ "\xf3\xa0\x81\x81", "\xf3\xa0\x81\x81", "\\u{e0041}" },
	{ "\xc2\xad", "\xc2\xad", "\\xad" },
	{ "\xcd\x8f", "\xcd\x8f", "\\u{034f}" },
	{ "\xe1\x85\x9f", "\xe1\x85\x9f", "\\u{115f}" },
	{ "\xe2\x81\xa0\xe2\x81\xaf", "\xe2\x81\xa0\xe2\x81\xaf", "\\u{2060}\\u{206f}" },
	{ "\xef\xb8\x8f", "\xef\xb8\x8f", "\\u{fe0f}" },
	{ "\xef\xbf\xb9", "\xef\xbf\xb9", "\\u{fff9}" },
};

static const char *terminal_of(const struct text_case *c)
{
	return c->terminal ? c->terminal : c->valid;
}

static void test_cases(void **state)
{
	char out[256];

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		text_valid_utf8(cases[i].in, out, sizeof(out));
		assert_string_equal(out, cases[i].valid);
		text_for_terminal(cases[i].in, out, sizeof(out));
		assert_string_equal(out, terminal_of(&cases[i]));
	}
}

/* Whether `cut` is `whole` without some pieces at its end. */
static bool ends_at_a_piece(const char *whole, const char *cut, bool terminal)
{
	const unsigned char *next = (const unsigned char *)whole + strlen(cut);
	size_t backslashes = 0;

	if (strncmp(whole, cut, strlen(cut)) != 0 || (*next & 0xc0) == 0x80)
		return false;
	if (!terminal || !*next)
		return true;
	/* an escape is cut off completely: none is left without its last letter */
	for (const char *at = cut; *at; at++) {
		backslashes = 0;
		if (*at != '\\')
			continue;
		if (at[1] == '\\')
			at++;
		else if (at[1] == 'x' && at[2] && at[3])
			at += 3;
		else if (at[1] == 'u' && strchr(at, '}'))
			at = strchr(at, '}');
		else
			backslashes = 1;
		if (backslashes)
			return false;
	}
	return true;
}

/* Applying it again changes nothing, and text that did not go through it is made safe, too. */
static void test_again(void **state)
{
	char once[1024], out[1024];

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		text_for_terminal(cases[i].in, once, sizeof(once));
		text_for_terminal_again(once, out, sizeof(out));
		assert_string_equal(out, once);
	}
	text_for_terminal_again("\\x1b\x1b[2J\n\x7f\xff", out, sizeof(out));
	assert_string_equal(out, "\\x1b\\x1b[2J\\x0a\\x7f" BAD);
}

/* In place, one byte for each. */
static void test_disarm(void **state)
{
	static const char *const pairs[][2] = {
		{ "", "" },
		{ "gr\xc3\xbc\xc3\x9f \xe2\x9c\x93 \\x1b",
		  "gr\xc3\xbc\xc3\x9f \xe2\x9c\x93 \\x1b" },
		{ "\033[2J\n", "?[2J?" },
		{ "\x9b\xff\xc2\x9b", "????" },
		{ "a\xe2\x80\xae", "a???" },
		{ "cut \xe2\x9c", "cut ??" },
		{ "\xf3\xa0\x81\x81!", "????"
				       "!" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(pairs); i++) {
		char *text = strdup(pairs[i][0]);

		assert_non_null(text);
		text_disarm(text);
		assert_string_equal(text, pairs[i][1]);
		free(text);
	}
}

/* Every size, with the address sanitizer behind the last byte. */
static void test_cut_at_every_size(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		for (size_t size = 1; size <= strlen(terminal_of(&cases[i])) + 2; size++) {
			char *out = malloc(size);

			assert_non_null(out);
			text_valid_utf8(cases[i].in, out, size);
			assert_true(memchr(out, '\0', size) != NULL);
			assert_true(ends_at_a_piece(cases[i].valid, out, false));
			if (size > strlen(cases[i].valid))
				assert_string_equal(out, cases[i].valid);
			text_for_terminal(cases[i].in, out, size);
			assert_true(memchr(out, '\0', size) != NULL);
			assert_true(ends_at_a_piece(terminal_of(&cases[i]), out, true));
			if (size > strlen(terminal_of(&cases[i])))
				assert_string_equal(out, terminal_of(&cases[i]));
			free(out);
		}
	}
	text_valid_utf8("abc", NULL, 0);
	text_for_terminal("abc", NULL, 0);
}

static void test_cut_fills_what_fits(void **state)
{
	char out[8];

	(void)state;
	text_valid_utf8("abcdefgh", out, sizeof(out));
	assert_string_equal(out, "abcdefg");
	text_valid_utf8("abcdef\xc3\xbc", out, sizeof(out));
	assert_string_equal(out, "abcdef");
	text_valid_utf8("abcde\xc3\xbc", out, sizeof(out));
	assert_string_equal(out, "abcde\xc3\xbc");
	text_valid_utf8("abcde\xff", out, sizeof(out)); /* three bytes for one */
	assert_string_equal(out, "abcde");
	text_for_terminal("abcd\n", out, sizeof(out));
	assert_string_equal(out, "abcd");
	text_for_terminal("abc\n", out, sizeof(out));
	assert_string_equal(out, "abc\\x0a");
}

static bool is_well_formed(const char *text)
{
	char again[4096];

	text_valid_utf8(text, again, sizeof(again));
	return !strcmp(text, again);
}

/* Every byte sequence becomes well-formed UTF-8 without control characters. */
static void test_any_bytes(void **state)
{
	static const char tricky[] = "\x1b\n\x7f\\\x80\xbf\xc0\xc2\xe0\xe2\xed\xf0\xf4\xff"
				     "a\x9b\xa0\x80\xae\xa8";
	uint32_t seed = 1;
	char in[64], out[1024];

	(void)state;
	for (int round = 0; round < 100000; round++) {
		size_t length;

		for (length = 0; length < sizeof(in) - 1 && (length < 4 || seed >> 27); length++) {
			seed = seed * 1664525 + 1013904223;
			in[length] = seed & 0x100 ? tricky[(seed >> 16) % (sizeof(tricky) - 1)]
						  : (char)(1 + (seed >> 16) % 255);
		}
		in[length] = '\0';
		text_valid_utf8(in, out, sizeof(out));
		assert_true(is_well_formed(out));
		text_for_terminal(in, out, sizeof(out));
		assert_true(is_well_formed(out));
		text_disarm(in);
		assert_true(is_well_formed(in));
		for (const char *at = out; *at; at++) {
			assert_true((unsigned char)*at >= 0x20 && *at != 0x7f);
			/* C1 in UTF-8 is C2 80 to C2 9F */
			assert_false((unsigned char)at[0] == 0xc2 && (unsigned char)at[1] < 0xa0);
		}
	}
}

static void test_bytes(void **state)
{
	static const struct {
		unsigned long long bytes;
		const char *text;
	} sizes[] = {
		{ 0, "0 B" },
		{ 1, "1 B" },
		{ 1023, "1023 B" },
		{ 1024, "1.0 KiB" },
		{ 1536, "1.5 KiB" },
		{ 1048524, "1023.9 KiB" },
		{ 1048575, "1.0 MiB" },
		{ 33449574, "31.9 MiB" },
		{ 1ULL << 30, "1.0 GiB" },
		{ 1ULL << 40, "1.0 TiB" },
		{ 1ULL << 50, "1.0 PiB" },
		{ 1ULL << 60, "1.0 EiB" },
		{ ULLONG_MAX, "16.0 EiB" },
	};
	char out[32], tight[4];

	(void)state;
	for (size_t i = 0; i < COUNT(sizes); i++)
		assert_string_equal(text_bytes(sizes[i].bytes, out, sizeof(out)), sizes[i].text);
	assert_string_equal(text_bytes(123456, tight, sizeof(tight)), "120");
}

/* Any byte at any place of a text of any short length, which ends where its memory does. */
static void test_plain_length(void **state)
{
	static const char others[] = { '"', '\\' };

	(void)state;
	for (size_t size = 0; size < 40; size++) {
		char *text = malloc(size ? size : 1);

		assert_non_null(text);
		for (size_t at = 0; at < size; at++)
			for (int byte = 0; byte < 256; byte++) {
				const char other = others[byte % 2];
				const bool plain = byte >= ' ' && byte < 0x7f && byte != '\\' &&
						   (char)byte != other;

				memset(text, '~', size);
				text[at] = (char)byte;
				assert_int_equal(text_plain_length(text, size, other),
						 plain ? size : at);
			}
		free(text);
	}
}

static void test_hex(void **state)
{
	uint8_t bytes[256];

	(void)state;
	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (uint8_t)i;
	for (size_t size = 0; size <= sizeof(bytes); size++) {
		char *text = malloc(2 * size + 1), digits[3];

		assert_non_null(text);
		text_hex(bytes, size, text);
		assert_int_equal(strlen(text), 2 * size);
		for (size_t i = 0; i < size; i++) {
			(void)snprintf(digits, sizeof(digits), "%02x", bytes[i]);
			assert_memory_equal(text + 2 * i, digits, 2);
		}
		free(text);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cases),
		cmocka_unit_test(test_again),
		cmocka_unit_test(test_disarm),
		cmocka_unit_test(test_cut_at_every_size),
		cmocka_unit_test(test_cut_fills_what_fits),
		cmocka_unit_test(test_any_bytes),
		cmocka_unit_test(test_bytes),
		cmocka_unit_test(test_plain_length),
		cmocka_unit_test(test_hex),
	};

	return cmocka_run_group_tests_name("text", tests, NULL, NULL);
}
