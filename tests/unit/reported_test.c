// SPDX-License-Identifier: BSD-2-Clause
/* The typed form: the same from a live verdict and from the line that was made of it. */
#include "unit.h"

#include "line/reported.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "decode/decode.h"
#include "explain/explain.h"
#include "line/json_record.h"
#include "scenarios.h"

#define WINDOW_NS 1000000000ULL
#define NOW_NS 1700000000000000000

static const struct origin origin = { .boot_id = "11111111-2222-3333-4444-555555555555",
				      .node = "node-1" };
static struct death death;
static struct report report;
static struct attribution whose;

static void judge(const struct scenario *scenario)
{
	static struct record_builder builder;
	struct frame frame;

	scenario_build(scenario, STACKS_NAMED, &builder);
	frame = builder_frame(&builder);
	assert_int_equal(decode_frame(&frame, NULL, &death), 0);
	memset(&whose, 0, sizeof(whose));
	attribution_read(&death, &whose);
}

static void conclude(void)
{
	explain_death(&origin, &death, &whose, WINDOW_NS, &report);
}

static struct reported *stored(const char *line, int64_t realtime_ns)
{
	json_t *record = json_loads(line, 0, NULL);
	struct reported *reported = reported_of_json(record, realtime_ns);

	assert_non_null(reported);
	json_decref(record);
	return reported;
}

static void expect_equal(const struct reported *a, const struct reported *b)
{
	assert_int_equal(a->realtime_ns, b->realtime_ns);
	assert_int_equal(a->is_death, b->is_death);
	assert_int_equal(a->routine, b->routine);
	assert_int_equal(a->stuck, b->stuck);
	assert_int_equal(a->has_pid, b->has_pid);
	assert_int_equal(a->pid, b->pid);
	assert_int_equal(a->has_uid, b->has_uid);
	assert_int_equal(a->uid, b->uid);
	assert_int_equal(a->has_owner_uid, b->has_owner_uid);
	assert_int_equal(a->owner_uid, b->owner_uid);
	assert_int_equal(a->repeats.count, b->repeats.count);
	assert_int_equal(a->repeats.first_ns, b->repeats.first_ns);
	assert_int_equal(a->repeats.last_ns, b->repeats.last_ns);
	assert_int_equal(a->repeats.last_pid, b->repeats.last_pid);
	assert_int_equal(a->repeats.differ, b->repeats.differ);
	for (int i = 0; i < REPORTED_TEXTS; i++)
		assert_string_equal(reported_text(a, (enum reported_text)i),
				    reported_text(b, (enum reported_text)i));
}

/* The live form, after a check that the line's is equal; the caller frees it. */
static struct reported *there_and_back(void)
{
	struct reported *live = reported_of_report(&report), *back;
	size_t size;
	char *line = json_record_of_death(&report, &size);

	assert_non_null(live);
	assert_non_null(line);
	back = stored(line, live->realtime_ns);
	expect_equal(live, back);
	free(back);
	free(line);
	return live;
}

static void round_trips(const struct scenario *scenario, void *context)
{
	(void)context;
	judge(scenario);
	conclude();
	free(there_and_back());
}

static void test_scenarios(void **state)
{
	(void)state;
	scenario_each(round_trips, NULL);
}

/* Users of a user namespace, live and from the history. More than 32 bits are no user. */
static void test_large_uids(void **state)
{
	static const uint32_t uids[] = { 65536, 2147483648, 4294967294 };
	struct reported *reported;

	(void)state;
	for (size_t i = 0; i < sizeof(uids) / sizeof(uids[0]); i++) {
		judge(&scenario_groups[0].scenarios[0]);
		death.record.uid = whose.owner.owner_uid = uids[i];
		whose.owner.have_owner_uid = true;
		conclude();
		reported = there_and_back();
		assert_true(reported->has_uid && reported->has_owner_uid);
		assert_int_equal(reported->uid, uids[i]);
		assert_int_equal(reported->owner_uid, uids[i]);
		free(reported);
	}
	reported = stored("{\"cause\":\"abort\",\"victim\":{\"uid\":4294967296},"
			  "\"systemd\":{\"owner_uid\":-1}}",
			  NOW_NS);
	assert_false(reported->has_uid);
	assert_false(reported->has_owner_uid);
	free(reported);
}

