// SPDX-License-Identifier: BSD-2-Clause
/* Which of an abort and a fault came first decides which is the root of an exit in a handler. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "decode/root.h"

static struct death exit_in_both_handlers(uint64_t abort_ns, uint64_t fault_ns)
{
	return (struct death){
		.record = { .status = 3 << 8, .tgid = 7 },
		.has_own_abort = true,
		.own_abort = { .time_ns = abort_ns, .tid = 7 },
		.has_fault = true,
		.fault = { .time_ns = fault_ns,
			   .number = SIGSEGV,
			   .tid = 7,
			   .address = 0x123,
			   .flags = KT_FAULT_HANDLED | KT_FAULT_HANDLER_RUNS },
	};
}

static void test_abort_first(void **state)
{
	struct death death = exit_in_both_handlers(1000, 2000);

	(void)state;
	root_find(&death);
	assert_true(death.has_own_abort && death.is_echo);
	assert_int_equal(death.signal.number, SIGABRT);
	assert_true(death.has_handler_fault);
	assert_int_equal(death.handler_fault.address, 0x123);
	assert_false(death.has_fault);
}

static void test_fault_first(void **state)
{
	struct death death = exit_in_both_handlers(2000, 1000);

	(void)state;
	root_find(&death);
	assert_false(death.has_own_abort);
	assert_true(death.has_fault);
	assert_false(death.has_handler_fault);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_abort_first),
		cmocka_unit_test(test_fault_first),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
