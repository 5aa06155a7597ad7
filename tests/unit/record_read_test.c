// SPDX-License-Identifier: BSD-2-Clause
/* Lines of JSON that anybody can have written: ours are used as they are, others are not. */
#include "unit.h"

#include "line/record_read.h"

#include <stdlib.h>
#include <string.h>

#include "decode/decode.h"
#include "explain/explain.h"
#include "scenarios.h"
#include "line/json_record.h"
#include "line/json_tree.h"

#define WINDOW_NS 1000000000ULL

static const struct origin origin = { .boot_id = "boot", .node = "node" };

static char *again(const char *line)
{
	json_t *record = record_read(line);
	char *text = record ? json_tree_line(record) : NULL;

	json_decref(record);
	return text;
}

static void check_scenario(const struct scenario *scenario, void *context)
{
	static struct record_builder builder;
	static struct attribution whose;
	static struct report report;
	static struct death death;
	struct frame frame;
	char *line, *taken;
	size_t size;
	int *wrong = context;

	scenario_build(scenario, STACKS_NAMED, &builder);
	frame = builder_frame(&builder);
	assert_int_equal(decode_frame(&frame, NULL, &death), 0);
	attribution_read(&death, &whose);
	explain_death(&origin, &death, &whose, WINDOW_NS, &report);
	line = json_record_of_death(&report, &size);
	assert_non_null(line);
	taken = again(line);
	if (!taken || strcmp(taken, line) != 0) {
		print_error("%s: %.300s\n", scenario->name, line);
		++*wrong;
	}
	free(taken);
	free(line);
}

/* Fails if the schema has a keyword that this reader does not know. */
static void test_ours_are_taken_as_they_are(void **state)
{
	const struct losses losses = { .count = { [LOSS_RING_FULL] = 3 } };
	size_t size;
	char *line = json_record_of_losses(&origin, &losses, 1700000000000000000, &size), *taken;
	int wrong = 0;

	(void)state;
	scenario_each(check_scenario, &wrong);
	assert_int_equal(wrong, 0);
	taken = again(line);
	assert_non_null(taken);
	assert_string_equal(taken, line);
	free(taken);
	free(line);
}

#define HEAD "{\"schema\":1,\"time\":\"2026-11-20T00:00:00.000000000Z\",\"node\":\"n\","
#define LOST HEAD "\"lost\":{\"ring_full\":3}}"

static void test_others(void **state)
{
	static const char *const refused[] = {
		"",
		"x",
		"[]",
		"1",
		"{}",
		HEAD "\"lost\":{}}",
		HEAD "\"lost\":{\"ring_full\":0}}",
		HEAD "\"lost\":{\"ring_full\":\"3\"}}",
		HEAD "\"lost\":{\"ring_full\":99999999999999999999}}",
		HEAD "\"cause\":\"sigkill\"}",
		LOST LOST,
		LOST "\n" LOST,
		"{\"schema\":2,\"time\":\"2026-11-20T00:00:00.000000000Z\",\"node\":\"n\",\"lost\":{\"ring_full\":3}}",
		"{\"schema\":1,\"time\":\"2026-11-20T00:00:00.000000000Z\\n\",\"node\":\"n\",\"lost\":{\"ring_full\":3}}",
		"{\"schema\":1,\"time\":\"now\",\"node\":\"n\",\"lost\":{\"ring_full\":3}}",
		"{\"schema\":1,\"time\":\"2026-11-20T00:00:00.000000000Z\",\"node\":\"\",\"lost\":{\"ring_full\":3}}",
	};
	static const char *const made[][2] = {
		{ LOST, LOST "\n" },
		{ " " LOST "\n", LOST "\n" },
		/* from a newer killtrace */
		{ HEAD "\"more\":[{}],\"lost\":{\"ring_full\":3,\"a\\u001b\":1}}", LOST "\n" },
		{ "{\"schema\":1,\"time\":\"2026-11-20T00:00:00.000000000Z\",\"node\":\"\x7f\xc2\x9b\","
		  "\"lost\":{\"ring_full\":3}}",
		  "{\"schema\":1,\"time\":\"2026-11-20T00:00:00.000000000Z\",\"node\":\"\\u007f\\u009B\","
		  "\"lost\":{\"ring_full\":3}}\n" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(refused); i++)
		assert_null(record_read(refused[i]));
	for (size_t i = 0; i < COUNT(made); i++) {
		char *line = again(made[i][0]);

		assert_non_null(line);
		assert_string_equal(line, made[i][1]);
		free(line);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ours_are_taken_as_they_are),
		cmocka_unit_test(test_others),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
