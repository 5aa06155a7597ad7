// SPDX-License-Identifier: BSD-2-Clause
/*
 * Records as OpenTelemetry logs. tests/golden/otlp.bats checks with an independent decoder that the
 * form is the official one; this covers cases that recordings lack.
 */
#include "unit.h"

#include "otlp/otlp_request.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "line/json_tree.h"

static json_t *load(const char *text)
{
	json_error_t error;
	json_t *value = json_loads(text, JSON_REJECT_DUPLICATES, &error);

	if (!value)
		fail_msg("%s: %s", error.text, text);
	return value;
}

/* The value of an attribute, as compact JSON; "" if it is absent. The caller frees it. */
static char *attribute(json_t *log, const char *key)
{
	json_t *item;
	size_t i;

	json_array_foreach(json_object_get(log, "attributes"), i, item)
		if (!strcmp(json_string_value(json_object_get(item, "key")), key))
			return json_dumps(json_object_get(item, "value"), JSON_COMPACT);
	return strdup("");
}

static void expect(json_t *log, const char *key, const char *want)
{
	char *have = attribute(log, key);

	if (strcmp(have, want) != 0)
		fail_msg("%s is %s, not %s", key, have, want);
	free(have);
}

/* The single record of a request. */
static json_t *log_of(const char *text)
{
	struct otlp_request request = { 0 };
	json_t *parsed, *log;

	assert_int_equal(otlp_request_add(&request, text, strlen(text)), 0);
	parsed = load(otlp_request_end(&request));
	log = json_array_get(json_object_get(parsed, "resourceLogs"), 0);
	log = json_array_get(json_object_get(log, "scopeLogs"), 0);
	log = json_incref(json_array_get(json_object_get(log, "logRecords"), 0));
	assert_non_null(log);
	json_decref(parsed);
	otlp_request_done(&request);
	return log;
}

static const struct {
	const char *image, *name, *tags, *digests;
} images[] = {
	{ "web", "web", "", "" },
	{ "shop/web", "shop/web", "", "" },
	{ "shop/web:1.2", "shop/web", "1.2", "" },
	{ "registry:5000/web", "registry:5000/web", "", "" },
	{ "registry:5000/web:1", "registry:5000/web", "1", "" },
	{ "web@sha256:00ff", "web", "", "web@sha256:00ff" },
	{ "r:5/w:1@sha256:00ff", "r:5/w", "1", "r:5/w@sha256:00ff" },
	{ "sha256:00fg", "sha256", "00fg", "" },
	{ "x/sha256:00ff", "x/sha256", "00ff", "" },
	{ ":", "", "", "" },
	{ "@", "", "", "@" },
	{ "", "", "", "" },
};

static void test_images(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(images); i++) {
		char text[256], want[256];
		json_t *log;

		snprintf(text, sizeof(text), "{\"container\":{\"image\":\"%s\"}}", images[i].image);
		log = log_of(text);
		snprintf(want, sizeof(want), "{\"stringValue\":\"%s\"}", images[i].name);
		expect(log, "container.image.name", want);
		snprintf(want, sizeof(want),
			 "{\"arrayValue\":{\"values\":[{\"stringValue\":\"%s\"}]}}",
			 images[i].tags);
		if (strcmp(images[i].image, ":") != 0)
			expect(log, "container.image.tags", *images[i].tags ? want : "");
		snprintf(want, sizeof(want),
			 "{\"arrayValue\":{\"values\":[{\"stringValue\":\"%s\"}]}}",
			 images[i].digests);
		expect(log, "container.image.repo_digests", *images[i].digests ? want : "");
		expect(log, "killtrace.container.image", "");
		json_decref(log);
	}
}

/* Users of a user namespace: an int64 in protobuf's JSON is text. */
static void test_large_uid(void **state)
{
	json_t *log = log_of("{\"victim\":{\"pid\":1,\"uid\":4294967294}}");

	(void)state;
	expect(log, "process.real_user.id", "{\"intValue\":\"4294967294\"}");
	json_decref(log);
}

