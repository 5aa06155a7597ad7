// SPDX-License-Identifier: BSD-2-Clause
#include "source/hooks.h"

#include <string.h>

static const struct {
	const char *name;
	enum hook_tier tier;
	enum hook_test test;
	const char *cost;
} hooks[HOOK_COUNT] = {
	[HOOK_SIGNAL_GENERATE] = {
		.name = "signal_generate",
		.tier = HOOK_BASE,
		.test = HOOK_TEST_TRACEPOINT,
		.cost = "no sender, no fault, no memory figures",
	},
	[HOOK_MARK_VICTIM] = {
		.name = "mark_victim",
		.tier = HOOK_BASE,
		.test = HOOK_TEST_TRACEPOINT,
		.cost = "an OOM kill is known only by the kernel's own mark at the exit",
	},
	[HOOK_SCHED_PROCESS_EXIT] = {
		.name = "sched_process_exit",
		.tier = HOOK_BASE,
		.test = HOOK_TEST_TRACEPOINT,
		.cost = "no deaths at all",
	},
	[HOOK_PAGE_FAULT_USER] = {
		.name = "page_fault_user",
		.tier = HOOK_BASE,
		.test = HOOK_TEST_TRACEPOINT,
		.cost = "fault addresses and error codes come from the thread's fields",
	},
	[HOOK_PAGE_FAULT_KERNEL] = {
		.name = "page_fault_kernel",
		.tier = HOOK_BASE,
		.test = HOOK_TEST_TRACEPOINT,
		.cost = "an oops is reported without its address",
	},
	[HOOK_OOM_KILL_PROCESS] = {
		.name = "oom_kill_process",
		.tier = HOOK_EXTRA,
		.test = HOOK_TEST_FUNCTION,
		.cost = "oom-cpuset and oom-mempolicy are reported as oom-global",
	},
	[HOOK_OOPS_ENTER] = {
		.name = "oops_enter",
		.tier = HOOK_EXTRA,
		.test = HOOK_TEST_FUNCTION,
		.cost = "an oops is reported without the kernel function that failed",
	},
	[HOOK_SIGNAL_DELIVER] = {
		.name = "signal_deliver",
		.tier = HOOK_BASE,
		.test = HOOK_TEST_TRACEPOINT,
		.cost = "beside another tracer, build IDs of a stack may be missing",
	},
	[HOOK_KERNEL_STACK] = {
		.name = "kernel_stack",
		.tier = HOOK_BASE,
		.test = HOOK_TEST_NONE,
		.cost = "only the process state decides between two kernel paths",
	},
	[HOOK_USER_STACK] = {
		.name = "user_stack",
		.tier = HOOK_BASE,
		.test = HOOK_TEST_NONE,
		.cost = "no build IDs of the functions that led to a fault",
	},
	[HOOK_TASK_ITERATOR] = {
		.name = "task_iterator",
		.tier = HOOK_BASE,
		.test = HOOK_TEST_NONE,
		.cost = "a process that was killed and does not die is not reported",
	},
};

const char *hook_name(enum hook hook)
{
	return hooks[hook].name;
}

const char *hook_cost(enum hook hook)
{
	return hooks[hook].cost;
}

enum hook_tier hook_tier(enum hook hook)
{
	return hooks[hook].tier;
}

enum hook_test hook_test(enum hook hook)
{
	return hooks[hook].test;
}

enum hook hook_by_name(const char *name)
{
	int i = 0;

	while (i < HOOK_COUNT && strcmp(hooks[i].name, name) != 0)
		i++;
	return (enum hook)i;
}
