/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The budget that a piece of evidence counts against. All tenants of a node share the tables, and
 * any of them can keep processes with a pending signal. So any tenant may use what is free, but a
 * reserve is kept for tenants that hold little, and no cgroup gets more than a quarter of it.
 *
 * A tenant is a user in a cgroup that root makes: a pod, a service, a container, a session.
 * Whatever it makes below that, user namespaces included, still belongs to it.
 */
#ifndef KT_TENANT_BPF_H
#define KT_TENANT_BPF_H

#include "cgroup.bpf.h"
#include "knobs.bpf.h"
#include "maps.bpf.h"

/* /kubepods/burstable/pod…, /user.slice/user-1000.slice/session-1.scope; the level above it is a
 * class of pods, or a user. */
#define TENANT_LEVEL 3
#define USER_NAMESPACES 33 /* kernel/user_namespace.c: at most 32 within each other */

static __always_inline __u32 tenant_counter(__u64 id, __u64 salt)
{
	__u64 mixed = (id ^ knob_seed) * 0x9e3779b97f4a7c15ULL + salt * 0xc2b2ae3d27d4eb4fULL;

	mixed = (mixed ^ (mixed >> 29)) * 0xbf58476d1ce4e5b9ULL;
	return 1 + (__u32)((mixed >> 32) % (TENANT_COUNTERS - 1));
}

/* As the host sees it: for a process in a user namespace, the owner of the outermost namespace.
 * Global with scalars, so that the verifier looks at it once. */
__weak __noinline __u32 tenant_uid(__u64 task_address)
{
	struct task_struct *task = (struct task_struct *)task_address;
	struct user_namespace *at = BPF_CORE_READ(task, real_cred, user_ns), *parent;
	__u32 uid = BPF_CORE_READ(task, real_cred, uid.val);

#pragma unroll
	for (int i = 0; i < USER_NAMESPACES; i++) {
		parent = BPF_CORE_READ(at, parent);
		if (!parent)
			break;
		uid = BPF_CORE_READ(at, owner.val);
		at = parent;
	}
	return uid;
}

static __always_inline void tenant_find(struct task_struct *task, struct tenant *ret)
{
	struct cgroup *cgroup = task_default_cgroup(task), *memory;
	__u32 level = BPF_CORE_READ(cgroup, level);
	__u64 id;

	if (!level) {
		memory = task_v1_memory_cgroup(task);
		if (memory) {
			cgroup = memory;
			level = BPF_CORE_READ(cgroup, level);
		}
	}
	ret->group = 0;
	ret->reserve = 0;
	id = cgroup_id(cgroup);
	if (level >= TENANT_LEVEL) {
		id = compat_ancestor_id(cgroup, TENANT_LEVEL);
		ret->group = tenant_counter(compat_ancestor_id(cgroup, TENANT_LEVEL - 1), 0);
	}
	ret->cgroup = tenant_counter(id, 0);
	ret->one = tenant_counter(id, 1 + (__u64)tenant_uid((__u64)task));
}

static __always_inline __u32 *tenant_count(enum table table, __u32 counter)
{
	__u32 key = table * TENANT_COUNTERS + counter;

	return bpf_map_lookup_elem(&tenant_counts, &key);
}

static __always_inline void tenant_change(enum table table, __u32 counter, int change)
{
	__u32 *count = tenant_count(table, counter);

	/* never below zero, even after an error */
	if (count && (change > 0 || *count))
		__sync_fetch_and_add(count, change);
}

/* Each entry that was added counts, and each that was removed: the sum is never less than what is
 * there, except for a moment when one is added. */
static __always_inline void tenant_count_open(enum table table, int change)
{
	__u32 key = table;
	__u64 *open = bpf_map_lookup_elem(&open_dossiers, &key);

	if (open)
		__sync_fetch_and_add(open, change);
}

static __always_inline bool tenant_has_open(enum table table)
{
	__u32 key = table;
	__u64 *open = bpf_map_lookup_elem(&open_dossiers, &key);

	return !open || *open;
}

static __always_inline void tenant_add(enum table table, struct tenant *tenant, int change)
{
	tenant_change(table, tenant->one, change);
	if (!tenant->reserve)
		return;
	tenant_change(table, tenant->cgroup, change);
	if (tenant->group)
		tenant_change(table, tenant->group, change);
}

/* Whether the tenant may have another entry; `reserve` says whether it comes from the reserve. */
static __always_inline bool tenant_may_add(enum table table, struct tenant *tenant, __u32 entries)
{
	__u32 *one = tenant_count(table, tenant->one);
	__u32 *cgroup = tenant_count(table, tenant->cgroup);
	__u32 *group = tenant->group ? tenant_count(table, tenant->group) : 0;
	__u32 key = table;
	__u64 *open = bpf_map_lookup_elem(&open_dossiers, &key);

	tenant->reserve = open && *open >= entries - entries / 8;
	if (!tenant->reserve)
		return true;
	return (!one || *one < entries / 64) && (!cgroup || *cgroup < entries / 32) &&
	       (!group || *group < entries / 16);
}

#endif
