// SPDX-License-Identifier: BSD-2-Clause
#include "unit.h"

#include "otlp/otlp_answer.h"

#include <stdbool.h>
#include <string.h>

/* The table in the specification: these four statuses and a missing answer deserve another try. */
static void test_outcomes(void **state)
{
	static const long again[] = { 0, 429, 502, 503, 504 };

	(void)state;
	for (long status = 0; status < 1000; status++) {
		const struct http_answer answer = { .status = status };
		enum otlp_outcome want = status >= 200 && status < 300 ? OTLP_TAKEN : OTLP_REFUSED;

		for (size_t i = 0; i < COUNT(again); i++)
			if (again[i] == status)
				want = OTLP_AGAIN;
		assert_int_equal(otlp_answer_outcome(&answer), want);
	}
}

static const struct {
	const char *body;
	unsigned int rejected; /* out of ten */
} bodies[] = {
	{ "", 0 },
	{ "{}", 0 },
	{ "garbage", 0 },
	{ "[]", 0 },
	{ "{\"partialSuccess\":{}}", 0 },
	{ "{\"partialSuccess\":[]}", 0 },
	{ "{\"partialSuccess\":{\"rejectedLogRecords\":\"3\",\"errorMessage\":\"x\"}}", 3 },
	{ "{\"partialSuccess\":{\"rejectedLogRecords\":3}}", 3 },
	{ "{\"partialSuccess\":{\"rejectedLogRecords\":\"0\",\"errorMessage\":\"a warning\"}}", 0 },
	{ "{\"partialSuccess\":{\"rejectedLogRecords\":\"-3\"}}", 0 },
	{ "{\"partialSuccess\":{\"rejectedLogRecords\":-3}}", 0 },
	{ "{\"partialSuccess\":{\"rejectedLogRecords\":11}}", 10 },
	{ "{\"partialSuccess\":{\"rejectedLogRecords\":\"99999999999999999999\"}}", 0 },
	{ "{\"partialSuccess\":{\"rejectedLogRecords\":\"3x\"}}", 0 },
	{ "{\"partialSuccess\":{\"rejectedLogRecords\":\" 3\"}}", 0 },
	{ "{\"partialSuccess\":{\"rejectedLogRecords\":\"\"}}", 0 },
	{ "{\"partialSuccess\":{\"rejectedLogRecords\":\"9223372036854775808\"}}", 10 },
	{ "{\"partialSuccess\":{\"rejectedLogRecords\":\"many\"}}", 0 },
	{ "{\"partialSuccess\":{\"rejectedLogRecords\":1.5}}", 0 },
	{ "{\"partialSuccess\":{\"rejectedLogRecords\":\"3\"}", 0 },
};

static void test_rejected(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(bodies); i++) {
		const struct http_answer answer = { .status = 200,
						    .body = bodies[i].body,
						    .size = strlen(bodies[i].body) };

		assert_int_equal(otlp_answer_rejected(&answer, 10), bodies[i].rejected);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_outcomes),
		cmocka_unit_test(test_rejected),
	};

	return cmocka_run_group_tests_name("otlp_answer", tests, NULL, NULL);
}