static void name_all(void)
{
	struct owner *owner = &whose.owner;
	struct names *names = &whose.names;

	strcpy(owner->unit, "user@1000.service");
	strcpy(owner->user_unit, "app.service");
	strcpy(owner->machine, "deb");
	owner->have_owner_uid = true;
	owner->owner_uid = 1000;
	strcpy(owner->container_id, "63425c4a8b42");
	strcpy(whose.invocation, "0123456789abcdef0123456789abcdef");
	strcpy(names->name, "web");
	strcpy(names->image, "shop/web:1.2");
	strcpy(names->unit, "web.service");
	strcpy(names->runtime, "docker");
	strcpy(names->namespace, "shop");
	strcpy(names->pod, "web-0");
	strcpy(names->container, "nginx");
	strcpy(death.memory_path, "/memory");
	strcpy(death.systemd_path, "/systemd");
	death.sequence = 7;
}

static void expect_text(const struct reported *reported, enum reported_text which, const char *text)
{
	assert_string_equal(reported_text(reported, which), text);
}

static void test_every_field(void **state)
{
	struct reported *live;

	(void)state;
	judge(&page_fault_scenarios[0]);
	name_all();
	conclude();
	live = there_and_back();
	for (int i = 0; i < REPORTED_TEXTS; i++)
		if (i != REPORTED_ENCLOSING_ID && i != REPORTED_ENCLOSING_NAME)
			assert_string_not_equal(reported_text(live, (enum reported_text)i), "");
	expect_text(live, REPORTED_ID, "11111111-2222-3333-4444-555555555555-7");
	expect_text(live, REPORTED_POD, "shop/web-0");
	expect_text(live, REPORTED_CONTAINER_NAME, "web");
	expect_text(live, REPORTED_CONTAINER_RUNTIME, "docker");
	assert_true(live->has_owner_uid);
	assert_int_equal(live->owner_uid, 1000);
	free(live);
	/* the names now belong to the one around it */
	strcpy(whose.owner.enclosing_id, "9bca8d63d5fa");
	live = there_and_back();
	expect_text(live, REPORTED_ENCLOSING_ID, "9bca8d63d5fa");
	expect_text(live, REPORTED_ENCLOSING_NAME, "web");
	expect_text(live, REPORTED_CONTAINER_NAME, "");
	expect_text(live, REPORTED_CONTAINER_UNIT, "");
	expect_text(live, REPORTED_CONTAINER_RUNTIME, "");
	free(live);
	/* names without a container are ignored */
	whose.owner.container_id[0] = whose.owner.enclosing_id[0] = '\0';
	live = there_and_back();
	expect_text(live, REPORTED_CONTAINER_NAME, "");
	free(live);
	whose.names.namespace[0] = '\0';
	live = there_and_back();
	expect_text(live, REPORTED_POD, "/web-0");
	free(live);
}

static void test_hostile_names(void **state)
{
	struct reported *live;

	(void)state;
	judge(&page_fault_scenarios[0]);
	memset(death.comm, 0xff, sizeof(death.comm) - 1);
	memset(death.cgroup_path, 0xff, sizeof(death.cgroup_path) - 1);
	memset(death.memory_path, 0x7f, sizeof(death.memory_path) - 1);
	memset(death.systemd_path, '"', sizeof(death.systemd_path) - 1);
	conclude();
	live = there_and_back();
	assert_int_equal(strlen(reported_text(live, REPORTED_CGROUP)), 3 * (KT_PATH_LEN - 1));
	free(live);
	strcpy(death.comm, "a\n\xc3\xa4\033\\");
	live = there_and_back();
	expect_text(live, REPORTED_COMM, "a\n\xc3\xa4\033\\");
	free(live);
}

/* It takes no more than its texts: it waits in queues that are bounded by bytes. */
static void test_size(void **state)
{
	struct reported *reported = reported_of_losses(NOW_NS);

	(void)state;
	assert_int_equal(reported->size, sizeof(*reported) + 1);
	assert_false(reported->is_death);
	assert_int_equal(reported->realtime_ns, NOW_NS);
	free(reported);
	reported = stored("{\"victim\":{\"comm\":\"seven 7\"}}", 0);
	assert_int_equal(reported->size, sizeof(*reported) + 1 + sizeof("seven 7"));
	free(reported);
}

