// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Extra tier: fentry on oom_kill_process(), where the kernel allows it. struct oom_control says
 * which memory ran out. Without it the kernel stack and the state of the memory cgroups give the
 * same answer, except for cpusets and memory policies.
 */
#include "maps.bpf.h"
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_tracing.h>

#define SYSRQ_ORDER (-1) /* mm/oom_kill.c:is_sysrq_oom() */

static __always_inline __u32 scope_of(struct oom_control *oc)
{
	if (BPF_CORE_READ(oc, order) == SYSRQ_ORDER)
		return KT_OOM_SCOPE_SYSRQ;
	if (BPF_CORE_READ(oc, memcg))
		return KT_OOM_SCOPE_MEMCG;
	switch (BPF_CORE_READ(oc, constraint)) {
	case CONSTRAINT_CPUSET:
		return KT_OOM_SCOPE_CPUSET;
	case CONSTRAINT_MEMORY_POLICY:
		return KT_OOM_SCOPE_MEMPOLICY;
	default:
		return KT_OOM_SCOPE_GLOBAL;
	}
}

SEC("?fentry/oom_kill_process")
int BPF_PROG(oom_kill_process, struct oom_control *oc)
{
	__u32 tid = (__u32)bpf_get_current_pid_tgid();
	struct oom_decision decision = {};

	decision.scope = scope_of(oc);
	decision.memcg = (__u64)BPF_CORE_READ(oc, memcg);
	decision.time_ns = bpf_ktime_get_boot_ns();
	bpf_map_update_elem(&oom_decisions, &tid, &decision, BPF_ANY);
	return 0;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