/* A container started by its image's id has neither name nor tag. */
static void test_image_id(void **state)
{
	json_t *log = log_of("{\"container\":{\"image\":\"sha256:00ff\"}}");

	(void)state;
	expect(log, "container.image.id", "{\"stringValue\":\"sha256:00ff\"}");
	expect(log, "container.image.name", "");
	expect(log, "container.image.tags", "");
	expect(log, "container.image.repo_digests", "");
	json_decref(log);
}

/* The queue on disk is a file, and a file can contain anything. */
static void test_odd_records(void **state)
{
	static const char *const odd[] = {
		"{}",
		"{\"time\":7,\"node\":8,\"summary\":[],\"exit\":1,\"cgroup\":\"x\",\"container\":[]}",
		"{\"lost\":{}}",
		"{\"lost\":7}",
		"{\"x\":null,\"y\":[[[1]]],\"z\":[null,{\"a\":[1]}]}",
		"{\"cgroup\":{\"version\":2,\"path\":5},\"container\":{\"image\":5}}",
		"{\"a\":{\"b\":{\"c\":{\"d\":{\"e\":{\"f\":1}}}}}}",
	};

	(void)state;
	for (size_t i = 0; i < COUNT(odd); i++)
		json_decref(log_of(odd[i]));
}

/* A line in another form, or not JSON at all, leaves the request as it was. */
static void test_refused_lines(void **state)
{
	static const char *const refused[] = {
		"", "\n", "x", "[]", "{", "{\"a\": 1}", "{\"a\":\"\xff\"}"
	};
	struct otlp_request request = { 0 };

	(void)state;
	for (size_t i = 0; i < COUNT(refused); i++)
		assert_int_equal(otlp_request_add(&request, refused[i], strlen(refused[i])),
				 -EINVAL);
	assert_int_equal(request.records, 0);
	assert_null(otlp_request_end(&request));
	otlp_request_done(&request);
}

/* A name that no record has is unknown: it is left out. */
static void test_odd_names(void **state)
{
	json_t *log = log_of("{\"a b\":1,\"\\\"}\":2,\"A\":3,\"\":4,\"fine\":5,"
			     "\"lost_not\":{\"%n\":6,\"fine\":7}}");

	(void)state;
	assert_int_equal(json_array_size(json_object_get(log, "attributes")), 2);
	expect(log, "killtrace.fine", "{\"intValue\":\"5\"}");
	expect(log, "killtrace.lost_not.fine", "{\"intValue\":\"7\"}");
	json_decref(log);
}

static void test_deep_and_long(void **state)
{
	json_t *record = json_object(), *at = record;
	char key[1000], *text;

	(void)state;
	memset(key, 'k', sizeof(key) - 1);
	key[sizeof(key) - 1] = '\0';
	for (int i = 0; i < 2000; i++) {
		json_t *inner = json_object();

		json_object_set_new(at, key, inner);
		at = inner;
	}
	text = json_dumps(record, JSON_COMPACT);
	json_decref(log_of(text));
	free(text);
	json_decref(record);
}

static void test_hostile_names(void **state)
{
	json_t *log = log_of(
		"{\"victim\":{\"comm\":\"\\\"},{\\u001b[31m\\n\",\"exe\":\"\\ufffd\\u007f\"},"
		"\"systemd\":{\"unit\":\"%s%n.service\"}}");

	(void)state;
	expect(log, "killtrace.victim.comm", "{\"stringValue\":\"\\\"},{\\u001B[31m\\n\"}");
	expect(log, "process.executable.name", "{\"stringValue\":\"\xef\xbf\xbd\x7f\"}");
	expect(log, "killtrace.systemd.unit", "{\"stringValue\":\"%s%n.service\"}");
	json_decref(log);
}

static void test_numbers(void **state)
{
	json_t *log = log_of(
		"{\"oom\":{\"limit_bytes\":9223372036854775807,\"score_adj\":-1000},"
		"\"victim\":{\"age_seconds\":1.5},\"exit\":{\"status\":3,\"core_dumped\":false},"
		"\"time\":\"1969-12-31T23:59:59.000000000Z\"}");

	(void)state;
	expect(log, "killtrace.oom.limit_bytes", "{\"intValue\":\"9223372036854775807\"}");
	expect(log, "killtrace.oom.score_adj", "{\"intValue\":\"-1000\"}");
	expect(log, "killtrace.victim.age_seconds", "{\"doubleValue\":1.5}");
	expect(log, "killtrace.exit.core_dumped", "{\"boolValue\":false}");
	expect(log, "process.exit.code", "{\"intValue\":\"3\"}");
	assert_string_equal(json_string_value(json_object_get(log, "timeUnixNano")), "0");
	json_decref(log);
}