/* Lines left by another program, an older version or a broken disk: missing values stay absent. */
static void test_odd_lines(void **state)
{
	static const char *const nothing[] = {
		"",
		"x",
		"7",
		"[]",
		"[{\"victim\":{\"pid\":1,\"comm\":\"a\"}}]",
		"{}",
		"{\"victim\":[1,\"a\"],\"systemd\":\"a\",\"container\":null,\"kubernetes\":7}",
		"{\"victim\":{\"pid\":-1,\"uid\":4294967296},\"systemd\":{\"owner_uid\":1.0}}",
		"{\"victim\":{\"pid\":\"7\",\"uid\":null,\"comm\":7},\"routine\":\"true\",\"id\":{}}",
		"{\"kubernetes\":{\"namespace\":\"shop\"},\"cause\":7,\"routine\":1}",
		"{\"kubernetes\":{\"namespace\":\"shop\",\"pod\":\"\"}}",
		"{\"victim\":{\"comm\":\"a\\u0000b\"}}",
		"{\"victim\":{\"comm\":\"a\"}} {}",
	};

	(void)state;
	for (size_t i = 0; i < COUNT(nothing); i++) {
		struct reported *reported = stored(nothing[i], 0);

		assert_int_equal(reported->size, sizeof(*reported) + 1);
		assert_false(reported->is_death || reported->routine || reported->stuck);
		assert_false(reported->has_pid || reported->has_uid || reported->has_owner_uid);
		assert_int_equal(reported->repeats.count, 0);
		for (int text = 0; text < REPORTED_TEXTS; text++)
			expect_text(reported, (enum reported_text)text, "");
		free(reported);
	}
}

static void test_numbers_at_their_ends(void **state)
{
	struct reported *reported = stored(
		"{\"victim\":{\"pid\":0,\"uid\":4294967295},\"systemd\":{\"owner_uid\":0}}", 0);

	(void)state;
	assert_true(reported->has_pid && reported->has_uid && reported->has_owner_uid);
	assert_int_equal(reported->pid, 0);
	assert_int_equal(reported->uid, UINT32_MAX);
	assert_int_equal(reported->owner_uid, 0);
	free(reported);
}

static void expect_repeats(const char *repeats, struct reported_repeats expected)
{
	struct reported *reported;
	char line[256];

	(void)snprintf(line, sizeof(line),
		       "{\"cause\":\"sigkill\",\"victim\":{\"pid\":7},\"repeats\":%s}", repeats);
	reported = stored(line, NOW_NS);
	assert_int_equal(reported->repeats.count, expected.count);
	assert_int_equal(reported->repeats.first_ns, expected.first_ns);
	assert_int_equal(reported->repeats.last_ns, expected.last_ns);
	assert_int_equal(reported->repeats.last_pid, expected.last_pid);
	free(reported);
}

/* A row of folded deaths, also of an older version or a damaged file. */
static void test_repeats(void **state)
{
	const struct reported_repeats single = { 1, NOW_NS, NOW_NS, 7, false };

	(void)state;
	expect_repeats("{\"count\":3,\"first\":\"1970-01-01T00:00:01.000000000Z\","
		       "\"last\":\"1970-01-01T00:00:02.000000000Z\",\"last_pid\":9}",
		       (struct reported_repeats){ 3, NS_PER_S, 2 * NS_PER_S, 9, false });
	expect_repeats("{\"count\":3,\"first\":\"1970-01-01T00:00:02.000000000Z\","
		       "\"last\":\"1970-01-01T00:00:01.000000000Z\",\"differ\":[]}",
		       (struct reported_repeats){ 3, 2 * NS_PER_S, 2 * NS_PER_S, 0, false });
	expect_repeats(
		"{\"count\":3,\"first\":1,\"last\":\"x\",\"last_pid\":-1,\"differ\":[\"end\"]}",
		(struct reported_repeats){ 3, NOW_NS, NOW_NS, 0, true });
	expect_repeats("{\"count\":0,\"last_pid\":9}", single);
	expect_repeats("{\"count\":-5}", single);
	expect_repeats("[3]", single);
	expect_repeats("null", single);
}

static void test_losses(void **state)
{
	json_t *record =
		json_loads("{\"lost\":{\"ring_full\":3,\"undecodable\":\"4\",\"x\":5}}", 0, NULL);
	struct losses losses = { .count = { [LOSS_OUTPUT] = 9 } };

	(void)state;
	reported_losses(record, &losses);
	for (int i = 0; i < LOSS_COUNT; i++)
		assert_int_equal(losses.count[i], i == LOSS_RING_FULL ? 3 : 0);
	json_decref(record);
	reported_losses(NULL, &losses);
	assert_false(losses_any(&losses));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_scenarios),
		cmocka_unit_test(test_large_uids),
		cmocka_unit_test(test_every_field),
		cmocka_unit_test(test_hostile_names),
		cmocka_unit_test(test_size),
		cmocka_unit_test(test_odd_lines),
		cmocka_unit_test(test_numbers_at_their_ends),
		cmocka_unit_test(test_repeats),
		cmocka_unit_test(test_losses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
