// SPDX-License-Identifier: BSD-2-Clause
/* Events as the API server gets them, read back with another parser of JSON. */
#include "unit.h"

#include "events.h"
#include "kube/kube_event.h"
#include "kube/kube_message.h"
#include "kube/kube_name.h"
#include "kube/kube_reason.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#define UID "6a4ce4a0-ba47-11ea-b2a7-0cc47ac5979e"
/* 2026-11-20T17:59:30.170179220Z */
#define DEATH_NS 1795197570170179220LL
#define LONG_50 "abcdefghijabcdefghijabcdefghijabcdefghijabcdefghij"

static struct event *make(const char *format, ...) __attribute__((format(printf, 1, 2)));

static struct event *make(const char *format, ...)
{
	char line[8192];
	struct event *event;
	va_list arguments;

	va_start(arguments, format);
	(void)vsnprintf(line, sizeof(line), format, arguments);
	va_end(arguments);
	event = events_make(line, strlen(line), DEATH_NS);
	event->is_death = true;
	return event;
}

/* A death, with an owner and more members. */
static struct event *death(const char *cause, const char *owner, const char *more)
{
	return make(
		"{\"schema\":1,\"id\":\"0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0-7\","
		"\"time\":\"2026-11-20T17:59:30.170179220Z\",\"node\":\"node-7\","
		"\"cause\":\"%s\",\"class\":\"kernel\",\"routine\":false,"
		"\"summary\":\"web (pid 7, uid 0) died\",\"fingerprint\":\"1-15d3956d6bd18488\","
		"\"victim\":{\"pid\":7,\"ns_pid\":2,\"comm\":\"web\"}%s%s}\n",
		cause, owner, more);
}

#define SHOP                                                                        \
	",\"kubernetes\":{\"namespace\":\"shop\",\"pod\":\"web-6d4cf56db6-x7k2p\"," \
	"\"pod_uid\":\"" UID "\",\"container\":\"app\",\"qos\":\"burstable\"}"

static const char *text(const json_t *object, const char *first, const char *second)
{
	const json_t *at = json_object_get(object, first);

	return json_string_value(second ? json_object_get(at, second) : at);
}

static void done(struct kube_events *events)
{
	for (size_t i = 0; i < COUNT(events->of); i++)
		kube_event_done(&events->of[i]);
}

/* The body of the request about the first Event. */
static json_t *body_of(const struct event *event, struct kube_events *events)
{
	char *name, *text_of_body;
	json_t *body;

	assert_true(kube_events_of(event, events));
	assert_true(events->count >= 1);
	assert_true(kube_event_write_message(event, &events->of[0]));
	name = kube_event_object_name(&events->of[0]);
	assert_true(kube_name_is_subdomain(name));
	text_of_body = kube_event_creation(&events->of[0], name);
	assert_non_null(text_of_body);
	body = json_loads(text_of_body, JSON_REJECT_DUPLICATES, NULL);
	assert_non_null(body);
	assert_string_equal(text(body, "metadata", "name"), name);
	free(text_of_body);
	free(name);
	return body;
}

static void test_creation(void **state)
{
	struct event *event = death("segfault", SHOP, "");
	struct kube_events events;
	json_t *body = body_of(event, &events);

	(void)state;
	assert_int_equal(events.count, 1);
	assert_false(events.nameless);
	assert_string_equal(text(body, "metadata", "namespace"), "shop");
	assert_string_equal(text(body, "metadata", "name"),
			    "web-6d4cf56db6-x7k2p.0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0-7-segfault");
	assert_string_equal(text(body, "involvedObject", "kind"), "Pod");
	assert_string_equal(text(body, "involvedObject", "namespace"), "shop");
	assert_string_equal(text(body, "involvedObject", "name"), "web-6d4cf56db6-x7k2p");
	assert_string_equal(text(body, "involvedObject", "uid"), UID);
	assert_string_equal(text(body, "involvedObject", "fieldPath"), "spec.containers{app}");
	assert_string_equal(text(body, "reason", NULL), "Segfault");
	assert_string_equal(text(body, "type", NULL), "Warning");
	assert_string_equal(text(body, "source", "component"), "killtrace");
	assert_string_equal(text(body, "source", "host"), "node-7");
	assert_string_equal(text(body, "firstTimestamp", NULL), "2026-11-20T17:59:30Z");
	assert_string_equal(text(body, "lastTimestamp", NULL), "2026-11-20T17:59:30Z");
	assert_int_equal(json_integer_value(json_object_get(body, "count")), 1);
	assert_ptr_equal(strstr(text(body, "message", NULL), "web (pid 7, uid 0) died. Next: "),
			 text(body, "message", NULL));
	json_decref(body);
	done(&events);
	event_unref(event);
}

