// SPDX-License-Identifier: BSD-2-Clause
/* The invocation of a unit: systemd's links, and what may take their place. */
#include "unit.h"

#include "attribute/invocation.h"
#include "base/clock.h"
#include "tree.h"

#define ID "0123456789abcdef0123456789abcdef"
#define LINK "/run/systemd/units/invocation:shop.service"
#define T0_NS (1700000000 * NS_PER_S)

static void make_link(const char *target)
{
	const struct timespec times[] = { { .tv_sec = 1700000000 }, { .tv_sec = 1700000000 } };
	char path[PATH_MAX];

	(void)snprintf(path, sizeof(path), "%s", tree_path(LINK));
	(void)unlink(path);
	assert_int_equal(symlink(target, path), 0);
	assert_int_equal(utimensat(AT_FDCWD, path, times, AT_SYMLINK_NOFOLLOW), 0);
}

static void expect(const char *unit, int64_t realtime_ns, const char *wanted)
{
	char got[INVOCATION_SIZE] = "old";

	invocation_find(tree_root, unit, realtime_ns, got);
	assert_string_equal(got, wanted);
}

static void test_found(void **state)
{
	(void)state;
	expect("shop.service", T0_NS + NS_PER_S, "");
	make_link(ID);
	expect("shop.service", T0_NS + NS_PER_S, ID);
	expect("other.service", T0_NS + NS_PER_S, "");
	expect("", T0_NS + NS_PER_S, "");
}

/* A death from before this invocation belongs to another. */
static void test_of_another_run(void **state)
{
	(void)state;
	make_link(ID);
	expect("shop.service", T0_NS - 1, "");
	expect("shop.service", T0_NS, "");
}

static void test_hostile(void **state)
{
	static const char *const targets[] = { "x", ID "0", "../../etc/passwd",
					       "0123456789ABCDEF0123456789ABCDEF",
					       "0123456789abcdef0123456789abcde\n" };

	(void)state;
	for (size_t i = 0; i < COUNT(targets); i++) {
		make_link(targets[i]);
		expect("shop.service", T0_NS + NS_PER_S, "");
	}
	make_link(ID);
	expect("x/../../units/invocation:shop.service", T0_NS + NS_PER_S, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_found, tree_make, tree_remove),
		cmocka_unit_test_setup_teardown(test_of_another_run, tree_make, tree_remove),
		cmocka_unit_test_setup_teardown(test_hostile, tree_make, tree_remove),
	};

	return cmocka_run_group_tests_name("invocation", tests, NULL, NULL);
}
