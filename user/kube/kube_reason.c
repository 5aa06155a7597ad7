// SPDX-License-Identifier: BSD-2-Clause
#include "kube/kube_reason.h"

#include <stddef.h>

#include "base/cleanup.h"

static const struct {
	const char *pod;
	const char *first; /* for process 1 of a container; NULL: the same */
	const char *node;
} reasons[] = {
	/* the kubelet's own word is OOMKilled, and only for process 1 */
	[CAUSE_OOM_MEMCG] = { "OOMKilledProcess", "OOMKilledContainer", NULL },
	[CAUSE_OOM_GLOBAL] = { "OOMKilledByNode", NULL, "NodeOOMKill" },
	[CAUSE_OOM_CPUSET] = { "OOMKilledByCpuset", NULL, NULL },
	[CAUSE_OOM_MEMPOLICY] = { "OOMKilledByMemoryPolicy", NULL, NULL },
	[CAUSE_OOM_SYSRQ] = { "OOMKilledBySysrq", NULL, NULL },
	[CAUSE_OOM_USERSPACE] = { "OOMKilledByDaemon", NULL, NULL },
	[CAUSE_SEGFAULT] = { "Segfault", NULL, NULL },
	[CAUSE_GENERAL_PROTECTION] = { "GeneralProtection", NULL, NULL },
	[CAUSE_ILLEGAL_INSTRUCTION] = { "IllegalInstruction", NULL, NULL },
	[CAUSE_DIVIDE_ERROR] = { "DivideError", NULL, NULL },
	[CAUSE_FLOATING_POINT] = { "FloatingPointError", NULL, NULL },
	[CAUSE_BREAKPOINT] = { "Breakpoint", NULL, NULL },
	[CAUSE_ALIGNMENT_CHECK] = { "AlignmentCheck", NULL, NULL },
	[CAUSE_CONTROL_PROTECTION] = { "ControlProtection", NULL, NULL },
	[CAUSE_BUS_ERROR] = { "BusError", NULL, NULL },
	[CAUSE_MEMORY_FAILURE] = { "MemoryFailure", NULL, "MemoryFailure" },
	[CAUSE_SECCOMP] = { "SeccompViolation", NULL, NULL },
	[CAUSE_RLIMIT_CPU] = { "CPUTimeLimit", NULL, NULL },
	[CAUSE_RLIMIT_FSIZE] = { "FileSizeLimit", NULL, NULL },
	[CAUSE_RLIMIT_RTTIME] = { "RealtimeLimit", NULL, NULL },
	[CAUSE_OOPS] = { "KernelOops", NULL, "KernelOops" },
	[CAUSE_EXEC_FAILED] = { "ExecFailed", NULL, NULL },
	[CAUSE_SIGFRAME_FAILED] = { "SignalFrameFailed", NULL, NULL },
	[CAUSE_PIDNS_TEARDOWN] = { "KilledWithContainer", NULL, NULL },
	[CAUSE_PARENT_DEATH_SIGNAL] = { "KilledWithParent", NULL, NULL },
	[CAUSE_PTRACE_EXITKILL] = { "KilledWithTracer", NULL, NULL },
	[CAUSE_KERNEL_SIGNAL] = { "KilledByKernel", NULL, NULL },
	[CAUSE_CGROUP_KILL] = { "KilledByCgroupKill", NULL, NULL },
	[CAUSE_SIGKILL] = { "KilledBySIGKILL", NULL, NULL },
	[CAUSE_SIGNAL] = { "KilledBySignal", NULL, NULL },
	[CAUSE_ABORT] = { "Aborted", NULL, NULL },
	[CAUSE_RUNTIME_CRASH] = { "RuntimeCrash", NULL, NULL },
	[CAUSE_SIGNAL_EXIT] = { "ExitedAfterSignal", NULL, NULL },
};

_Static_assert(ARRAY_SIZE(reasons) == CAUSE_COUNT, "a row per cause");

const char *kube_reason_of_pod(enum cause cause, bool is_first, bool is_stuck)
{
	if (is_stuck)
		return "KilledNotDead";
	return is_first && reasons[cause].first ? reasons[cause].first : reasons[cause].pod;
}

const char *kube_reason_of_node(enum cause cause)
{
	return reasons[cause].node;
}
