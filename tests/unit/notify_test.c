// SPDX-License-Identifier: BSD-2-Clause
/* The service manager's watchdog settings, in variables that anybody may have set. */
#include "unit.h"

#include "base/notify.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static void test_watchdog(void **state)
{
	static const struct {
		const char *usec;
		uint64_t ns;
	} cases[] = {
		{ "30000000", UINT64_C(30000000000) },
		{ "0", 0 },
		{ "", 0 },
		{ "30s", 0 },
		{ "-1", 0 },
		{ "18446744073709551615", 0 }, /* systemd's infinity */
	};

	(void)state;
	(void)unsetenv("WATCHDOG_PID");
	for (size_t i = 0; i < COUNT(cases); i++) {
		assert_int_equal(setenv("WATCHDOG_USEC", cases[i].usec, 1), 0);
		assert_int_equal(notify_watchdog_ns(), cases[i].ns);
	}
	(void)unsetenv("WATCHDOG_USEC");
	assert_int_equal(notify_watchdog_ns(), 0);
}

static void test_whose_watchdog(void **state)
{
	char pid[16];

	(void)state;
	assert_int_equal(setenv("WATCHDOG_USEC", "1", 1), 0);
	(void)snprintf(pid, sizeof(pid), "%d", (int)getpid());
	assert_int_equal(setenv("WATCHDOG_PID", pid, 1), 0);
	assert_int_equal(notify_watchdog_ns(), 1000);
	(void)snprintf(pid, sizeof(pid), "%d", (int)getppid());
	assert_int_equal(setenv("WATCHDOG_PID", pid, 1), 0);
	assert_int_equal(notify_watchdog_ns(), 0);
	(void)snprintf(pid, sizeof(pid), "%dx", (int)getpid());
	assert_int_equal(setenv("WATCHDOG_PID", pid, 1), 0);
	assert_int_equal(notify_watchdog_ns(), 0);
	(void)unsetenv("WATCHDOG_PID");
	(void)unsetenv("WATCHDOG_USEC");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_watchdog),
		cmocka_unit_test(test_whose_watchdog),
	};

	return cmocka_run_group_tests_name("notify", tests, NULL, NULL);
}
