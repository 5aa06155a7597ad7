// SPDX-License-Identifier: BSD-2-Clause
#include "unit.h"

#include "line/select.h"
#include "line/json_record.h"

#include <stdlib.h>
#include <string.h>

static const struct origin origin = { .boot_id = "boot", .node = "node" };
static struct death death;
static struct attribution whose;
static struct report report;

#define LIST(...)                 \
	(char *[])                \
	{                         \
		__VA_ARGS__, NULL \
	}

static int make_report(void **state)
{
	(void)state;
	memset(&death, 0, sizeof(death));
	memset(&report, 0, sizeof(report));
	memset(&whose, 0, sizeof(whose));
	death.record.tgid = 4711;
	strcpy(death.comm, "nginx");
	strcpy(death.cgroup_path, "/system.slice/shop.service/workers");
	strcpy(death.memory_path, "/kubepods/burstable/podx");
	strcpy(whose.owner.unit, "shop.service");
	strcpy(whose.owner.user_unit, "editor.service");
	strcpy(whose.owner.container_id, "63425c4a8b42");
	strcpy(whose.owner.enclosing_id, "9bca8d63d5fa");
	strcpy(whose.owner.machine, "deb");
	report.origin = &origin;
	report.death = &death;
	report.whose = &whose;
	report.verdict.cause = CAUSE_OOM_MEMCG;
	return 0;
}

static bool takes_form(const struct selection *selection, struct reported *reported)
{
	bool taken;

	assert_non_null(reported);
	taken = selection_takes(selection, reported);
	free(reported);
	return taken;
}

static bool takes_live(const struct selection *selection)
{
	return takes_form(selection, reported_of_report(&report));
}

/* The same death as it is in the history. */
static bool takes_line(const struct selection *selection)
{
	size_t size;
	char *line = json_record_of_death(&report, &size);
	json_t *record = json_loadb(line, size, 0, NULL);
	bool taken;

	assert_non_null(record);
	taken = takes_form(selection, reported_of_json(record, 0));
	json_decref(record);
	free(line);
	return taken;
}

static bool takes(struct selection selection)
{
	return takes_live(&selection) && takes_line(&selection);
}

/* Reported and stored deaths must match in the same way. */
static bool refuses(struct selection selection)
{
	bool live = takes_live(&selection), stored = takes_line(&selection);

	assert_int_equal(live, stored);
	return !live;
}

static void test_no_filter(void **state)
{
	(void)state;
	assert_true(takes((struct selection){ 0 }));
}

static void test_routine_is_asked_for(void **state)
{
	(void)state;
	report.verdict.routine = true;
	assert_true(refuses((struct selection){ 0 }));
	assert_true(refuses((struct selection){ .cause = LIST("oom-memcg") }));
	assert_true(takes((struct selection){ .all = true }));
	assert_true(refuses((struct selection){ .all = true, .cause = LIST("sigkill") }));
}

static void test_each_list(void **state)
{
	(void)state;
	assert_true(takes((struct selection){ .cause = LIST("oom-memcg") }));
	assert_true(takes((struct selection){ .cause = LIST("oom-*") }));
	assert_true(refuses((struct selection){ .cause = LIST("oom") }));
	assert_true(takes((struct selection){ .unit = LIST("shop.service") }));
	assert_true(takes((struct selection){ .unit = LIST("editor.*") }));
	assert_true(refuses((struct selection){ .unit = LIST("shop") }));
	assert_true(takes((struct selection){ .container = LIST("63425c4a*") }));
	assert_true(takes((struct selection){ .container = LIST("9bca*") }));
	assert_true(takes((struct selection){ .container = LIST("deb") }));
	assert_true(refuses((struct selection){ .container = LIST("63425c4a") }));
	assert_true(takes((struct selection){ .comm = LIST("ngin?") }));
	assert_true(refuses((struct selection){ .comm = LIST("NGINX") }));
	assert_true(takes((struct selection){ .cgroup = LIST("/system.slice/*") }));
	assert_true(takes((struct selection){ .cgroup = LIST("*/podx") }));
	assert_true(refuses((struct selection){ .cgroup = LIST("/system.slice") }));
	assert_true(takes((struct selection){ .pid = LIST("4711") }));
	assert_true(refuses((struct selection){ .pid = LIST("471") }));
}

/* One match in a list is enough; of several lists each must match. */
static void test_lists_together(void **state)
{
	(void)state;
	assert_true(takes((struct selection){ .cause = LIST("abort", "oom-*") }));
	assert_true(takes((struct selection){ .cause = LIST("oom-*"), .comm = LIST("nginx") }));
	assert_true(refuses((struct selection){ .cause = LIST("oom-*"), .comm = LIST("other") }));
	assert_true(refuses((struct selection){ .pid = LIST("1", "2"), .comm = LIST("nginx") }));
	assert_true(takes((struct selection){ .pid = LIST("1", "4711"), .comm = LIST("nginx") }));
}

