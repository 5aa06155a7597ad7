// SPDX-License-Identifier: BSD-2-Clause
/* What is sent when: equal deaths, rates, failures, a table that is full, and the end. */
#include "unit.h"

#include "events.h"
#include "kube/kube_table.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SECOND ((uint64_t)NS_PER_S)
#define START (1000 * SECOND)

static struct kube_table *table;
static struct kube_lost lost;
static unsigned int ids;

static int set_up(void **state)
{
	(void)state;
	table = kube_table_new();
	lost = (struct kube_lost){ 0 };
	assert_non_null(table);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	kube_table_free(table);
	return 0;
}

static struct event *death(const char *pod, const char *fingerprint, unsigned int count)
{
	char line[1024];
	struct event *event;

	(void)snprintf(
		line, sizeof(line),
		"{\"schema\":1,\"id\":\"boot-%u\",\"time\":\"2026-11-20T17:59:30.170179220Z\","
		"\"node\":\"n\",\"cause\":\"segfault\",\"class\":\"kernel\",\"routine\":false,"
		"\"summary\":\"s\",\"fingerprint\":\"%s\",\"victim\":{\"pid\":7},"
		"\"kubernetes\":{\"namespace\":\"shop\",\"pod\":\"%s\",\"pod_uid\":\"u-%s\","
		"\"container\":\"app\"},\"repeats\":{\"count\":%u,"
		"\"first\":\"2026-11-20T17:59:30.170179220Z\","
		"\"last\":\"2026-11-20T17:59:30.170179220Z\"}}\n",
		++ids, fingerprint, pod, pod, count);
	event = events_make(line, strlen(line), 0);
	event->is_death = true;
	return event;
}

static void add(const char *pod, const char *fingerprint, unsigned int count, uint64_t now_ns)
{
	struct event *event = death(pod, fingerprint, count);
	struct kube_events events;

	assert_true(kube_events_of(event, &events));
	kube_table_add(table, event, &events, now_ns, &lost);
	event_unref(event);
}

static struct kube_row *next(uint64_t now_ns)
{
	uint64_t wait_ns;

	return kube_table_next(table, now_ns, &wait_ns);
}

/* The row that is next is sent and arrives. Returns its count; 0: there is none. */
static uint64_t send_next(uint64_t now_ns)
{
	struct kube_row *row = next(now_ns);

	if (!row)
		return 0;
	kube_table_begin(row);
	kube_table_answered(table, row, now_ns);
	kube_table_arrived(row, row->object_name ? row->object_name : strdup("name"), now_ns);
	return row->sent;
}

static void test_equal_deaths_are_counted(void **state)
{
	(void)state;
	add("web", "f", 1, START);
	assert_int_equal(send_next(START), 1);
	assert_int_equal(send_next(START), 0);
	add("web", "f", 1, START);
	add("web", "f", 5, START);
	add("web", "g", 1, START);
	add("db", "f", 1, START);
	assert_int_equal(send_next(START), 7);
	assert_int_equal(send_next(START), 1);
	assert_int_equal(send_next(START), 1);
	assert_int_equal(send_next(START), 0);
	assert_int_equal(lost.deaths, 0);
}

/* While a request is under way, more comes, and the name of the Event stays. */
static void test_more_comes_meanwhile(void **state)
{
	struct kube_row *row;
	char *name, *later;

	(void)state;
	add("web", "f", 1, START);
	row = next(START);
	kube_table_begin(row);
	name = kube_event_object_name(&row->event);
	add("web", "f", 1, START);
	later = kube_event_object_name(&row->event);
	assert_string_equal(name, later);
	free(later);
	kube_table_arrived(row, name, START);
	assert_int_equal(row->sent, 1);
	assert_ptr_equal(next(START), row);
	assert_int_equal(send_next(START), 2);

	/* the API server forgets it: the next one has another name */
	add("web", "f", 1, START);
	row = next(START);
	kube_table_begin(row);
	kube_table_vanished(row);
	assert_null(row->object_name);
	later = kube_event_object_name(&row->event);
	assert_non_null(strstr(later, "boot-"));
	free(later);
	assert_ptr_equal(next(START), row);
}

/* A pod in a crash loop: a burst, then one request per interval with all deaths in it. Another pod
 * is not held up. */
