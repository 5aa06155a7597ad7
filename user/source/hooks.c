// SPDX-License-Identifier: BSD-2-Clause
#include "source/hooks.h"

#include <string.h>

static const struct {
	const char *name;
	const char *cost;
} hooks[HOOK_COUNT] = {
	[HOOK_SIGNAL_GENERATE] = { "signal_generate", "no sender, no fault, no memory figures" },
	[HOOK_MARK_VICTIM] = { "mark_victim",
			       "an OOM kill is told by the kernel's own mark at the exit" },
	[HOOK_SCHED_PROCESS_EXIT] = { "sched_process_exit", "no deaths at all" },
	[HOOK_PAGE_FAULT_USER] = { "page_fault_user",
				   "fault addresses and error codes come from the thread's fields" },
	[HOOK_PAGE_FAULT_KERNEL] = { "page_fault_kernel", "an oops is told without its address" },
	[HOOK_OOM_KILL_PROCESS] = { "oom_kill_process",
				    "oom-cpuset and oom-mempolicy are told as oom-global" },
	[HOOK_OOPS_ENTER] = { "oops_enter",
			      "an oops is told without the kernel function that failed" },
	[HOOK_KERNEL_STACK] = { "kernel_stack",
				"ties between kernel paths are settled by state only" },
	[HOOK_USER_STACK] = { "user_stack", "no build IDs of the functions that led to a fault" },
	[HOOK_TASK_ITERATOR] = { "task_iterator",
				 "a process that was killed and does not die is not told" },
};

const char *hook_name(enum hook hook)
{
	return hooks[hook].name;
}

const char *hook_cost(enum hook hook)
{
	return hooks[hook].cost;
}

enum hook hook_by_name(const char *name)
{
	int i = 0;

	while (i < HOOK_COUNT && strcmp(hooks[i].name, name) != 0)
		i++;
	return (enum hook)i;
}
