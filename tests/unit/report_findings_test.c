// SPDX-License-Identifier: BSD-2-Clause
/* What a report finds in a history: counts by owner and by fingerprint, losses, bounds. */
#include "history.h"

#include <stdlib.h>
#include <string.h>

#include "history_v1.h"
#include "report/findings.h"
#include "report/page.h"

#define DEATH(number, more)                                                                      \
	"{\"schema\":1,\"id\":\"boot-" #number "\",\"time\":\"2023-11-14T22:13:20.000000001Z\"," \
	"\"node\":\"n\",\"cause\":\"sigkill\",\"class\":\"userspace\",\"routine\":false,"        \
	"\"summary\":\"death " #number "\",\"exit\":{\"signal\":9,\"status\":0,"                 \
	"\"core_dumped\":false},\"victim\":{\"pid\":7,\"tid\":7,\"comm\":\"c\"}" more "}\n"

static const struct selection open_selection = { 0 };
static const struct history_query everything = {
	.selection = &open_selection,
	.since_ns = T0_NS,
	.until_ns = T0_NS + 96 * NS_PER_S,
};

static void give(struct outlet *outlet, const char *line, int64_t realtime_ns)
{
	history_give(outlet, history_event(line, realtime_ns));
}

static struct findings *find(const struct history_query *query)
{
	struct history_reader *reader;
	struct findings *findings;
	char path[128];

	(void)snprintf(path, sizeof(path), "%s", HISTORY_DB);
	assert_int_equal(history_open(path, &reader), 0);
	assert_int_equal(findings_gather(reader, query, path, T0_NS + 100 * NS_PER_S, &findings),
			 0);
	history_free(reader);
	return findings;
}

/* Every page must end, whatever is in it. */
static void expect_page(const struct findings *findings)
{
	const struct page_wishes wishes = { "1", "/history.db", "", false };
	struct buffer page;

	page_write(findings, &wishes, &page);
	buffer_add(&page, "", 1);
	assert_false(page.failed);
	assert_non_null(strstr(page.text, "</main>\n<footer>"));
	assert_string_equal(page.text + strlen(page.text) - 8, "</html>\n");
	free(page.text);
}

#define OWNED(unit) ",\"systemd\":{\"unit\":\"" unit "\"}"

static void test_owners(void **state)
{
	struct findings *findings;
	struct outlet *outlet;

	(void)state;
	outlet = history_make();
	give(outlet, DEATH(1, OWNED("a.service")), T0_NS + NS_PER_S / 2);
	give(outlet, DEATH(2, OWNED("b.service")), T0_NS + 50 * NS_PER_S);
	give(outlet, DEATH(3, OWNED("b.service") ",\"fingerprint\":\"1-00000000000000aa\""),
	     T0_NS + 96 * NS_PER_S);
	give(outlet, DEATH(4, OWNED("b.service")), T0_NS + 97 * NS_PER_S); /* too late */
	give(outlet,
	     "{\"schema\":1,\"time\":\"2023-11-14T22:13:20.000000002Z\",\"node\":\"n\","
	     "\"lost\":{\"ring_full\":7}}\n",
	     T0_NS + 2 * NS_PER_S);
	assert_int_equal(outlet->ops->flush(outlet), 0);
	history_drop(outlet);

	findings = find(&everything);
	assert_int_equal(findings->deaths, 3);
	assert_string_equal(findings->node, "n");
	assert_false(findings->nodes);
	assert_int_equal(findings->owner_count, 2);
	assert_string_equal(findings->owners[0].name, "b.service");
	assert_string_equal(findings->owners[0].newest, "death 3");
	assert_int_equal(findings->owners[0].set->deaths, 2);
	assert_int_equal(findings->owners[0].set->first_ns, T0_NS + 50 * NS_PER_S);
	assert_int_equal(findings->owners[0].set->bins[50][SET_USERSPACE], 1);
	assert_int_equal(findings->owners[0].set->bins[95][SET_USERSPACE], 1);
	assert_string_equal(findings->owners[1].name, "a.service");
	assert_int_equal(findings->owners[1].set->bins[0][SET_USERSPACE], 1);
	assert_int_equal(findings->whole.causes[CAUSE_SIGKILL], 3);
	/* one fingerprint, and those without by their cause */
	assert_int_equal(findings->crash_count, 2);
	assert_int_equal(findings->crashes[0].set->deaths, 2);
	assert_int_equal(findings->lost_times, 1);
	assert_int_equal(findings->lost.count[LOSS_RING_FULL], 7);
	assert_int_equal(findings->lost_bins[2], 1);
	assert_int_equal(findings->damaged, 0);
	expect_page(findings);
	findings_free(findings);
}