/* On which objects, and why. */
static const struct {
	const char *cause, *owner, *more;
	const char *pod, *node; /* reasons; NULL: none */
	bool nameless;
} objects[] = {
	{ "oom-memcg", SHOP, "", "OOMKilledProcess", NULL, false },
	{ "oom-memcg", SHOP, ",\"victim\":{\"ns_pid\":1}", "OOMKilledContainer", NULL, false },
	{ "oom-global", SHOP, "", "OOMKilledByNode", "NodeOOMKill", false },
	{ "oom-global", "", "", NULL, "NodeOOMKill", false },
	{ "oops", "", "", NULL, "KernelOops", false },
	{ "seccomp", SHOP, "", "SeccompViolation", NULL, false },
	{ "seccomp", SHOP, ",\"stuck\":{\"seconds\":12}", "KilledNotDead", NULL, false },
	{ "seccomp", "", "", NULL, NULL, false },
	{ "segfault", SHOP, ",\"routine\":true", NULL, NULL, false },
	/* a pod whose names came too late, with names that are none, and the sandbox of a pod */
	{ "sigkill", ",\"kubernetes\":{\"pod_uid\":\"" UID "\"}", "", NULL, NULL, true },
	{ "oom-global", ",\"kubernetes\":{\"pod_uid\":\"" UID "\"}", "", NULL, "NodeOOMKill",
	  true },
	{ "sigkill", ",\"kubernetes\":{\"namespace\":\"../../x\",\"pod\":\"w\",\"pod_uid\":\"u\"}",
	  ",\"cause\":\"segfault\"", NULL, NULL, true },
	{ "segfault", ",\"kubernetes\":{\"namespace\":\"shop\",\"pod\":\"W?x=\",\"pod_uid\":\"u\"}",
	  "", NULL, NULL, true },
	{ "sigkill", ",\"kubernetes\":{\"namespace\":\"shop\",\"pod\":\"w\",\"pod_uid\":\"u\"}", "",
	  NULL, NULL, false },
	{ "segfault", ",\"kubernetes\":{\"namespace\":\"shop\",\"pod\":\"w\",\"pod_uid\":\"u\"}",
	  "", "Segfault", NULL, false },
};

static void test_objects(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(objects); i++) {
		struct event *event = death(objects[i].cause, objects[i].owner, objects[i].more);
		const unsigned int count = (objects[i].pod != NULL) + (objects[i].node != NULL);
		struct kube_events events;

		assert_true(kube_events_of(event, &events));
		assert_int_equal(events.count, count);
		assert_int_equal(events.nameless, objects[i].nameless);
		if (objects[i].pod)
			assert_string_equal(events.of[0].reason, objects[i].pod);
		if (objects[i].node) {
			assert_string_equal(events.of[count - 1].reason, objects[i].node);
			assert_string_equal(events.of[count - 1].space, "default");
			assert_string_equal(events.of[count - 1].uid, "node-7");
		}
		done(&events);
		event_unref(event);
	}
}

