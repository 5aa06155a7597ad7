// SPDX-License-Identifier: BSD-2-Clause
#include "provoke/kind.h"

#include <signal.h>
#include <stdlib.h>

#include "provoke/ways.h"

#define HURTS "it would take other processes or the machine with it"

#ifdef __x86_64__
#define ON_X86(way) .die = (way)
#else
#define ON_X86(way) .refusal = "this processor has no such trap"
#endif

static const struct {
	struct provoke_kind kind;
	const char *help;
} kinds[] = {
	[CAUSE_OOM_GLOBAL] = { { .refusal = HURTS }, NULL },
	[CAUSE_OOM_MEMCG] = { { .signal = SIGKILL,
				.needs.memory_limit = true,
				.die = die_of_memory_limit },
			      "fills a memory cgroup of its own, with a limit of 16 MiB" },
	[CAUSE_OOM_CPUSET] = { { .refusal = HURTS }, NULL },
	[CAUSE_OOM_MEMPOLICY] = { { .refusal = HURTS }, NULL },
	[CAUSE_OOM_SYSRQ] = { { .refusal = HURTS }, NULL },
	[CAUSE_SEGFAULT] = { { .signal = SIGSEGV, .die = die_of_segfault },
			     "writes through a null pointer" },
	[CAUSE_GENERAL_PROTECTION] = { { .signal = SIGSEGV, ON_X86(die_of_general_protection) },
				       "reads at an address that the processor cannot have" },
	[CAUSE_ILLEGAL_INSTRUCTION] = { { .signal = SIGILL, .die = die_of_illegal_instruction },
					"runs an instruction that does not exist" },
	[CAUSE_DIVIDE_ERROR] = { { .signal = SIGFPE, ON_X86(die_of_divide_error) },
				 "divides a whole number by zero" },
	[CAUSE_FLOATING_POINT] = { { .signal = SIGFPE, ON_X86(die_of_floating_point) },
				   "divides by zero where it asked for a trap" },
	[CAUSE_BREAKPOINT] = { { .signal = SIGTRAP, .die = die_of_breakpoint },
			       "runs a breakpoint without a debugger" },
	[CAUSE_ALIGNMENT_CHECK] = { { .signal = SIGBUS, .die = die_of_alignment_check },
				    "reads at an address that is not aligned" },
	[CAUSE_CONTROL_PROTECTION] = { { .refusal = "it needs a program with a shadow stack" },
				       NULL },
	[CAUSE_BUS_ERROR] = { { .signal = SIGBUS, .die = die_of_bus_error },
			      "reads a mapping beyond the end of its file" },
	[CAUSE_MEMORY_FAILURE] = { { .refusal = "it would take a page of this machine's memory "
						"out of use" },
				   NULL },
	[CAUSE_SECCOMP] = { { .signal = SIGSYS, .die = die_of_seccomp },
			    "makes a system call that its filter forbids" },
	[CAUSE_RLIMIT_CPU] = { { .signal = SIGXCPU, .die = die_of_cpu_limit },
			       "uses a second of CPU time, which is its limit" },
	[CAUSE_RLIMIT_FSIZE] = { { .signal = SIGXFSZ, .die = die_of_file_limit },
				 "lets a file in memory grow beyond its limit" },
	[CAUSE_RLIMIT_RTTIME] = { { .signal = SIGXCPU, .die = die_of_realtime_limit },
				  "holds a CPU at real-time priority for 0.1 s, its limit" },
	[CAUSE_OOPS] = { { .refusal = "it would need a defect in the kernel" }, NULL },
	[CAUSE_EXEC_FAILED] = { { .signal = SIGSEGV, .die = die_of_exec },
				"runs a program that cannot be mapped" },
	[CAUSE_SIGFRAME_FAILED] = { { .signal = SIGSEGV, .die = die_of_signal_frame },
				    "handles a signal on a stack that cannot be written" },
	[CAUSE_PIDNS_TEARDOWN] = { { .signal = SIGKILL,
				     .birth = BORN_IN_NAMESPACE,
				     .act = act_end_namespace },
				   "is in a pid namespace whose first process ends" },
	[CAUSE_PARENT_DEATH_SIGNAL] = { { .signal = SIGKILL,
					  .birth = BORN_OF_THREAD,
					  .act = act_end_thread },
					"asked for SIGKILL when its parent's thread ends, which does" },
	[CAUSE_PTRACE_EXITKILL] = { { .signal = SIGKILL, .act = act_end_tracer },
				    "has a tracer that ends and asked the kernel to kill it then" },
	[CAUSE_KERNEL_SIGNAL] = { { .signal = SIGIO, .die = die_of_file_signal },
				  "asked for SIGIO at a socket and has no handler for it" },
	[CAUSE_CGROUP_KILL] = { { .signal = SIGKILL, .needs.kill = true, .act = act_cgroup_kill },
				"is in a cgroup that another process kills by cgroup.kill" },
	[CAUSE_OOM_USERSPACE] = { { .refusal = "only an OOM daemon sends it, and a forged one "
					       "proves nothing" },
				  NULL },
	[CAUSE_SIGKILL] = { { .signal = SIGKILL, .act = act_kill },
			    "gets SIGKILL from another process" },
	[CAUSE_ABORT] = { { .signal = SIGABRT, .die = abort }, "calls abort()" },
	[CAUSE_SIGNAL] = { { .signal = SIGUSR1, .act = act_signal },
			   "gets SIGUSR1 from killtrace" },
	[CAUSE_RUNTIME_CRASH] = { { .status = 2, .die = die_of_runtime },
				  "catches its own fault and exits with status 2" },
	[CAUSE_SIGNAL_EXIT] = { { .status = 2, .prepare = prepare_handler, .act = act_abort },
				"gets SIGABRT, handles it and exits with status 2" },
};

_Static_assert(sizeof(kinds) / sizeof(kinds[0]) == CAUSE_COUNT, "a way or a refusal per cause");

const struct provoke_kind *provoke_kind(enum cause cause)
{
	return &kinds[cause].kind;
}

const char *provoke_help(enum cause cause)
{
	return kinds[cause].kind.refusal ? kinds[cause].kind.refusal : kinds[cause].help;
}
