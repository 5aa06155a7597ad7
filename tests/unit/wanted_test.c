// SPDX-License-Identifier: BSD-2-Clause
/* What a record asks of the search for a map of generated code: only what fits. */
#include "unit.h"

#include <jansson.h>
#include <string.h>

#include "symbols/wanted.h"

static struct symbols symbols;
static struct wanted wanted;

/* Of a process with these ids, in JSON. */
static const struct wanted_map *map_of(const char *pid, const char *uid)
{
	char text[512];
	json_t *record;

	(void)snprintf(
		text, sizeof(text),
		"{\"time\":\"2023-11-14T22:13:21.000000000Z\",\"victim\":{\"pid\":%s,\"uid\":%s,"
		"\"start_time\":\"2023-11-14T22:13:20.000000000Z\"},"
		"\"user_stack\":[{\"gap\":1,\"address\":\"0x7f0000001000\"}]}",
		pid, uid);
	record = json_loads(text, 0, NULL);
	assert_non_null(record);
	memset(&symbols, 0, sizeof(symbols));
	memset(&wanted, 0, sizeof(wanted));
	wanted_read(record, &symbols, &wanted);
	json_decref(record);
	return &wanted.map;
}

static void test_users(void **state)
{
	static const uint32_t uids[] = { 0, 1000, 65536, 4294967294 };
	char text[32];

	(void)state;
	for (size_t i = 0; i < COUNT(uids); i++) {
		(void)snprintf(text, sizeof(text), "%u", uids[i]);
		assert_int_equal(map_of("7", text)->ns_pid, 7);
		assert_int_equal(wanted.map.uid, uids[i]);
	}
}

/* A record can be foreign. A number that does not fit must not become that of another user, such as
 * root's, or of another process. */
static void test_what_does_not_fit(void **state)
{
	static const char *const numbers[] = { "4294967296",          "4294967295", "-1",
					       "9223372036854775807", "\"0\"",      "1.5" };

	(void)state;
	for (size_t i = 0; i < COUNT(numbers); i++)
		assert_int_equal(map_of("7", numbers[i])->ns_pid, 0);
	assert_int_equal(map_of("4294967303", "0")->ns_pid, 0);
	assert_int_equal(map_of("-1", "0")->ns_pid, 0);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_users),
		cmocka_unit_test(test_what_does_not_fit),
	};

	return cmocka_run_group_tests_name("wanted", tests, NULL, NULL);
}
