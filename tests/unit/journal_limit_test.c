// SPDX-License-Identifier: BSD-2-Clause
/*
 * The number of entries that journald accepts from a unit, by its configuration and systemd's
 * links.
 */
#include "unit.h"

#include "base/clock.h"
#include "outlet/journal_limit.h"
#include "tree.h"

#define SECOND ((uint64_t)NS_PER_S)
#define UNIT "killtrace.service"

static void expect(const char *unit, uint64_t interval_ns, uint64_t burst)
{
	struct journal_limit limit;

	journal_limit_read(tree_root, unit, &limit);
	assert_int_equal(limit.interval_ns, interval_ns);
	assert_int_equal(limit.burst, burst);
}

static void test_defaults(void **state)
{
	(void)state;
	expect(UNIT, 30 * SECOND, 10000);
	expect("", 0, 0);
	tree_write("/etc/systemd/journald.conf",
		   "[Journal]\n#RateLimitIntervalSec=7s\nStorage=auto\n");
	expect(UNIT, 30 * SECOND, 10000);
}

static void test_configuration(void **state)
{
	(void)state;
	tree_write("/usr/lib/systemd/journald.conf", "[Journal]\nRateLimitBurst=1\n");
	tree_write("/etc/systemd/journald.conf",
		   "[Journal]\n RateLimitIntervalSec = 1min 30s \nRateLimitBurst=77\n");
	expect(UNIT, 90 * SECOND, 77);
	tree_write("/usr/lib/systemd/journald.conf.d/10-a.conf", "[Journal]\nRateLimitBurst=5\n");
	expect(UNIT, 90 * SECOND, 5);
	/* a later name wins, and of the same name the administrator's file */
	tree_write("/usr/lib/systemd/journald.conf.d/20-b.conf", "[Journal]\nRateLimitBurst=6\n");
	expect(UNIT, 90 * SECOND, 6);
	tree_write("/etc/systemd/journald.conf.d/20-b.conf",
		   "[Journal]\nRateLimitInterval=500ms\n");
	expect(UNIT, SECOND / 2, 5);
	tree_write("/run/systemd/journald.conf.d/30-c.conf", "[Journal]\nRateLimitIntervalSec=0\n");
	expect(UNIT, 0, 5);
	tree_write("/run/systemd/journald.conf.d/30-c.conf",
		   "[Journal]\nRateLimitIntervalSec=.5h 1500000ms 2.25\n");
	expect(UNIT, 3302 * SECOND + SECOND / 4, 5);
}

static void test_nonsense(void **state)
{
	static const char *const lines[] = {
		"RateLimitIntervalSec=",
		"RateLimitIntervalSec=soon",
		"RateLimitIntervalSec=1parsec",
		"RateLimitIntervalSec=-1",
		"RateLimitBurst=",
		"RateLimitBurst=many",
		"RateLimitBurst=-3",
		"RateLimitBurst=7x",
		"RateLimitBurstX=3",
		"RateLimit",
		"RateLimitIntervalSec=nan",
		"RateLimitIntervalSec=inf",
		"RateLimitIntervalSec=0x10",
		"RateLimitIntervalSec=1e3",
		"RateLimitIntervalSec=+1",
		"RateLimitIntervalSec=.",
		"RateLimitIntervalSec=999999d",
		"RateLimitIntervalSec=99999999999999999999",
		"RateLimitIntervalSec=18446744073s 1s",
		"RateLimitBurst=99999999999999999999",
	};

	(void)state;
	for (size_t i = 0; i < COUNT(lines); i++) {
		tree_write("/etc/systemd/journald.conf", lines[i]);
		expect(UNIT, 30 * SECOND, 10000);
	}
}

static void test_links(void **state)
{
	char path[PATH_MAX];

	(void)state;
	tree_write("/etc/systemd/journald.conf", "[Journal]\nRateLimitBurst=77\n");
	(void)snprintf(path, sizeof(path), "%s",
		       tree_path("/run/systemd/units/log-rate-limit-interval:" UNIT));
	assert_int_equal(symlink("2500000", path), 0);
	expect(UNIT, SECOND * 5 / 2, 77);
	(void)snprintf(path, sizeof(path), "%s",
		       tree_path("/run/systemd/units/log-rate-limit-burst:" UNIT));
	assert_int_equal(symlink("1000000", path), 0);
	expect(UNIT, SECOND * 5 / 2, 1000000);
	expect("other.service", 30 * SECOND, 77);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_defaults, tree_make, tree_remove),
		cmocka_unit_test_setup_teardown(test_configuration, tree_make, tree_remove),
		cmocka_unit_test_setup_teardown(test_nonsense, tree_make, tree_remove),
		cmocka_unit_test_setup_teardown(test_links, tree_make, tree_remove),
	};

	return cmocka_run_group_tests_name("journal_limit", tests, NULL, NULL);
}
