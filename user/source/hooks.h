/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The hooks: one table with everything that is known of each before a kernel is asked. A new hook
 * is a number here and a row there.
 *
 * The name of a hook is also the name of its BPF program and of its pins.
 */
#ifndef KT_SOURCE_HOOKS_H
#define KT_SOURCE_HOOKS_H

#include <stdbool.h>

enum hook {
	HOOK_SIGNAL_GENERATE,
	HOOK_MARK_VICTIM,
	HOOK_SCHED_PROCESS_EXIT,
	HOOK_PAGE_FAULT_USER,
	HOOK_PAGE_FAULT_KERNEL,
	HOOK_OOM_KILL_PROCESS,
	HOOK_OOPS_ENTER,
	HOOK_SIGNAL_DELIVER, /* a second chance for the build IDs of a stack */
	HOOK_KERNEL_STACK,   /* evidence inside signal_generate and sched_process_exit */
	HOOK_USER_STACK,     /* like KERNEL_STACK */
	HOOK_TASK_ITERATOR,  /* walks all tasks on request, and is attached to nothing */
	HOOK_COUNT
};

#define HOOK_PROGRAMS HOOK_KERNEL_STACK /* the hooks below this one are programs */

enum hook_tier {
	HOOK_BASE,  /* every supported kernel should have it: its absence is reported */
	HOOK_EXTRA, /* adds fields, no verdict needs it, and locked-down kernels refuse it */
};

/* How to find out whether a kernel offers it. */
enum hook_test {
	HOOK_TEST_NONE, /* no program of its own */
	HOOK_TEST_TRACEPOINT,
	HOOK_TEST_FUNCTION, /* a kernel function at whose entry a program may run */
};

const char *hook_name(enum hook hook);

/* What is lost without the hook, in one clause. */
const char *hook_cost(enum hook hook);

enum hook_tier hook_tier(enum hook hook);
enum hook_test hook_test(enum hook hook);

/* HOOK_COUNT: no such hook. */
enum hook hook_by_name(const char *name);

#endif
