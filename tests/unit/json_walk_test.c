// SPDX-License-Identifier: BSD-2-Clause
/* Lines read in place: the same content as jansson reads, and no line in a foreign form. */
#include "unit.h"

#include "line/json_walk.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "decode/decode.h"
#include "explain/explain.h"
#include "line/json_record.h"
#include "line/json_tree.h"
#include "scenarios.h"

#define WINDOW_NS 1000000000ULL

// NOLINTBEGIN(misc-no-recursion): as deep as the lines of this test
static void expect_same(const struct json_walk_value *value, const json_t *tree);

static void expect_same_text(const struct json_walk_value *text, const char *plain)
{
	char *have = malloc(text->size + 1);

	assert_int_equal(text->kind, JSON_WALK_TEXT);
	assert_int_equal(json_walk_decode(text, have), strlen(plain));
	assert_string_equal(have, plain);
	free(have);
}

static void expect_same_object(const struct json_walk_value *object, const json_t *tree)
{
	struct json_walk walk = json_walk_into(object);
	struct json_walk_value key, value;
	void *at = json_object_iter((json_t *)tree);

	for (; json_walk_next(&walk, &key, &value);
	     at = json_object_iter_next((json_t *)tree, at)) {
		assert_non_null(at);
		expect_same_text(&key, json_object_iter_key(at));
		expect_same(&value, json_object_iter_value(at));
	}
	assert_null(at);
}

static void expect_same_list(const struct json_walk_value *list, const json_t *tree)
{
	struct json_walk walk = json_walk_into(list);
	struct json_walk_value key, value;
	size_t i = 0;

	for (; json_walk_next(&walk, &key, &value); i++) {
		assert_int_equal(key.kind, JSON_WALK_NOTHING);
		expect_same(&value, json_array_get(tree, i));
	}
	assert_int_equal(i, json_array_size(tree));
}

static void expect_same(const struct json_walk_value *value, const json_t *tree)
{
	static const enum json_walk_kind kinds[] = {
		[JSON_OBJECT] = JSON_WALK_OBJECT, [JSON_ARRAY] = JSON_WALK_LIST,
		[JSON_STRING] = JSON_WALK_TEXT,   [JSON_INTEGER] = JSON_WALK_INTEGER,
		[JSON_REAL] = JSON_WALK_REAL,     [JSON_TRUE] = JSON_WALK_TRUE,
		[JSON_FALSE] = JSON_WALK_FALSE,   [JSON_NULL] = JSON_WALK_NULL,
	};

	assert_non_null(tree);
	assert_int_equal(value->kind, kinds[json_typeof(tree)]);
	if (json_is_object(tree))
		expect_same_object(value, tree);
	else if (json_is_array(tree))
		expect_same_list(value, tree);
	else if (json_is_string(tree))
		expect_same_text(value, json_string_value(tree));
	else if (json_is_integer(tree))
		assert_int_equal(strtoll(value->at, NULL, 10), json_integer_value(tree));
	else if (json_is_real(tree))
		assert_true(strtod(value->at, NULL) == json_real_value(tree));
}

// NOLINTEND(misc-no-recursion)

static void expect_read(const char *line)
{
	json_t *tree = json_loads(line, JSON_REJECT_DUPLICATES, NULL);
	struct json_walk_value value;

	assert_non_null(tree);
	if (!json_walk_line(line, strlen(line), &value))
		fail_msg("refused: %s", line);
	expect_same(&value, tree);
	json_decref(tree);
}

static void walk_scenario(const struct scenario *scenario, void *context)
{
	static const struct origin origin = { .boot_id = "boot", .node = "node" };
	static struct record_builder builder;
	static struct death death;
	static struct report report;
	static struct attribution whose;
	struct frame frame;
	size_t size;
	char *line;

	(void)context;
	scenario_build(scenario, STACKS_NAMED, &builder);
	frame = builder_frame(&builder);
	assert_int_equal(decode_frame(&frame, NULL, &death), 0);
	attribution_read(&death, &whose);
	explain_death(&origin, &death, &whose, WINDOW_NS, &report);
	line = json_record_of_death(&report, &size);
	expect_read(line);
	free(line);
}

static void test_scenarios(void **state)
{
	(void)state;
	scenario_each(walk_scenario, NULL);
}

static void test_taken(void **state)
{
	static const char *const taken[] = {
		"{}",
		"{}\n",
		"{\"\":\"\"}",
		"{\"a\":{},\"b\":[],\"c\":[[],{},[{}]],\"d\":{\"e\":{\"f\":[1]}}}",
		"{\"a\":[null,true,false,0,-0,-1,1.5,-0.25,1e5,1.0e-5,123456789012345678901.5]}",
		"{\"a\":9223372036854775807,\"b\":-9223372036854775808,\"c\":999999999999999999}",
		"{\"a\":\"\\\"\\\\\\b\\f\\n\\r\\t\\u007f\\u00E4\\u20aC\\uD83D\\uDE00 }],\"}",
		"{\"\\\"},{\":\"\\\\\"}",
	};

	(void)state;
	for (size_t i = 0; i < COUNT(taken); i++)
		expect_read(taken[i]);
}