/* More owners and kinds than there is room for are counted, and no death is left out. */
static void test_too_many(void **state)
{
	enum { MANY = SETS_MOST + 100 };
	struct findings *findings;
	struct outlet *outlet;

	(void)state;
	outlet = history_make();
	for (int i = 0; i < MANY; i++) {
		char line[1024];

		(void)snprintf(line, sizeof(line),
			       DEATH(1, ",\"systemd\":{\"unit\":\"u%d.service\"},"
					"\"fingerprint\":\"1-%016d\""),
			       i, i);
		/* another id each */
		(void)memcpy(strstr(line, "boot-1"),
			     (char[]){ 'b', 'A' + (char)(i / 676), 'A' + (char)(i / 26 % 26),
				       'A' + (char)(i % 26), '-', '1' },
			     6);
		give(outlet, line, T0_NS + i);
	}
	assert_int_equal(outlet->ops->flush(outlet), 0);
	history_drop(outlet);

	findings = find(&everything);
	assert_int_equal(findings->deaths, MANY);
	assert_int_equal(findings->owner_total, SETS_MOST);
	assert_int_equal(findings->owner_count, FINDINGS_OWNERS);
	assert_int_equal(findings->owner_sets.others.deaths, MANY - SETS_MOST);
	assert_int_equal(findings->crash_count, FINDINGS_CRASHES);
	assert_int_equal(findings->whole.deaths, MANY);
	assert_int_equal(findings->whole.causes[CAUSE_SIGKILL], MANY);
	/* the newest have names */
	assert_int_equal(findings->owners[0].set->last_ns, T0_NS + MANY - 1);
	expect_page(findings);
	findings_free(findings);
}

/* An older history lacks columns, and its records members. */
static void test_old(void **state)
{
	static const struct selection all = { .all = true };
	const struct history_query query = { .selection = &all,
					     .since_ns = INT64_MIN,
					     .until_ns = INT64_MAX };
	struct findings *findings;

	(void)state;
	history_run(HISTORY_DB, history_v1);
	findings = find(&query);
	assert_int_equal(findings->deaths, 2);
	assert_int_equal(findings->begins_ns, T0_NS + 1);
	assert_int_equal(findings->owner_count, 1); /* their lines lack what this version needs */
	assert_true(findings->damaged >= 2);
	expect_page(findings);
	findings_free(findings);
}

static void test_empty(void **state)
{
	const struct history_query query = { .selection = &open_selection,
					     .since_ns = T0_NS - 5,
					     .until_ns = T0_NS - 5 };
	struct findings *findings;
	struct outlet *outlet;

	(void)state;
	outlet = history_make();
	give(outlet, DEATH(1, ""), T0_NS);
	assert_int_equal(outlet->ops->flush(outlet), 0);
	history_drop(outlet);
	findings = find(&query);
	assert_int_equal(findings->deaths, 0);
	expect_page(findings);
	findings_free(findings);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_owners, tree_make, tree_remove),
		cmocka_unit_test_setup_teardown(test_too_many, tree_make, tree_remove),
		cmocka_unit_test_setup_teardown(test_old, tree_make, tree_remove),
		cmocka_unit_test_setup_teardown(test_empty, tree_make, tree_remove),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
