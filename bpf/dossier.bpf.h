/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The life of a dossier, and of the details that belong to it. */
#ifndef KT_DOSSIER_BPF_H
#define KT_DOSSIER_BPF_H

#include "task.bpf.h"
#include "tenant.bpf.h"

/* NULL: there is no room. This is counted. */
static __always_inline struct dossier *
dossier_get_or_open(struct group_key *key, struct task_struct *task, bool *ret_is_new)
{
	struct dossier *dossier = bpf_map_lookup_elem(&dossiers, key), *empty;
	struct tenant tenant;
	__u32 zero = 0;

	*ret_is_new = false;
	if (dossier)
		return dossier;
	empty = bpf_map_lookup_elem(&empty_dossier, &zero);
	if (!empty)
		return 0;
	tenant_find(task, &tenant);
	if (tenant_may_add(TABLE_DOSSIERS, &tenant, knob_dossiers)) {
		empty->tenant = tenant;
		*ret_is_new = !bpf_map_update_elem(&dossiers, key, empty, BPF_NOEXIST);
		if (*ret_is_new)
			tenant_count_open(TABLE_DOSSIERS, 1);
		/* by this CPU, or at this moment by another one */
		dossier = bpf_map_lookup_elem(&dossiers, key);
		/* charge the tenant in the map: `empty` can be another tenant's by now */
		if (*ret_is_new && dossier) {
			tenant = dossier->tenant;
			tenant_add(TABLE_DOSSIERS, &tenant, 1);
		}
	}
	if (!dossier)
		count_lost(KT_LOST_DOSSIER_FULL);
	return dossier;
}

static __always_inline void details_close(struct group_key *key, struct tenant *tenant)
{
	if (bpf_map_delete_elem(&details, key))
		return;
	tenant_count_open(TABLE_DETAILS, -1);
	tenant_add(TABLE_DETAILS, tenant, -1);
}

static __always_inline void dossier_close(struct group_key *key, struct dossier *dossier)
{
	bool has_details = dossier->has_details;
	__u32 details_reserve = dossier->details_reserve;
	struct tenant tenant = dossier->tenant;

	if (bpf_map_delete_elem(&dossiers, key))
		return; /* another CPU was faster */
	tenant_count_open(TABLE_DOSSIERS, -1);
	tenant_add(TABLE_DOSSIERS, &tenant, -1);
	tenant.reserve = details_reserve;
	if (has_details)
		details_close(key, &tenant);
}

static __always_inline struct details *details_of(struct group_key *key, struct dossier *dossier)
{
	return dossier->has_details ? bpf_map_lookup_elem(&details, key) : 0;
}

static __always_inline struct details *details_get_or_open(struct group_key *key,
							   struct dossier *dossier)
{
	struct details *found = details_of(key, dossier);
	struct tenant tenant = dossier->tenant;
	__u32 zero = 0;
	void *empty;

	if (found)
		return found;
	empty = bpf_map_lookup_elem(&empty_details, &zero);
	if (!empty)
		return 0;
	if (tenant_may_add(TABLE_DETAILS, &tenant, knob_details)) {
		if (!bpf_map_update_elem(&details, key, empty, BPF_NOEXIST)) {
			dossier->has_details = 1;
			dossier->details_reserve = tenant.reserve;
			tenant_count_open(TABLE_DETAILS, 1);
			tenant_add(TABLE_DETAILS, &tenant, 1);
		}
		found = bpf_map_lookup_elem(&details, key);
		/* closed meanwhile: the call that deletes them gives them back */
		if (!bpf_map_lookup_elem(&dossiers, key)) {
			details_close(key, &tenant);
			return 0;
		}
	}
	if (!found)
		dossier->lost_details = 1;
	return found;
}

#endif