/* A message is never longer than the API's limit, is whole UTF-8, and has no control bytes. */
static void test_message(void **state)
{
	char summary[4096] = "", more[4096], message[KUBE_MESSAGE_MOST + 1];
	struct event *event;

	(void)state;
	for (int i = 0; i < 400; i++)
		strcat(summary, "\\u20ac");
	(void)snprintf(more, sizeof(more), ",\"summary\":\"%.2400s\"", summary);
	event = death("segfault", SHOP, more);
	kube_message_write(event, message);
	assert_true(strlen(message) <= KUBE_MESSAGE_MOST);
	assert_true(strlen(message) > KUBE_MESSAGE_MOST - 8);
	assert_non_null(strstr(message, ". Next: kubectl -n shop "));
	event_unref(event);

	event = death("segfault", "", ",\"summary\":\"a\\u001b[31m\\u202eb\\nc\"");
	kube_message_write(event, message);
	assert_null(strpbrk(message, "\x1b\n\x02\x03"));
	assert_null(strstr(message, "\u202e"));
	event_unref(event);
}

/* A node's name can be the host's, and a pod's name can be as long as the limit. */
static void test_names(void **state)
{
	static const char *const valid[] = { "a", "web-0", "a.b", "0", LONG_50 "-" LONG_50 };
	static const char *const invalid[] = {
		"", "-a", "a-", "A", "a..b", ".a", "a.", "a/b", "a b"
	};
	char *joined;

	(void)state;
	for (size_t i = 0; i < COUNT(valid); i++)
		assert_true(kube_name_is_subdomain(valid[i]));
	for (size_t i = 0; i < COUNT(invalid); i++)
		assert_false(kube_name_is_subdomain(invalid[i]));
	assert_false(kube_name_is_label("a.b"));
	assert_false(kube_name_is_label(LONG_50 LONG_50));

	joined = kube_name_join("My_Host.", "1-X");
	assert_string_equal(joined, "my-hostx.1-x");
	free(joined);
	joined = kube_name_join("", "\xff");
	assert_true(kube_name_is_subdomain(joined));
	free(joined);
	joined = kube_name_join(LONG_50 LONG_50 LONG_50 LONG_50 LONG_50 "abc", "id-1");
	assert_int_equal(strlen(joined), KUBE_NAME_MOST);
	assert_true(kube_name_is_subdomain(joined));
	assert_string_equal(joined + KUBE_NAME_MOST - 5, ".id-1");
	free(joined);
}

/* A row of folded deaths, and a change of its count. */
static void test_repeats(void **state)
{
	struct event *event =
		death("segfault", SHOP,
		      ",\"repeats\":{\"count\":5,\"first\":\"2026-11-20T17:59:30.100000000Z\","
		      "\"last\":\"2026-11-20T18:00:00.900000000Z\"}");
	struct kube_events events;
	json_t *body = body_of(event, &events);
	char *change = kube_event_change(&events.of[0]);

	(void)state;
	assert_int_equal(json_integer_value(json_object_get(body, "count")), 5);
	assert_string_equal(text(body, "lastTimestamp", NULL), "2026-11-20T18:00:00Z");
	assert_string_equal(change, "{\"count\":5,\"firstTimestamp\":\"2026-11-20T17:59:30Z\","
				    "\"lastTimestamp\":\"2026-11-20T18:00:00Z\"}");
	free(change);
	json_decref(body);
	done(&events);
	event_unref(event);
}

/* The words of the manual: one for each cause. */
static void test_reasons(void **state)
{
	(void)state;
	for (int cause = 0; cause < CAUSE_COUNT; cause++) {
		const char *reason = kube_reason_of_pod((enum cause)cause, false, false);

		assert_non_null(reason);
		assert_true(strlen(reason) <= 128);
		assert_non_null(kube_reason_of_pod((enum cause)cause, true, false));
		for (int other = 0; other < cause; other++)
			assert_string_not_equal(reason, kube_reason_of_pod((enum cause)other, false,
									   false));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_creation), cmocka_unit_test(test_objects),
		cmocka_unit_test(test_message),  cmocka_unit_test(test_names),
		cmocka_unit_test(test_repeats),  cmocka_unit_test(test_reasons),
	};

	return cmocka_run_group_tests_name("kube_event", tests, NULL, NULL);
}
