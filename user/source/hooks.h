/* SPDX-License-Identifier: BSD-2-Clause */
/* The hooks by their public names, and what each is for. */
#ifndef KT_SOURCE_HOOKS_H
#define KT_SOURCE_HOOKS_H

#include <stdbool.h>

enum hook {
	HOOK_SIGNAL_GENERATE,
	HOOK_MARK_VICTIM,
	HOOK_SCHED_PROCESS_EXIT,
	HOOK_PAGE_FAULT_USER,
	HOOK_PAGE_FAULT_KERNEL,
	HOOK_OOM_KILL_PROCESS, /* extra tier: adds fields, no verdict hangs on it */
	HOOK_OOPS_ENTER,       /* extra tier */
	HOOK_KERNEL_STACK, /* not a program of its own: evidence inside signal_generate and exit */
	HOOK_USER_STACK,
	HOOK_TASK_ITERATOR, /* walks all tasks when asked to, and is attached to nothing */
	HOOK_COUNT
};

#define HOOK_PROGRAMS HOOK_KERNEL_STACK /* the hooks below this one are programs */

const char *hook_name(enum hook hook);

/* What is lost without it, one clause. */
const char *hook_cost(enum hook hook);

/* HOOK_COUNT: no such hook. */
enum hook hook_by_name(const char *name);

#endif
