/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What this kernel offers, according to its BTF and never to its version, since stable kernels
 * carry backports. One table: a feature, what it is for, how it is detected.
 */
#ifndef KT_SOURCE_PROBE_H
#define KT_SOURCE_PROBE_H

#include <stdbool.h>

#include "source/hooks.h"
#include "source/kernel_types.h"

/* Features that the programs need besides the hooks. */
enum feature {
	FEATURE_EXIT_GROUP_DEAD,  /* sched_process_exit says whether the group is dead (6.16) */
	FEATURE_MARK_VICTIM_TASK, /* mark_victim hands a task, not a pid (6.9 and backports) */
	FEATURE_PREEMPTIBLE,      /* tracepoints can be preempted (7.0) */
	FEATURE_TASK_PT_REGS,     /* helper bpf_task_pt_regs (5.15) */
	FEATURE_MEMCG_OOM_LOCK,   /* mem_cgroup.oom_lock */
	FEATURE_SECCOMP_MODE,     /* task_struct.seccomp.mode */
	FEATURE_MAPLE_TREE,       /* mappings in a maple tree (6.1), else a red-black tree */
	FEATURE_COUNT
};

struct probe {
	bool offers[HOOK_PROGRAMS];
	bool has[FEATURE_COUNT];
};

/* `running` are the types of the running kernel, or NULL: programs cannot refer to `types` by
 * number. */
void probe_kernel(const struct kernel_types *types, const struct kernel_types *running,
		  struct probe *ret);

const char *probe_name(enum feature feature);

/* What is lost without it, for doctor; NULL if nothing is lost. */
const char *probe_cost(enum feature feature);

#endif
