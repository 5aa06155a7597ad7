// SPDX-License-Identifier: BSD-2-Clause
/* Settings of now: what systemctl prints, programs that hang or say too much, files of cgroups. */
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "tree.h"
#include "why/settings.h"

static json_t *record_of(const char *text)
{
	json_t *record = json_loads(text, 0, NULL);

	assert_non_null(record);
	return record;
}

static const char stopped[] = "{\"cause\":\"sigkill\",\"systemd\":{\"unit\":\"a b'c.service\"}}";

/* A program in place of systemctl. */
static void write_program(const char *script)
{
	tree_write("/systemctl", script);
	assert_int_equal(chmod(tree_path("/systemctl"), 0755), 0);
}

static void read_with(const char *text, struct settings *ret)
{
	char program[256], root[256];
	const struct settings_places places = { program, root, root };
	json_t *record = record_of(text);

	(void)snprintf(program, sizeof(program), "%s", tree_path("/systemctl"));
	(void)snprintf(root, sizeof(root), "%s", tree_path(""));
	settings_read(&places, record, ret);
	json_decref(record);
}

static void test_what_systemctl_says(void **state)
{
	struct settings settings;

	(void)state;
	write_program("#!/bin/sh\n"
		      "[ \"$#\" = 4 ] && [ \"$1\" = show ] && [ \"$3\" = -- ] || exit 1\n"
		      "[ \"$4\" = \"a b'c.service\" ] || exit 1\n"
		      "[ -z \"$HOME\" ] || exit 1\n"
		      "echo TimeoutStopUSec=1min 30s\n"
		      "echo WatchdogUSec=\n"
		      "echo KillMode=mixed\n"
		      "echo ExecStart=secret\n"
		      "echo TimeoutStopUSec=again\n");
	read_with(stopped, &settings);
	assert_int_equal(settings.count, 2);
	assert_string_equal(settings_find(&settings, "TimeoutStopUSec"), "1min 30s");
	assert_string_equal(settings_find(&settings, "KillMode"), "mixed");
	assert_null(settings_find(&settings, "WatchdogUSec"));
	assert_null(settings_find(&settings, "ExecStart"));
}

static void test_programs_that_do_not_answer(void **state)
{
	static const char *const scripts[] = {
		"#!/bin/sh\necho TimeoutStopUSec=1s\nexec sleep 100\n",
		"#!/bin/sh\nexec yes TimeoutStopUSec=1s\n",
		"#!/bin/sh\nexit 1\n",
		"#!/nonexistent\n",
	};
	struct settings settings;

	(void)state;
	for (size_t i = 0; i < COUNT(scripts); i++) {
		write_program(scripts[i]);
		read_with(stopped, &settings);
		assert_int_equal(settings.count, 0);
	}
}

static void test_no_unit(void **state)
{
	struct settings settings;

	(void)state;
	write_program("#!/bin/sh\necho TimeoutStopUSec=1s\n");
	read_with("{\"cause\":\"sigkill\",\"container\":{\"id\":\"x\"},"
		  "\"systemd\":{\"unit\":\"docker.service\"}}",
		  &settings);
	assert_int_equal(settings.count, 0);
	read_with("{\"cause\":\"sigkill\"}", &settings);
	assert_int_equal(settings.count, 0);
}

static void test_files(void **state)
{
	struct settings settings;

	(void)state;
	write_program("#!/bin/sh\nexit 1\n");
	tree_write("/a/memory.max", "536870912\n");
	tree_write("/memory/b/memory.limit_in_bytes", "1024\n");
	tree_write("/core_pattern", "|/usr/lib/systemd/systemd-coredump %P\n");
	read_with("{\"cause\":\"oom-memcg\",\"oom\":{\"cgroup\":\"/a\"}}", &settings);
	assert_string_equal(settings_find(&settings, "memory.max"), "536870912");
	read_with("{\"cause\":\"oom-memcg\",\"oom\":{\"cgroup\":\"/b\"}}", &settings);
	assert_string_equal(settings_find(&settings, "memory.limit_in_bytes"), "1024");
	read_with("{\"cause\":\"oom-memcg\",\"oom\":{\"cgroup\":\"/../../../etc\"}}", &settings);
	assert_int_equal(settings.count, 0);
	read_with("{\"cause\":\"abort\",\"exit\":{\"core_dumped\":true}}", &settings);
	assert_non_null(settings_find(&settings, "core_pattern"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_what_systemctl_says, tree_make, tree_remove),
		cmocka_unit_test_setup_teardown(test_programs_that_do_not_answer, tree_make,
						tree_remove),
		cmocka_unit_test_setup_teardown(test_no_unit, tree_make, tree_remove),
		cmocka_unit_test_setup_teardown(test_files, tree_make, tree_remove),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
