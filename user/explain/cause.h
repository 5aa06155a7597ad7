/* SPDX-License-Identifier: BSD-2-Clause */
/* The causes of death that killtrace distinguishes, and who decided each. Names are public. */
#ifndef KT_EXPLAIN_CAUSE_H
#define KT_EXPLAIN_CAUSE_H

enum cause {
	CAUSE_OOM_GLOBAL,
	CAUSE_OOM_MEMCG,
	CAUSE_OOM_CPUSET,
	CAUSE_OOM_MEMPOLICY,
	CAUSE_OOM_SYSRQ,
	CAUSE_SEGFAULT,
	CAUSE_GENERAL_PROTECTION,
	CAUSE_ILLEGAL_INSTRUCTION,
	CAUSE_DIVIDE_ERROR,
	CAUSE_FLOATING_POINT,
	CAUSE_BREAKPOINT,
	CAUSE_ALIGNMENT_CHECK,
	CAUSE_CONTROL_PROTECTION,
	CAUSE_BUS_ERROR,
	CAUSE_MEMORY_FAILURE,
	CAUSE_SECCOMP,
	CAUSE_RLIMIT_CPU,
	CAUSE_RLIMIT_FSIZE,
	CAUSE_RLIMIT_RTTIME,
	CAUSE_OOPS,
	CAUSE_EXEC_FAILED,
	CAUSE_SIGFRAME_FAILED,
	CAUSE_PIDNS_TEARDOWN,
	CAUSE_PARENT_DEATH_SIGNAL,
	CAUSE_PTRACE_EXITKILL,
	CAUSE_KERNEL_SIGNAL,
	CAUSE_CGROUP_KILL,
	CAUSE_OOM_USERSPACE,
	CAUSE_SIGKILL,
	CAUSE_ABORT,
	CAUSE_SIGNAL,
	CAUSE_RUNTIME_CRASH,
	CAUSE_SIGNAL_EXIT,
	CAUSE_COUNT
};

/* "oom-memcg" */
const char *cause_name(enum cause cause);

/* "kernel", "userspace" or "runtime" */
const char *cause_class(enum cause cause);

/* One line for people: "it used memory that it may not use (SIGSEGV)". */
const char *cause_help(enum cause cause);

/* CAUSE_COUNT: no such cause. */
enum cause cause_by_name(const char *name);

#endif