static void test_what_has_no_name_matches_nothing(void **state)
{
	(void)state;
	memset(&whose.owner, 0, sizeof(whose.owner));
	assert_true(refuses((struct selection){ .unit = LIST("*") }));
	assert_true(refuses((struct selection){ .container = LIST("*") }));
	death.comm[0] = '\0';
	assert_true(refuses((struct selection){ .comm = LIST("*") }));
	death.cgroup_path[0] = death.memory_path[0] = '\0';
	assert_true(refuses((struct selection){ .cgroup = LIST("*") }));
}

/* Names are only matched against, never used as a pattern or a format. */
static void test_hostile_names(void **state)
{
	(void)state;
	strcpy(death.comm, "*");
	assert_true(refuses((struct selection){ .comm = LIST("nginx") }));
	assert_true(takes((struct selection){ .comm = LIST("\\*") }));
	strcpy(death.comm, "[a-z]%n\n");
	assert_true(takes((struct selection){ .comm = LIST("[[]*") }));
	memset(death.cgroup_path, '*', sizeof(death.cgroup_path) - 1);
	assert_true(refuses((struct selection){ .cgroup = LIST("/*a*a*a*a*b") }));
}

/* Bytes that are not UTF-8 are matched as they are reported. */
static void test_names_as_they_are_told(void **state)
{
	(void)state;
	strcpy(death.comm, "a\xff"
			   "b");
	assert_true(takes((struct selection){ .comm = LIST("a\xef\xbf\xbd"
							   "b") }));
	assert_true(takes((struct selection){ .comm = LIST("a*b") }));
	assert_true(refuses((struct selection){ .comm = LIST("a\xff"
							     "b") }));
	assert_true(refuses((struct selection){ .comm = LIST("a?b") }));
	strcpy(death.comm, "a\nb\"\\\033");
	assert_true(takes((struct selection){ .comm = LIST("a\nb\"\\\\\033") }));
}

static void test_fingerprints(void **state)
{
	(void)state;
	assert_true(refuses((struct selection){ .fingerprint = LIST("*") }));
	strcpy(report.fingerprint, "1-0123456789abcdef");
	assert_true(takes((struct selection){ .fingerprint = LIST("1-0123456789abcdef") }));
	assert_true(takes((struct selection){ .fingerprint = LIST("1-0123*") }));
	assert_true(refuses((struct selection){ .fingerprint = LIST("1-0123") }));
}

static void test_pods_and_their_containers(void **state)
{
	(void)state;
	assert_true(refuses((struct selection){ .pod = LIST("*") }));
	assert_true(refuses((struct selection){ .pod = LIST("*/*") }));
	strcpy(whose.names.pod, "web-0");
	strcpy(whose.names.namespace, "shop");
	strcpy(whose.names.container, "nginx");
	strcpy(whose.names.name, "k8s_nginx");
	assert_true(takes((struct selection){ .pod = LIST("shop/web-0") }));
	assert_true(takes((struct selection){ .pod = LIST("shop/*") }));
	assert_true(refuses((struct selection){ .pod = LIST("web-0") }));
	assert_true(refuses((struct selection){ .pod = LIST("other/web-0") }));
	assert_true(takes((struct selection){ .container = LIST("nginx") }));
	assert_true(takes((struct selection){ .container = LIST("k8s_*") }));
	whose.owner.enclosing_id[0] = '\0';
	assert_true(takes((struct selection){ .container = LIST("k8s_*") }));
}

/* If the unified hierarchy has nothing, the reported cgroup is that of v1. */
static void test_the_cgroup_that_is_told(void **state)
{
	(void)state;
	strcpy(death.cgroup_path, "/");
	assert_true(refuses((struct selection){ .cgroup = LIST("/") }));
	assert_true(takes((struct selection){ .cgroup = LIST("*/podx") }));
	strcpy(death.systemd_path, "/kubepods");
	assert_true(takes((struct selection){ .cgroup = LIST("*/podx") }));
	assert_true(takes((struct selection){ .cgroup = LIST("/kubepods") }));
	death.memory_path[0] = death.systemd_path[0] = '\0';
	assert_true(takes((struct selection){ .cgroup = LIST("/") }));
}

/* As a row shows them. */
static void test_owners_of_rows(void **state)
{
	(void)state;
	assert_true(takes((struct selection){ .what = "/system.slice/shop.service/workers" }));
	assert_true(takes((struct selection){ .what = "machine:deb" }));
	assert_true(takes((struct selection){ .what = "container:63425c4a8b42" }));
	strcpy(whose.owner.runtime, "docker");
	assert_true(takes((struct selection){ .what = "docker:63425c4a8b42" }));
	assert_true(refuses((struct selection){ .what = "podman:63425c4a8b42" }));
	assert_true(refuses((struct selection){ .what = "container:63425c4a8b42" }));
	assert_true(refuses((struct selection){ .what = "docker:" }));
	assert_true(refuses((struct selection){ .what = ":" }));
	assert_true(refuses((struct selection){ .what = "machine:debian" }));
	assert_true(refuses((struct selection){ .what = "shop/web-0:app" }));
	strcpy(whose.names.pod, "web-0");
	strcpy(whose.names.namespace, "shop");
	strcpy(whose.names.container, "app");
	assert_true(takes((struct selection){ .what = "shop/web-0:app" }));
	assert_true(takes((struct selection){ .what = "shop/web-0:63425c4a8b42" }));
	assert_true(refuses((struct selection){ .what = "shop/web-0:db" }));
	assert_true(refuses((struct selection){ .what = "shop/web:app" }));
}