static void test_refused(void **state)
{
	static const char *const refused[] = {
		"",
		"\n",
		"x",
		"7",
		"\"a\"",
		"[]",
		"null",
		/* not in our form */
		" {}",
		"{} ",
		"{}\n\n",
		"{ }",
		"{\"a\" :1}",
		"{\"a\": 1}",
		"{\"a\":1 }",
		"{}{}",
		"{\"a\":\"\x7f\"}",
		"{\"a\":\"\t\"}",
		"{\"a\":\"\xc3\xa4\"}",
		"{\"a\":\"\\/\"}",
		"{\"a\":1E5}",
		"{\"a\":1e+5}",
		/* not JSON */
		"{",
		"}",
		"{\"a",
		"{\"a\"",
		"{\"a\"}",
		"{\"a\":",
		"{\"a\":}",
		"{\"a\":1",
		"{\"a\":1,",
		"{\"a\":1,}",
		"{,}",
		"{\"a\":1]",
		"{\"a\":[1}",
		"{\"a\":[1,]}",
		"{\"a\":[,1]}",
		"{\"a\":[1 2]}",
		"{\"a\":[\"b\":1]}",
		"{1:2}",
		"{\"a\":{\"b\"}}",
		"{\"a\":\"b}",
		"{\"a\":\"\\\"}",
		"{\"a\":\"\\",
		"{\"a\":\"\\u12\"}",
		"{\"a\":\"\\u12g4\"}",
		"{\"a\":\"\\x\"}",
		"{\"a\":\"\\u0000\"}",
		"{\"a\":\"\\ud800\"}",
		"{\"a\":\"\\ud800\\u0041\"}",
		"{\"a\":\"\\udc00\"}",
		"{\"a\":tru}",
		"{\"a\":truer}",
		"{\"a\":nul",
		"{\"a\":-}",
		"{\"a\":01}",
		"{\"a\":-01}",
		"{\"a\":1.}",
		"{\"a\":.5}",
		"{\"a\":1e}",
		"{\"a\":1e-}",
		"{\"a\":+1}",
		"{\"a\":0x1}",
		"{\"a\":1.5.5}",
		"{\"a\":NaN}",
		/* too large, or longer than any line of ours */
		"{\"a\":1e999}",
		"{\"a\":-1.5e309}",
		"{\"a\":0.000000000000000000000000000000000001}",
		"{\"a\":9223372036854775808}",
		"{\"a\":-9223372036854775809}",
		"{\"a\":10000000000000000000}",
		"{\"a\":123456789012345678901234567890}",
	};

	(void)state;
	for (size_t i = 0; i < COUNT(refused); i++) {
		/* of exactly that size, so that the sanitizer sees reads behind it */
		size_t size = strlen(refused[i]);
		char *line = malloc(size + !size);
		struct json_walk_value value;

		memcpy(line, refused[i], size);
		if (json_walk_line(line, size, &value))
			fail_msg("taken: %s", refused[i]);
		free(line);
	}
}

/* Cut at any place. */
static void test_cut(void **state)
{
	static const char whole[] =
		"{\"a\":[1,{\"b\":\"\\uD83D\\uDE00\\n\"},-2.5e-3],\"c\":null,\"d\":true}";

	(void)state;
	expect_read(whole);
	for (size_t size = 0; size < sizeof(whole) - 1; size++) {
		char *line = malloc(size + !size);
		struct json_walk_value value;

		memcpy(line, whole, size);
		assert_false(json_walk_line(line, size, &value));
		free(line);
	}
}

static void nest(char *line, int depth)
{
	size_t size = 5;

	memcpy(line, "{\"a\":", size);
	memset(line + size, '[', (size_t)depth);
	memset(line + size + depth, ']', (size_t)depth);
	size += 2 * (size_t)depth;
	memcpy(line + size, "}", 2);
}

static void test_depth(void **state)
{
	static char line[8192];
	struct json_walk_value value;

	(void)state;
	nest(line, 2047);
	expect_read(line);
	nest(line, 2048);
	assert_false(json_walk_line(line, strlen(line), &value));
}

static void test_members(void **state)
{
	static const char line[] = "{\"a\":1,\"b\":{\"a\":\"x\"},\"a\":2,\"ab\":3,\"l\":[\"a\"]}";
	struct json_walk_value record, value, inner;

	(void)state;
	assert_true(json_walk_line(line, sizeof(line) - 1, &record));
	value = json_walk_member(&record, "a");
	assert_int_equal(value.kind, JSON_WALK_INTEGER);
	assert_memory_equal(value.at, "2", value.size);
	value = json_walk_member(&record, "b");
	inner = json_walk_member(&value, "a");
	assert_true(json_walk_is(&inner, "x"));
	assert_false(json_walk_is(&inner, ""));
	assert_false(json_walk_is(&value, "x"));
	assert_int_equal(json_walk_member(&inner, "a").kind, JSON_WALK_NOTHING);
	assert_int_equal(json_walk_member(&record, "c").kind, JSON_WALK_NOTHING);
	value = json_walk_member(&record, "l");
	assert_int_equal(json_walk_member(&value, "a").kind, JSON_WALK_NOTHING);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_scenarios), cmocka_unit_test(test_taken),
		cmocka_unit_test(test_refused),   cmocka_unit_test(test_cut),
		cmocka_unit_test(test_depth),     cmocka_unit_test(test_members),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
