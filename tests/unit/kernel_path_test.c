// SPDX-License-Identifier: BSD-2-Clause
#include "unit.h"

#include "explain/kernel_path.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Names as from kallsyms_name(), up to a NULL; "" is an address without a name. */
static struct kernel_stack stack_of(const char *const *names)
{
	struct kernel_stack stack = { 0 };

	for (; *names; names++) {
		stack.address[stack.count] = 0xffffffff81000000 + stack.count;
		snprintf(stack.name[stack.count++], SYMBOL_SIZE, "%s", *names);
	}
	return stack;
}

#define STACK(...) stack_of((const char *const[]){ __VA_ARGS__, NULL })

static void test_has(void **state)
{
	struct kernel_stack stack = STACK("__cgroup_kill+0x1f", "", "try_charge_memcg.isra.0+0x2",
					  "oom_kill_process.cold+0x9", "do_exit+0x0");

	(void)state;
	assert_true(kernel_path_has(&stack, "__cgroup_kill"));
	assert_true(kernel_path_has(&stack, "do_exit"));
	/* copies made by the compiler */
	assert_true(kernel_path_has(&stack, "try_charge_memcg"));
	assert_true(kernel_path_has(&stack, "oom_kill_process"));
	/* a part of a name is another function */
	assert_false(kernel_path_has(&stack, "cgroup_kill"));
	assert_false(kernel_path_has(&stack, "__cgroup_kil"));
	assert_false(kernel_path_has(&stack, "__cgroup_kill_"));
	assert_false(kernel_path_has(&stack, "try_charge"));
	assert_false(kernel_path_has(&stack, "do_exit+0x0"));
	/* except prefixes */
	assert_true(kernel_path_has(&stack, "try_charge*"));
	assert_true(kernel_path_has(&stack, "do_exit*"));
	assert_false(kernel_path_has(&stack, "charge*"));
}

static void test_frames_that_are_not_there(void **state)
{
	struct kernel_stack stack = STACK("one+0x1", "two+0x2");

	(void)state;
	stack.count = 1;
	assert_true(kernel_path_has(&stack, "one"));
	assert_false(kernel_path_has(&stack, "two"));
	stack.count = 0;
	assert_false(kernel_path_has(&stack, "one"));
}

/*
 * A timer expired while another process was queueing a signal. This was seen, and reported as sent
 * by that process.
 */
static void test_interrupted(void **state)
{
	struct kernel_stack timer =
		STACK("posixtimer_send_sigqueue+0x1a5", "posix_timer_fn+0x4d",
		      "__hrtimer_run_queues+0x12e", "hrtimer_interrupt+0xf8",
		      "__sysvec_apic_timer_interrupt+0x54", "sysvec_apic_timer_interrupt+0x60",
		      "asm_sysvec_apic_timer_interrupt+0x16", "__radix_tree_lookup+0x51",
		      "do_rt_sigqueueinfo+0x29", "__x64_sys_rt_sigqueueinfo+0x9e");
	struct kernel_stack device =
		STACK("send_sigio+0x1", "asm_common_interrupt+0x22", "two+0x1");
	struct kernel_stack arm64 =
		STACK("one+0x1", "el1h_64_irq_handler+0x1", "el1h_64_irq+0x6c", "two+0x1");
	struct kernel_stack softirq =
		STACK("one+0x1", "handle_softirqs+0x1", "do_softirq.part.0+0x3", "two+0x1");
	struct kernel_stack fault = STACK("one+0x1", "asm_exc_page_fault+0x22", "two+0x1");

	(void)state;
	assert_true(kernel_path_has(&timer, "posix_timer_fn"));
	assert_false(kernel_path_has(&timer, "do_rt_sigqueueinfo"));
	assert_int_equal(kernel_path_end(&timer), 7);
	assert_false(kernel_path_has(&device, "two"));
	assert_false(kernel_path_has(&arm64, "two"));
	assert_false(kernel_path_has(&softirq, "two"));
	/* an exception belongs to the thread itself */
	assert_true(kernel_path_has(&fault, "two"));
}

static void test_is_named(void **state)
{
	struct kernel_stack none = { 0 }, nameless = STACK("", "", ""),
			    one = STACK("", "", "x+0x1");

	(void)state;
	assert_false(kernel_path_is_named(&none));
	assert_false(kernel_path_is_named(&nameless));
	assert_true(kernel_path_is_named(&one));
}

static void test_start(void **state)
{
	struct kernel_stack plain = STACK("complete_signal+0x1", "do_exit+0x2");
	struct kernel_stack traced = STACK("bpf_prog_0123456789abcdef_signal_generate+0x99",
					   "bpf_trace_run5+0x80", "__bpf_trace_signal_generate+0x1",
					   "__send_signal_locked+0x2f", "do_exit+0x2");
	struct kernel_stack no_program =
		STACK("", "bpf_trace_run5+0x80", "__traceiter_x+0x1", "__send_signal_locked+0x2f");
	struct kernel_stack only = STACK("bpf_trace_run5+0x80");
	struct kernel_stack nameless = STACK("", "");

	(void)state;
	assert_int_equal(kernel_path_start(&plain), 0);
	assert_int_equal(kernel_path_start(&traced), 3);
	assert_int_equal(kernel_path_start(&no_program), 3);
	assert_int_equal(kernel_path_start(&only), 1);
	assert_int_equal(kernel_path_start(&nameless), 0);
}