static int check(struct selection selection, const char *culprit)
{
	const char *word = NULL;
	int result = selection_check(&selection, &word);

	if (result)
		assert_string_equal(word, culprit);
	return result;
}

static void test_check(void **state)
{
	(void)state;
	assert_int_equal(check((struct selection){ 0 }, NULL), 0);
	assert_int_equal(
		check((struct selection){ .cause = LIST("oom-*", "abort"),
					  .unit = LIST("a[bc]*", "\\*"),
					  .container = LIST("[!a]", "[^]]"),
					  .comm = LIST("*", "[[:alpha:]]", "[[:alpha:][:digit:]_]*",
						       "[[.].]]", "[[=a=]]", "[[:]", "[[]", "[a[]",
						       "[[:]x"),
					  .cgroup = LIST("/a/[]]"),
					  .pid = LIST("1", "4194304") },
		      NULL),
		0);
	assert_int_equal(check((struct selection){ .cause = LIST("abort", "ooom") }, "ooom"),
			 -SELECTION_UNKNOWN_CAUSE);
	assert_int_equal(check((struct selection){ .cause = LIST("x*") }, "x*"),
			 -SELECTION_UNKNOWN_CAUSE);
	assert_int_equal(check((struct selection){ .cause = LIST("") }, ""),
			 -SELECTION_UNKNOWN_CAUSE);
}

static void test_check_globs(void **state)
{
	static char *const bad[] = { "[",      "a[b",         "[]",          "[!",
				     "[!]",    "[^]",         "a\\",         "[a]\\",
				     "x[a]y[", "[[:alpha:]",  "[[.a.]",      "[![=a=]",
				     "[\\]",   "[[:alpha:]x", "[a[:digit:]", "[[.].]" };

	(void)state;
	for (size_t i = 0; i < COUNT(bad); i++) {
		char *list[] = { "good", bad[i], NULL };

		assert_int_equal(check((struct selection){ .unit = list }, bad[i]),
				 -SELECTION_BAD_GLOB);
		assert_int_equal(check((struct selection){ .container = list }, bad[i]),
				 -SELECTION_BAD_GLOB);
		assert_int_equal(check((struct selection){ .comm = list }, bad[i]),
				 -SELECTION_BAD_GLOB);
		assert_int_equal(check((struct selection){ .cgroup = list }, bad[i]),
				 -SELECTION_BAD_GLOB);
	}
}

/* A part of a pod's name matches none. */
static void test_check_pods(void **state)
{
	static char *const bad[] = { "", "web-0", "/", "/web-0", "shop/" };

	(void)state;
	for (size_t i = 0; i < COUNT(bad); i++)
		assert_int_equal(check((struct selection){ .pod = LIST("a/b", bad[i]) }, bad[i]),
				 -SELECTION_BAD_POD);
}

static void test_check_pids(void **state)
{
	static char *const bad[] = { "",   "0",  "-1", "+1", " 1",         "1 ",
				     "1x", "0x", "*",  "1.", "2147483648", "99999999999999999999" };

	(void)state;
	for (size_t i = 0; i < COUNT(bad); i++)
		assert_int_equal(check((struct selection){ .pid = LIST("7", bad[i]) }, bad[i]),
				 -SELECTION_BAD_PID);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_no_filter, make_report),
		cmocka_unit_test_setup(test_routine_is_asked_for, make_report),
		cmocka_unit_test_setup(test_each_list, make_report),
		cmocka_unit_test_setup(test_lists_together, make_report),
		cmocka_unit_test_setup(test_what_has_no_name_matches_nothing, make_report),
		cmocka_unit_test_setup(test_hostile_names, make_report),
		cmocka_unit_test_setup(test_names_as_they_are_told, make_report),
		cmocka_unit_test_setup(test_fingerprints, make_report),
		cmocka_unit_test_setup(test_pods_and_their_containers, make_report),
		cmocka_unit_test_setup(test_the_cgroup_that_is_told, make_report),
		cmocka_unit_test_setup(test_owners_of_rows, make_report),
		cmocka_unit_test(test_check),
		cmocka_unit_test(test_check_globs),
		cmocka_unit_test(test_check_pods),
		cmocka_unit_test(test_check_pids),
	};

	return cmocka_run_group_tests_name("select", tests, NULL, NULL);
}