static void add(struct otlp_request *request, const char *node, const char *id)
{
	json_t *record = json_pack("{s:s,s:s}", "id", id, "node", node);

	char *line = json_tree_line(record);

	assert_int_equal(otlp_request_add(request, line, strlen(line)), 0);
	free(line);
	json_decref(record);
}

static size_t records_of(json_t *request, size_t group)
{
	json_t *logs = json_array_get(json_object_get(request, "resourceLogs"), group);

	logs = json_array_get(json_object_get(logs, "scopeLogs"), 0);
	return json_array_size(json_object_get(logs, "logRecords"));
}

static void add_row(struct otlp_request *request, const char *count)
{
	char line[128];
	const int size = snprintf(line, sizeof(line),
				  "{\"node\":\"n\",\"repeats\":{\"count\":%s}}\n", count);

	assert_int_equal(otlp_request_add(request, line, (size_t)size), 0);
}

/* A row of folded deaths counts as all of them. */
static void test_deaths(void **state)
{
	static const char *const odd[] = { "0",     "-5",         "1.5",
					   "\"9\"", "4294967296", "9223372036854775807",
					   "[]" };
	struct otlp_request request = { 0 };

	(void)state;
	assert_int_equal(otlp_request_deaths(&request, 0), 0);
	add(&request, "n", "one");
	add_row(&request, "413");
	add_row(&request, "7");
	assert_int_equal(request.deaths, 421);
	/* of the refused ones, as many as possible */
	assert_int_equal(otlp_request_deaths(&request, 0), 0);
	assert_int_equal(otlp_request_deaths(&request, 1), 419);
	assert_int_equal(otlp_request_deaths(&request, 2), 420);
	assert_int_equal(otlp_request_deaths(&request, 3), 421);
	otlp_request_reset(&request);
	assert_int_equal(request.deaths, 0);
	for (size_t i = 0; i < COUNT(odd); i++)
		add_row(&request, odd[i]);
	assert_int_equal(request.deaths, COUNT(odd));
	otlp_request_done(&request);
}

/* Records of one node share a resource; whatever the name is, the JSON is valid. */
static void test_request_by_node(void **state)
{
	struct otlp_request request = { 0 };
	json_t *parsed;

	(void)state;
	assert_null(otlp_request_end(&request));
	for (int round = 0; round < 2; round++) {
		add(&request, "a", "1");
		add(&request, "a", "2");
		add(&request, "\"}]{\\\x1b", "3");
		add(&request, "", "4");
		assert_int_equal(request.records, 4);
		parsed = load(otlp_request_end(&request));
		assert_int_equal(json_array_size(json_object_get(parsed, "resourceLogs")), 3);
		assert_int_equal(records_of(parsed, 0), 2);
		assert_int_equal(records_of(parsed, 1), 1);
		assert_int_equal(records_of(parsed, 2), 1);
		json_decref(parsed);
		otlp_request_reset(&request);
	}
	otlp_request_done(&request);
}

static void test_request_grows(void **state)
{
	struct otlp_request request = { 0 };
	json_t *parsed;

	(void)state;
	for (int i = 0; i < 3000; i++)
		add(&request, "node", "id");
	parsed = load(otlp_request_end(&request));
	assert_int_equal(records_of(parsed, 0), 3000);
	assert_int_equal(strchr(request.body.text, '\n') - request.body.text,
			 request.body.size - 1);
	json_decref(parsed);
	otlp_request_done(&request);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_images),          cmocka_unit_test(test_large_uid),
		cmocka_unit_test(test_image_id),        cmocka_unit_test(test_odd_records),
		cmocka_unit_test(test_deep_and_long),   cmocka_unit_test(test_refused_lines),
		cmocka_unit_test(test_odd_names),       cmocka_unit_test(test_hostile_names),
		cmocka_unit_test(test_numbers),         cmocka_unit_test(test_deaths),
		cmocka_unit_test(test_request_by_node), cmocka_unit_test(test_request_grows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