static void expect_decider(struct kernel_stack stack, const char *want)
{
	char name[SYMBOL_SIZE] = "untouched";

	assert_int_equal(kernel_path_decider(&stack, name, sizeof(name)), want != NULL);
	assert_string_equal(name, want ? want : "untouched");
}

static void test_decider(void **state)
{
	(void)state;
	expect_decider(STACK("bpf_trace_run5+0x80", "__send_signal_locked+0x2f",
			     "send_signal_locked+0x1", "do_send_sig_info+0x6", "send_sig+0x4",
			     "pipe_write+0x3a1", "vfs_write+0x9"),
		       "pipe_write");
	expect_decider(STACK("__send_signal+0x2f", "send_signal+0x1", "force_sig_info_to_task+0x1",
			     "force_sig+0x2", "exc_int3+0x2"),
		       "exc_int3");
	expect_decider(STACK("__send_signal_locked+0x2f", "group_send_sig_info+0x1",
			     "kill_orphaned_pgrp.isra.0+0x1"),
		       "kill_orphaned_pgrp");
	/* an address without a name is skipped */
	expect_decider(STACK("__send_signal_locked+0x2f", "", "__do_SAK+0x2"), "__do_SAK");
	expect_decider(STACK("__send_signal_locked+0x2f", "send_sig+0x4"), NULL);
	expect_decider(STACK("", ""), NULL);
	expect_decider((struct kernel_stack){ 0 }, NULL);
}

static void expect_failure(struct kernel_stack stack, const char *want, uint32_t want_trap)
{
	uint32_t trap = 77;
	const char *got = kernel_path_failure(&stack, &trap);

	assert_int_equal(got != NULL, want != NULL);
	if (want)
		assert_string_equal(got, want);
	assert_int_equal(trap, want ? want_trap : 77);
}

static void test_failure(void **state)
{
	(void)state;
	expect_failure(STACK("oops_enter+0x1", "die+0x2", "exc_invalid_op+0x3",
			     "asm_exc_invalid_op+0x16", "kt_break_bug+0x5", "vfs_write+0x9"),
		       "kt_break_bug+0x5", 6);
	expect_failure(STACK("oops_enter+0x1", "asm_exc_page_fault+0x16", "read+0x5"), "read+0x5",
		       14);
	expect_failure(STACK("asm_exc_general_protection+0x16", "x.cold+0x5"), "x.cold+0x5", 13);
	/* the inner one of two: the kernel prints this one */
	expect_failure(STACK("asm_exc_divide_error+0x1", "a+0x1", "asm_exc_page_fault+0x1",
			     "b+0x1"),
		       "a+0x1", 0);
	expect_failure(STACK("oops_enter+0x1", "asm_exc_page_fault+0x16", ""), NULL, 0);
	expect_failure(STACK("oops_enter+0x1", "asm_exc_page_fault+0x16"), NULL, 0);
	expect_failure(STACK("asm_exc_page_faulty+0x16", "read+0x5"), NULL, 0);
	expect_failure((struct kernel_stack){ 0 }, NULL, 0);
}

static void test_decider_is_cut_to_its_buffer(void **state)
{
	struct kernel_stack stack = STACK("a_long_function_name+0x1");
	char *name = malloc(8);

	(void)state;
	assert_non_null(name);
	assert_true(kernel_path_decider(&stack, name, 8));
	assert_string_equal(name, "a_long_");
	free(name);
}

/* The longest stacks with the longest names. */
static void test_full_stack(void **state)
{
	struct kernel_stack stack = { .count = KT_KERNEL_FRAMES };
	char name[SYMBOL_SIZE];

	(void)state;
	for (unsigned int i = 0; i < stack.count; i++)
		memset(stack.name[i], 'x', SYMBOL_SIZE - 1);
	assert_true(kernel_path_has(&stack, "xxx*"));
	assert_false(kernel_path_has(&stack, "xxx"));
	assert_true(kernel_path_decider(&stack, name, sizeof(name)));
	assert_int_equal(strlen(name), SYMBOL_SIZE - 1);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_has),
		cmocka_unit_test(test_frames_that_are_not_there),
		cmocka_unit_test(test_interrupted),
		cmocka_unit_test(test_is_named),
		cmocka_unit_test(test_start),
		cmocka_unit_test(test_decider),
		cmocka_unit_test(test_failure),
		cmocka_unit_test(test_decider_is_cut_to_its_buffer),
		cmocka_unit_test(test_full_stack),
	};

	return cmocka_run_group_tests_name("kernel_path", tests, NULL, NULL);
}
