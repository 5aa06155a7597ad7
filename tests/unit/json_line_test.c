// SPDX-License-Identifier: BSD-2-Clause
/* Lines of JSON compared with jansson, which writes the same values: identical to the byte. */
#include "unit.h"

#include "line/json_line.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "line/json_tree.h"

#define ROUNDS 20000

/* jansson's text for {"k": value}; takes the reference. */
static void expect_as_jansson(struct json_line *line, json_t *value)
{
	json_t *tree = json_object();
	size_t size = 0;
	char *made, *wanted;

	if (value)
		json_tree_put(tree, "k", value);
	wanted = json_tree_line(tree);
	made = json_line_end(line, &size);
	assert_non_null(made);
	assert_string_equal(made, wanted);
	assert_int_equal(size, strlen(wanted));
	free(made);
	free(wanted);
	json_decref(tree);
}

static void try_text(const char *text)
{
	char clean[4096];
	struct json_line line;

	json_line_begin(&line);
	json_line_text(&line, "k", text);
	text_valid_utf8(text, clean, sizeof(clean));
	expect_as_jansson(&line, *text ? json_string(clean) : NULL);
}

static void test_every_point(void **state)
{
	(void)state;
	for (uint32_t point = 1; point < 0x110000; point += point < 0x3000 ? 1 : 251) {
		char quoted[24];
		json_t *value;

		/* decoded by jansson, too; half a surrogate pair is not a character */
		if (point >= 0xd800 && point < 0xe000)
			continue;
		if (point < 0x10000)
			(void)snprintf(quoted, sizeof(quoted), "\"\\u%04x\"", point);
		else
			(void)snprintf(quoted, sizeof(quoted), "\"\\u%04x\\u%04x\"",
				       0xd800 + ((point - 0x10000) >> 10),
				       0xdc00 + ((point - 0x10000) & 0x3ff));
		value = json_loads(quoted, JSON_DECODE_ANY, NULL);
		assert_non_null(value);
		try_text(json_string_value(value));
		json_decref(value);
	}
}

/* Random bytes, with special ones more often. */
static void test_any_bytes(void **state)
{
	static const char special[] =
		"\"\\/\b\f\n\r\t\x01\x1f\x7f\x80\xbf\xc0\xc2\xe0\xed\xa0\xef\xbf\xbd\xf0\xf4\xff";
	char text[300];

	(void)state;
	srand(1);
	for (int i = 0; i < ROUNDS; i++) {
		size_t length = (size_t)rand() % (sizeof(text) - 1);

		for (size_t j = 0; j < length; j++) {
			int byte = rand() % 3 ? special[(size_t)rand() % (sizeof(special) - 1)]
					      : rand() % 255 + 1;

			text[j] = (char)byte;
		}
		text[length] = '\0';
		try_text(text);
	}
}

static void test_numbers(void **state)
{
	static const int64_t numbers[] = {
		0, 1, -1, 9, 10, 12345, -987654321, INT64_MAX, INT64_MIN
	};
	struct json_line line;

	(void)state;
	for (size_t i = 0; i < COUNT(numbers); i++) {
		json_line_begin(&line);
		json_line_signed(&line, "k", numbers[i]);
		expect_as_jansson(&line, json_integer(numbers[i]));
		json_line_begin(&line);
		json_line_number(&line, "k", (uint64_t)numbers[i]);
		expect_as_jansson(&line, json_integer(numbers[i]));
	}
	json_line_begin(&line);
	json_line_hex(&line, "k", 0);
	expect_as_jansson(&line, json_string("0x0"));
	json_line_begin(&line);
	json_line_hex(&line, "k", UINT64_MAX);
	expect_as_jansson(&line, json_string("0xffffffffffffffff"));
}

static void test_reals(void **state)
{
	static const double reals[] = { 0,
					1,
					0.1,
					1e-6,
					5e-5,
					123456.789012,
					1e15,
					1e300,
					-2.5,
					1e-300,
					4294967295.999999,
					1.0 / 3 };
	struct json_line line;

	(void)state;
	for (size_t i = 0; i < COUNT(reals); i++) {
		json_line_begin(&line);
		json_line_real(&line, "k", reals[i]);
		expect_as_jansson(&line, json_real(reals[i]));
	}
	/* a value that is not a number is unknown */
	json_line_begin(&line);
	json_line_real(&line, "k", (double)NAN);
	expect_as_jansson(&line, NULL);
}

/* Microseconds as seconds, which it writes itself. */
static void try_us(uint64_t us)
{
	const double value = (double)us / 1e6;
	struct json_line line;

	json_line_begin(&line);
	json_line_real(&line, "k", value);
	expect_as_jansson(&line, json_real(value));
}

static void test_microseconds(void **state)
{
	(void)state;
	for (uint64_t us = 0; us < 12000; us++)
		try_us(us);
	for (uint64_t power = 1; power < 10000000000000000U; power *= 10)
		for (int i = -3; i <= 3; i++)
			try_us(power + (uint64_t)i);
	srand(1);
	for (int i = 0; i < ROUNDS; i++)
		try_us(((uint64_t)rand() << 31 | (uint64_t)rand()) >> rand() % 62);
}

static void test_nothing_known(void **state)
{
	struct json_line line;
	size_t opened, inner;

	(void)state;
	json_line_begin(&line);
	json_line_text(&line, "k", NULL);
	json_line_text(&line, "k", "");
	opened = json_line_open(&line, "o");
	inner = json_line_open_list(&line, "l");
	json_line_close_list(&line, inner);
	json_line_close(&line, opened);
	expect_as_jansson(&line, NULL);
}

static void test_nested(void **state)
{
	struct json_line line;
	size_t list, entry, inner;

	(void)state;
	json_line_begin(&line);
	list = json_line_open_list(&line, "k");
	json_line_item(&line, "{[");
	for (int i = 0; i < 2; i++) {
		entry = json_line_open(&line, NULL);
		json_line_text(&line, "a", "}]{");
		json_line_bool(&line, "b", i);
		inner = json_line_open(&line, "nothing");
		json_line_close(&line, inner);
		inner = json_line_open(&line, "c");
		json_line_signed(&line, "d", i);
		json_line_close(&line, inner);
		json_line_close(&line, entry);
	}
	json_line_close_list(&line, list);
	expect_as_jansson(&line,
			  json_pack("[s,{s:s,s:b,s:{s:i}},{s:s,s:b,s:{s:i}}]", "{[", "a", "}]{",
				    "b", 0, "c", "d", 0, "a", "}]{", "b", 1, "c", "d", 1));
}

/* It grows as needed. */
static void test_long(void **state)
{
	struct json_line line;
	json_t *list = json_array();
	size_t opened;

	(void)state;
	json_line_begin(&line);
	opened = json_line_open_list(&line, "k");
	for (int i = 0; i < 5000; i++) {
		json_line_item(&line, "\xff\x01 and more");
		(void)json_array_append_new(list, json_string("\xef\xbf\xbd\x01 and more"));
	}
	json_line_close_list(&line, opened);
	expect_as_jansson(&line, list);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_point),  cmocka_unit_test(test_any_bytes),
		cmocka_unit_test(test_numbers),      cmocka_unit_test(test_reals),
		cmocka_unit_test(test_microseconds), cmocka_unit_test(test_nothing_known),
		cmocka_unit_test(test_nested),       cmocka_unit_test(test_long),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
