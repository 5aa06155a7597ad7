/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The life of a dossier, and of the details that belong to it. */
#ifndef KT_DOSSIER_BPF_H
#define KT_DOSSIER_BPF_H

#include "task.bpf.h"
#include "tenant.bpf.h"

/* Keeps the program's name: at the exit the task may have no memory any more, and then it must not
 * take away a name that is known. After an exec the name is another one. */
static __always_inline void note_exe(struct dossier *dossier, struct task_struct *task)
{
	if (!BPF_CORE_READ(task, mm))
		return;
	__builtin_memset(dossier->exe, 0, sizeof(dossier->exe));
	dossier->exe_bytes = task_read_exe(dossier->exe, task);
	dossier->exe_exec_id = BPF_CORE_READ(task, self_exec_id);
}

/*
 * Opens the dossier of a group that has none. 1: this call did; 0: another one did, or there is no
 * room, which is counted. Global and with scalars, like others below: the verifier looks at it once
 * and not at each state of its callers.
 */
__weak __noinline int dossier_open(__u64 task_address, __u32 tgid, __u64 start_ns)
{
	struct group_key key = { .tgid = tgid, .start_ns = start_ns };
	struct dossier *dossier = 0, *empty;
	struct tenant tenant;
	bool is_new = false;
	__u32 zero = 0;

	empty = bpf_map_lookup_elem(&empty_dossier, &zero);
	if (!empty)
		return 0;
	tenant_find((struct task_struct *)task_address, &tenant);
	if (tenant_may_add(TABLE_DOSSIERS, &tenant, knob_dossiers)) {
		empty->tenant = tenant;
		is_new = !bpf_map_update_elem(&dossiers, &key, empty, BPF_NOEXIST);
		if (is_new)
			tenant_count_open(TABLE_DOSSIERS, 1);
		/* by this CPU, or at this moment by another one */
		dossier = bpf_map_lookup_elem(&dossiers, &key);
		/* charge the tenant in the map: `empty` can be another tenant's by now */
		if (is_new && dossier) {
			tenant = dossier->tenant;
			tenant_add(TABLE_DOSSIERS, &tenant, 1);
			note_exe(dossier, (struct task_struct *)task_address);
		}
	}
	if (!dossier)
		count_lost(KT_LOST_DOSSIER_FULL);
	return is_new;
}

/* NULL: there is no room. */
static __always_inline struct dossier *
dossier_get_or_open(struct group_key *key, struct task_struct *task, bool *ret_is_new)
{
	struct dossier *dossier = bpf_map_lookup_elem(&dossiers, key);

	*ret_is_new = false;
	if (dossier)
		return dossier;
	*ret_is_new = dossier_open((__u64)task, key->tgid, key->start_ns);
	return bpf_map_lookup_elem(&dossiers, key);
}

static __always_inline void details_close(struct group_key *key, struct tenant *tenant)
{
	if (bpf_map_delete_elem(&details, key))
		return;
	tenant_count_open(TABLE_DETAILS, -1);
	tenant_add(TABLE_DETAILS, tenant, -1);
}

__weak __noinline int dossier_close(__u32 tgid, __u64 start_ns)
{
	struct group_key key = { .tgid = tgid, .start_ns = start_ns };
	struct dossier *dossier = bpf_map_lookup_elem(&dossiers, &key);
	__u32 has_details, details_reserve;
	struct tenant tenant;

	if (!dossier)
		return 0;
	has_details = dossier->has_details;
	details_reserve = dossier->details_reserve;
	tenant = dossier->tenant;
	if (bpf_map_delete_elem(&dossiers, &key))
		return 0; /* another CPU was faster */
	tenant_count_open(TABLE_DOSSIERS, -1);
	tenant_add(TABLE_DOSSIERS, &tenant, -1);
	tenant.reserve = details_reserve;
	if (has_details)
		details_close(&key, &tenant);
	return 0;
}

static __always_inline struct details *details_of(struct group_key *key, struct dossier *dossier)
{
	return dossier->has_details ? bpf_map_lookup_elem(&details, key) : 0;
}

/* 1: the group has details, which can be looked up; 0: there is no room, or it has no dossier. */
__weak __noinline int details_open(__u32 tgid, __u64 start_ns)
{
	struct group_key key = { .tgid = tgid, .start_ns = start_ns };
	struct dossier *dossier = bpf_map_lookup_elem(&dossiers, &key);
	struct tenant tenant;
	__u32 zero = 0;
	void *empty;
	bool found = false;

	empty = bpf_map_lookup_elem(&empty_details, &zero);
	if (!dossier || !empty)
		return 0;
	tenant = dossier->tenant;
	if (tenant_may_add(TABLE_DETAILS, &tenant, knob_details)) {
		if (!bpf_map_update_elem(&details, &key, empty, BPF_NOEXIST)) {
			dossier->has_details = 1;
			dossier->details_reserve = tenant.reserve;
			tenant_count_open(TABLE_DETAILS, 1);
			tenant_add(TABLE_DETAILS, &tenant, 1);
		}
		found = bpf_map_lookup_elem(&details, &key) != 0;
		/* closed meanwhile: the call that deletes them gives them back */
		if (!bpf_map_lookup_elem(&dossiers, &key)) {
			details_close(&key, &tenant);
			return 0;
		}
	}
	if (!found)
		dossier->lost_details = 1;
	return found;
}

static __always_inline struct details *details_get_or_open(struct group_key *key,
							   struct dossier *dossier)
{
	struct details *found = details_of(key, dossier);

	if (found)
		return found;
	return details_open(key->tgid, key->start_ns) ? bpf_map_lookup_elem(&details, key) : 0;
}

#endif
