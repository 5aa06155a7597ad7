// SPDX-License-Identifier: BSD-2-Clause
#include "explain/cause.h"

#include <string.h>

static const char kernel[] = "kernel", userspace[] = "userspace", runtime[] = "runtime";

static const struct {
	const char *name;
	const char *class;
	const char *help;
} causes[] = {
	[CAUSE_OOM_GLOBAL] = { "oom-global", kernel,
			       "the whole node ran out of memory, and the kernel chose this process" },
	[CAUSE_OOM_MEMCG] = { "oom-memcg", kernel,
			      "a memory cgroup (container, pod, unit, slice) reached its limit" },
	[CAUSE_OOM_CPUSET] = { "oom-cpuset", kernel,
			       "the memory nodes of its cpuset ran out of memory" },
	[CAUSE_OOM_MEMPOLICY] = { "oom-mempolicy", kernel,
				  "the memory nodes that its memory policy allows ran out of memory" },
	[CAUSE_OOM_SYSRQ] = { "oom-sysrq", kernel,
			      "an administrator asked the kernel to free memory (sysrq-f)" },
	[CAUSE_SEGFAULT] = { "segfault", kernel, "it used memory that it may not use (SIGSEGV)" },
	[CAUSE_GENERAL_PROTECTION] = { "general-protection", kernel,
				       "the CPU refused an instruction, mostly because of a corrupt pointer" },
	[CAUSE_ILLEGAL_INSTRUCTION] = { "illegal-instruction", kernel,
					"the CPU could not run an instruction (SIGILL)" },
	[CAUSE_DIVIDE_ERROR] = { "divide-error", kernel, "it divided an integer by zero (SIGFPE)" },
	[CAUSE_FLOATING_POINT] = { "floating-point", kernel,
				   "a floating-point operation failed, and it had asked for a signal then" },
	[CAUSE_BREAKPOINT] = { "breakpoint", kernel,
			       "it ran into a breakpoint without a debugger (SIGTRAP)" },
	[CAUSE_ALIGNMENT_CHECK] = { "alignment-check", kernel,
				    "it used an address that is not aligned (SIGBUS)" },
	[CAUSE_CONTROL_PROTECTION] = { "control-protection", kernel,
				       "a return or jump did not lead where it may (shadow stack, branch tracking)" },
	[CAUSE_BUS_ERROR] = { "bus-error", kernel,
			      "a page could not be provided: a truncated file, a failed read (SIGBUS)" },
	[CAUSE_MEMORY_FAILURE] = { "memory-failure", kernel, "the hardware found damaged memory" },
	[CAUSE_SECCOMP] = { "seccomp", kernel,
			    "it made a system call that its seccomp filter forbids (SIGSYS)" },
	[CAUSE_RLIMIT_CPU] = { "rlimit-cpu", kernel, "it used up its CPU time (RLIMIT_CPU)" },
	[CAUSE_RLIMIT_FSIZE] = { "rlimit-fsize", kernel, "it wrote a file beyond RLIMIT_FSIZE" },
	[CAUSE_RLIMIT_RTTIME] = { "rlimit-rttime", kernel,
				  "it ran with real-time priority too long without sleeping (RLIMIT_RTTIME)" },
	[CAUSE_OOPS] = { "oops", kernel,
			 "the kernel itself failed while it worked for the process" },
	[CAUSE_EXEC_FAILED] = { "exec-failed", kernel,
				"the kernel could not finish its exec, and the old program was gone" },
	[CAUSE_SIGFRAME_FAILED] = { "sigframe-failed", kernel,
				    "its stack was unusable when a signal had to be delivered" },
	[CAUSE_PIDNS_TEARDOWN] = { "pidns-teardown", kernel,
				   "process 1 of its container or pid namespace died" },
	[CAUSE_PARENT_DEATH_SIGNAL] = { "parent-death-signal", kernel,
					"its parent died, and it had asked for a signal then (PR_SET_PDEATHSIG)" },
	[CAUSE_PTRACE_EXITKILL] = { "ptrace-exitkill", kernel,
				    "its tracer ended and had asked for its death" },
	[CAUSE_KERNEL_SIGNAL] = { "kernel-signal", kernel,
				  "the kernel sent another fatal signal: a timer, a terminal, a closed pipe" },
	[CAUSE_CGROUP_KILL] = { "cgroup-kill", userspace,
				"a process killed its whole cgroup (cgroup.kill)" },
	[CAUSE_OOM_USERSPACE] = { "oom-userspace", userspace,
				  "a daemon killed it to free memory: systemd-oomd, earlyoom, oomd, nohang" },
	[CAUSE_SIGKILL] = { "sigkill", userspace, "another process sent it SIGKILL" },
	[CAUSE_ABORT] = { "abort", userspace,
			  "it aborted itself: an assertion, a check of the C library, abort()" },
	[CAUSE_SIGNAL] = { "signal", userspace,
			   "another process, or it itself, sent it another fatal signal" },
	[CAUSE_RUNTIME_CRASH] = { "runtime-crash", runtime,
				  "its own handler took a fault, and it exited soon after (Go, Java, ...)" },
	[CAUSE_SIGNAL_EXIT] = { "signal-exit", userspace,
				"it exited after its handler took a signal that asks it to end" },
};

_Static_assert(sizeof(causes) / sizeof(causes[0]) == CAUSE_COUNT, "a row per cause");

const char *cause_name(enum cause cause)
{
	return causes[cause].name;
}

const char *cause_class(enum cause cause)
{
	return causes[cause].class;
}

const char *cause_help(enum cause cause)
{
	return causes[cause].help;
}

enum cause cause_by_name(const char *name)
{
	unsigned int i = 0;

	while (i < CAUSE_COUNT && strcmp(causes[i].name, name) != 0)
		i++;
	return (enum cause)i;
}
