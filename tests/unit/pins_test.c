// SPDX-License-Identifier: BSD-2-Clause
/* The folder of pins without a BPF file system: which folders are refused, and what counts as a
 * generation. Pins themselves need root: tests/kernel/test_pins.py. */
#include "unit.h"

#include <errno.h>

#include "source/pins.h"
#include "tree.h"

static struct pins pins_at(const char *path)
{
	struct pins pins = { .fd = -1 };

	(void)snprintf(pins.path, sizeof(pins.path), "%s", path);
	return pins;
}

static void test_refused_folders(void **state)
{
	char path[PINS_PATH_SIZE + 1];
	struct pins pins = { .fd = -1 };
	pid_t pid = 7;

	(void)state;
	(void)snprintf(path, sizeof(path), "%s", tree_path("/here/"));
	assert_int_equal(pins_open(path, false, &pins, &pid), -EMEDIUMTYPE);
	assert_int_equal(pid, 0);
	assert_int_equal(pins_look(path, &pid), -EMEDIUMTYPE);
	/* nothing is made outside of a BPF file system */
	(void)snprintf(path, sizeof(path), "%s", tree_path("/new"));
	assert_int_equal(pins_open(path, true, &pins, &pid), -EMEDIUMTYPE);
	assert_int_equal(pins_open(path, false, &pins, &pid), -ENOENT);
	assert_int_equal(pins_look(path, &pid), -EMEDIUMTYPE);
	memset(path, 'x', sizeof(path) - 1);
	path[sizeof(path) - 1] = '\0';
	assert_int_equal(pins_open(path, false, &pins, &pid), -ENAMETOOLONG);
	assert_int_equal(pins.fd, -1);
	pins_close(&pins);
}

static void test_generations(void **state)
{
	const struct pins pins = pins_at(tree_path("/pins"));
	struct pins_generation generations[PINS_MOST];
	char name[PINS_NAME_SIZE];
	int count = 7;

	(void)state;
	assert_int_equal(pins_list(&pins, generations, &count), -ENOENT);
	assert_int_equal(count, 7);
	tree_write("/pins/told", "");
	tree_write("/pins/v1-0000000000000007/map_events", "");
	tree_write("/pins/v/" PINS_LAST_LINK, "");
	tree_write("/pins/vx-1/link_" PINS_LAST_LINK, "");
	tree_write("/pins/v2/link_" PINS_LAST_LINK, "");
	assert_int_equal(pins_list(&pins, generations, &count), 0);
	assert_int_equal(count, 1);
	assert_string_equal(generations[0].name, "v1-0000000000000007");
	assert_false(generations[0].whole);
	assert_false(pins_find(&pins, 7, name));
	tree_write("/pins/v1-0000000000000007/link_" PINS_LAST_LINK, "");
	assert_int_equal(pins_list(&pins, generations, &count), 0);
	assert_true(generations[0].whole);
	assert_true(pins_find(&pins, 7, name));
	assert_string_equal(name, "v1-0000000000000007");
	assert_false(pins_find(&pins, 8, name));
}

/* Removes what is its own, and leaves the rest. */
static void test_removal(void **state)
{
	struct pins pins = pins_at(tree_path("/pins"));

	(void)state;
	tree_write("/pins/told", "");
	tree_write("/pins/other", "");
	tree_write("/pins/v1-0000000000000007/map_events", "");
	tree_write("/pins/v1-0000000000000007/link_" PINS_LAST_LINK, "");
	pins.fd = open(pins.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_true(pins.fd >= 0);
	assert_int_equal(pins_detach(&pins, "v1-0000000000000007"), 0);
	assert_int_not_equal(
		access(tree_path("/pins/v1-0000000000000007/link_" PINS_LAST_LINK), F_OK), 0);
	assert_int_equal(access(tree_path("/pins/v1-0000000000000007/map_events"), F_OK), 0);
	assert_int_equal(pins_remove_all(&pins), 0);
	assert_int_not_equal(access(tree_path("/pins/v1-0000000000000007"), F_OK), 0);
	assert_int_not_equal(access(tree_path("/pins/told"), F_OK), 0);
	assert_int_equal(access(tree_path("/pins/other"), F_OK), 0);
	pins_close(&pins);
	/* the folder is not empty */
	assert_int_equal(access(pins.path, F_OK), 0);
	assert_int_equal(unlink(tree_path("/pins/other")), 0);
	pins.fd = open(pins.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	pins_close(&pins);
	assert_int_not_equal(access(pins.path, F_OK), 0);
}

/* What is not pinned gives an error, never a descriptor. An ordinary user may not even ask. */
static void test_missing_pin(void **state)
{
	const struct pins pins = pins_at(tree_path("/none"));
	const int error = pins_get(&pins, "v1-1", "map_", "events");
	char path[PINS_PATH_SIZE], expected[PINS_PATH_SIZE];

	(void)state;
	assert_true(error == -ENOENT || error == -EPERM);
	pins_path(&pins, "v1-1", "map_", "events", path);
	(void)snprintf(expected, sizeof(expected), "%s/none/v1-1/map_events", tree_root);
	assert_string_equal(path, expected);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_refused_folders, tree_make, tree_remove),
		cmocka_unit_test_setup_teardown(test_generations, tree_make, tree_remove),
		cmocka_unit_test_setup_teardown(test_removal, tree_make, tree_remove),
		cmocka_unit_test_setup_teardown(test_missing_pin, tree_make, tree_remove),
	};

	return cmocka_run_group_tests_name("pins", tests, NULL, NULL);
}