static void test_rate_of_a_pod(void **state)
{
	unsigned int sent = 0;
	uint64_t wait_ns = 0;

	(void)state;
	for (int i = 0; i < 100; i++) {
		add("web", "f", 1, START);
		sent += send_next(START) != 0;
	}
	assert_int_equal(sent, KUBE_RATE_POD_BURST);
	assert_null(kube_table_next(table, START, &wait_ns));
	assert_int_equal(wait_ns, KUBE_RATE_POD_NS);
	add("db", "f", 1, START);
	assert_int_equal(send_next(START), 1);
	assert_int_equal(send_next(START + KUBE_RATE_POD_NS - 1), 0);
	assert_int_equal(send_next(START + KUBE_RATE_POD_NS), 100);
	assert_int_equal(lost.deaths, 0);
}

static void test_rate_of_the_node(void **state)
{
	unsigned int sent = 0;
	char pod[16];

	(void)state;
	for (int i = 0; i < 100; i++) {
		(void)snprintf(pod, sizeof(pod), "web-%d", i);
		add(pod, "f", 1, START);
	}
	while (send_next(START))
		sent++;
	assert_int_equal(sent, KUBE_RATE_NODE_BURST);
	for (unsigned int i = 1; i <= 100 - KUBE_RATE_NODE_BURST; i++) {
		assert_int_equal(send_next(START + i * SECOND), 1);
		assert_int_equal(send_next(START + i * SECOND), 0);
	}
	assert_null(next(START + 1000 * SECOND));
}

/* What has nothing to send makes room; if all have, a new kind is lost. */
static void test_bounds(void **state)
{
	char pod[16];

	(void)state;
	for (int i = 0; i < KUBE_TABLE_ROWS + 10; i++) {
		(void)snprintf(pod, sizeof(pod), "web-%d", i);
		add(pod, "f", 2, START);
	}
	assert_int_equal(lost.deaths, 20);
	assert_int_equal(lost.folded, 10);
	assert_int_equal(send_next(START), 2);
	add("new", "f", 1, START);
	assert_int_equal(lost.deaths, 20);
	add("newer", "f", 1, START);
	assert_int_equal(lost.deaths, 21);
	/* an hour later nobody looks for it */
	kube_table_give_up_old(table, START + KUBE_TABLE_OLDEST_NS, &lost);
	assert_int_equal(lost.deaths, 21);
	kube_table_give_up_old(table, START + KUBE_TABLE_OLDEST_NS + 1, &lost);
	assert_int_equal(lost.deaths, 21 + (KUBE_TABLE_ROWS - 1) * 2 + 1);
	assert_null(next(START + KUBE_TABLE_OLDEST_NS + 1));
}

/* A request that fails goes behind the others, and is neither counted nor lost. */
static void test_failures(void **state)
{
	struct kube_row *first, *second;

	(void)state;
	add("web", "f", 1, START);
	add("db", "f", 3, START);
	first = next(START);
	kube_table_begin(first);
	kube_table_failed(table, first);
	second = next(START);
	assert_ptr_not_equal(first, second);
	kube_table_begin(second);
	kube_table_failed(table, second);
	assert_ptr_equal(next(START), first);
	kube_table_give_up(first, &lost);
	assert_int_equal(lost.deaths, 1);
	assert_int_equal(lost.folded, 0);
	kube_table_give_up(second, &lost);
	assert_int_equal(lost.deaths, 4);
	assert_int_equal(lost.folded, 2);
	assert_null(next(START));
}

/* At the end, what was reported as written and was not sent is lost, and nothing twice. */
static void test_the_end(void **state)
{
	(void)state;
	add("web", "f", 1, START);
	assert_int_equal(send_next(START), 1);
	add("web", "f", 4, START);
	kube_table_release(table);
	add("web", "f", 8, START);
	kube_table_give_up_released(table, &lost);
	assert_int_equal(lost.deaths, 4);
	kube_table_give_up_released(table, &lost);
	assert_int_equal(lost.deaths, 4);
	kube_table_give_up(next(START), &lost);
	assert_int_equal(lost.deaths, 12);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_equal_deaths_are_counted, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_more_comes_meanwhile, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_rate_of_a_pod, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_rate_of_the_node, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_bounds, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_failures, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_the_end, set_up, tear_down),
	};

	return cmocka_run_group_tests_name("kube_table", tests, NULL, NULL);
}
