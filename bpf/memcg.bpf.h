/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What the OOM killer's choice looked like: the victim's memory and the cgroup whose limit was hit. */
#ifndef KT_MEMCG_BPF_H
#define KT_MEMCG_BPF_H

#include "cgroup.bpf.h"
#include "knobs.bpf.h"

#define MEMCG_DEPTH 16
/* From oom_kill_process() to the last SIGKILL of a large group of victims. */
#define DECISION_FRESH_NS 1000000000ULL
/* page_counter.max of a cgroup without a limit: LONG_MAX / PAGE_SIZE */
#define MEMCG_UNLIMITED (0x7fffffffffffffffULL / knob_page_bytes)
/* A full cgroup can be a batch of charges (MEMCG_CHARGE_BATCH, 64 pages) below its limit. */
#define MEMCG_BATCH 64

static __always_inline void oom_read_memory(struct kt_oom *oom, struct task_struct *victim)
{
	struct mm_struct *mm = BPF_CORE_READ(victim, mm);

	oom->score_adj = BPF_CORE_READ(victim, signal, oom_score_adj);
	if (!mm)
		return;
	oom->total_vm_bytes = BPF_CORE_READ(mm, total_vm) * knob_page_bytes;
	oom->anon_rss_bytes = compat_rss_pages(mm, COMPAT_RSS_ANON) * knob_page_bytes;
	oom->file_rss_bytes = compat_rss_pages(mm, COMPAT_RSS_FILE) * knob_page_bytes;
	oom->shmem_rss_bytes = compat_rss_pages(mm, COMPAT_RSS_SHMEM) * knob_page_bytes;
	oom->swap_bytes = compat_rss_pages(mm, COMPAT_RSS_SWAP) * knob_page_bytes;
	oom->page_tables_bytes = BPF_CORE_READ(mm, pgtables_bytes.counter);
	oom->flags |= KT_OOM_HAS_FIGURES;
}

/*
 * The memory cgroup whose limit was hit, from the state that the OOM killer itself leaves:
 * mem_cgroup_oom_trylock() sets oom_lock on the whole subtree below the limit (mm/memcontrol.c,
 * since 6.12 mm/memcontrol-v1.c), so the topmost locked one is it. Where there is no such lock,
 * the topmost ancestor that is full. Of two tasks that run into the limit together the second finds
 * the lock taken and, once it kills, gone, and usage fallen by what the first has freed: then the
 * limit is certain only if there is no other. All this only where `given`, the struct mem_cgroup of
 * struct oom_control, is not known. The answer goes into the signal scratch; global with scalars,
 * so that the verifier looks at it once.
 */
__weak __noinline int find_oom_limit(__u64 victim_address, __u64 given)
{
	struct cgroup_subsys_state *css = task_memory_css((struct task_struct *)victim_address);
	struct signal_scratch *scratch;
	struct oom_limit *found;
	struct mem_cgroup *limit;
	__u32 zero = 0;

	scratch = bpf_map_lookup_elem(&signal_scratches, &zero);
	if (!scratch)
		return 0;
	/* Kept in the map and not in registers: the verifier would follow every combination. */
	found = &scratch->limit;
	__builtin_memset(found, 0, sizeof(*found));
	for (int i = 0; i < MEMCG_DEPTH && css; i++) {
		struct mem_cgroup *memcg =
			(void *)css - bpf_core_field_offset(struct mem_cgroup, css);
		__u64 max = BPF_CORE_READ(memcg, memory.max);
		__u64 usage = (__u64)BPF_CORE_READ(memcg, memory.usage.counter);

		if (compat_memcg_has_oom_lock() && BPF_CORE_READ(memcg, oom_lock))
			found->locked = (__u64)memcg;
		else if (found->locked)
			found->outside = 1;
		if (max < MEMCG_UNLIMITED) {
			found->limited++;
			found->last_limited = (__u64)memcg;
		}
		if (max < MEMCG_UNLIMITED && usage + MEMCG_BATCH >= max)
			found->full = (__u64)memcg;
		/* mem_cgroup_get_oom_group() looks from the victim up to the limit, not beyond */
		if (!found->outside && BPF_CORE_READ(memcg, oom_group)) {
			found->flags |= KT_OOM_GROUP;
			found->group = (__u64)memcg;
		}
		if ((__u64)memcg == given)
			found->outside = 1;
		css = BPF_CORE_READ(css, parent);
	}
	found->flags |= KT_OOM_LIMIT_WALKED;
	if (given) {
		limit = (struct mem_cgroup *)given;
	} else if (found->locked) {
		limit = (struct mem_cgroup *)found->locked;
		found->flags |= KT_OOM_LIMIT_LOCKED;
	} else if (found->full) {
		/* a cgroup full of page cache stands at its limit most of the time: a proof only
		 * where the kernel keeps no better one */
		limit = (struct mem_cgroup *)found->full;
		found->flags |= compat_memcg_has_oom_lock() ? KT_OOM_LIMIT_PRESUMED
							    : KT_OOM_LIMIT_FULL;
	} else if (found->limited == 1) {
		limit = (struct mem_cgroup *)found->last_limited;
		found->flags |= KT_OOM_LIMIT_PRESUMED;
	} else {
		return 0;
	}
	found->cgroup = (__u64)BPF_CORE_READ(limit, css.cgroup);
	found->limit_bytes = BPF_CORE_READ(limit, memory.max) * knob_page_bytes;
	found->usage_bytes = (__u64)BPF_CORE_READ(limit, memory.usage.counter) * knob_page_bytes;
	return 0;
}

/* All that is known of an OOM kill while the victim's mm is there. The limit's path stays in the
 * signal scratch. */
static __always_inline void oom_note(struct dossier *dossier, struct signal_scratch *scratch,
				     struct task_struct *victim, __u64 now_ns)
{
	__u32 tid = (__u32)bpf_get_current_pid_tgid();
	struct oom_decision *decision = bpf_map_lookup_elem(&oom_decisions, &tid);
	struct kt_oom *oom = &dossier->oom;
	__u64 given = 0;

	__builtin_memset(oom, 0, sizeof(*oom));
	oom->time_ns = now_ns;
	oom_read_memory(oom, victim);
	if (decision && now_ns - decision->time_ns < DECISION_FRESH_NS) {
		oom->scope = decision->scope;
		oom->flags |= KT_OOM_CONTROL;
		given = decision->memcg;
	}
	dossier->limit_path_bytes = 0;
	find_oom_limit((__u64)victim, given);
	oom->flags |= scratch->limit.flags;
	oom->limit_bytes = scratch->limit.limit_bytes;
	oom->usage_bytes = scratch->limit.usage_bytes;
	if (scratch->limit.cgroup) {
		cgroup_read_path(scratch->limit.cgroup, PATH_OF_SIGNAL);
		keep_path(dossier->limit_path, &dossier->limit_path_bytes, &scratch->path);
	}
}

#endif
