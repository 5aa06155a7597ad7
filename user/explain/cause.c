// SPDX-License-Identifier: BSD-2-Clause
#include "explain/cause.h"

#include <string.h>

static const char kernel[] = "kernel", userspace[] = "userspace", runtime[] = "runtime";

static const struct {
	const char *name;
	const char *class;
} causes[] = {
	[CAUSE_OOM_GLOBAL] = { "oom-global", kernel },
	[CAUSE_OOM_MEMCG] = { "oom-memcg", kernel },
	[CAUSE_OOM_CPUSET] = { "oom-cpuset", kernel },
	[CAUSE_OOM_MEMPOLICY] = { "oom-mempolicy", kernel },
	[CAUSE_OOM_SYSRQ] = { "oom-sysrq", kernel },
	[CAUSE_SEGFAULT] = { "segfault", kernel },
	[CAUSE_GENERAL_PROTECTION] = { "general-protection", kernel },
	[CAUSE_ILLEGAL_INSTRUCTION] = { "illegal-instruction", kernel },
	[CAUSE_DIVIDE_ERROR] = { "divide-error", kernel },
	[CAUSE_FLOATING_POINT] = { "floating-point", kernel },
	[CAUSE_BREAKPOINT] = { "breakpoint", kernel },
	[CAUSE_ALIGNMENT_CHECK] = { "alignment-check", kernel },
	[CAUSE_CONTROL_PROTECTION] = { "control-protection", kernel },
	[CAUSE_BUS_ERROR] = { "bus-error", kernel },
	[CAUSE_MEMORY_FAILURE] = { "memory-failure", kernel },
	[CAUSE_SECCOMP] = { "seccomp", kernel },
	[CAUSE_RLIMIT_CPU] = { "rlimit-cpu", kernel },
	[CAUSE_RLIMIT_FSIZE] = { "rlimit-fsize", kernel },
	[CAUSE_RLIMIT_RTTIME] = { "rlimit-rttime", kernel },
	[CAUSE_OOPS] = { "oops", kernel },
	[CAUSE_EXEC_FAILED] = { "exec-failed", kernel },
	[CAUSE_SIGFRAME_FAILED] = { "sigframe-failed", kernel },
	[CAUSE_PIDNS_TEARDOWN] = { "pidns-teardown", kernel },
	[CAUSE_PARENT_DEATH_SIGNAL] = { "parent-death-signal", kernel },
	[CAUSE_PTRACE_EXITKILL] = { "ptrace-exitkill", kernel },
	[CAUSE_KERNEL_SIGNAL] = { "kernel-signal", kernel },
	[CAUSE_CGROUP_KILL] = { "cgroup-kill", userspace },
	[CAUSE_OOM_USERSPACE] = { "oom-userspace", userspace },
	[CAUSE_SIGKILL] = { "sigkill", userspace },
	[CAUSE_ABORT] = { "abort", userspace },
	[CAUSE_SIGNAL] = { "signal", userspace },
	[CAUSE_RUNTIME_CRASH] = { "runtime-crash", runtime },
	[CAUSE_SIGNAL_EXIT] = { "signal-exit", userspace },
};

_Static_assert(sizeof(causes) / sizeof(causes[0]) == CAUSE_COUNT, "a name per cause");

const char *cause_name(enum cause cause)
{
	return causes[cause].name;
}

const char *cause_class(enum cause cause)
{
	return causes[cause].class;
}

enum cause cause_by_name(const char *name)
{
	unsigned int i = 0;

	while (i < CAUSE_COUNT && strcmp(causes[i].name, name) != 0)
		i++;
	return (enum cause)i;
}
