/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What the OOM killer saw: the victim's memory and the cgroup whose limit was hit. */
#ifndef KT_MEMCG_BPF_H
#define KT_MEMCG_BPF_H

#include "cgroup.bpf.h"
#include "emit.bpf.h"
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
 * One cgroup on the way of find_oom_limit() from the victim up to the root, which returns the one
 * above it. What was found is kept in the map and not in registers: the verifier would follow every
 * combination. Global with scalars, so that it looks at it once and not at every level.
 */
__weak __noinline __u64 look_at_limit(__u64 css_address, __u64 given)
{
	struct cgroup_subsys_state *css = (struct cgroup_subsys_state *)css_address;
	struct mem_cgroup *memcg = (void *)css - bpf_core_field_offset(struct mem_cgroup, css);
	struct signal_scratch *scratch;
	struct oom_limit *found;
	__u64 max, usage;
	__u32 zero = 0;

	scratch = bpf_map_lookup_elem(&signal_scratches, &zero);
	if (!scratch)
		return 0;
	found = &scratch->limit;
	max = BPF_CORE_READ(memcg, memory.max);
	usage = (__u64)BPF_CORE_READ(memcg, memory.usage.counter);
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
	return (__u64)BPF_CORE_READ(css, parent);
}

/*
 * Finds the memory cgroup whose limit was hit by the state that the OOM killer leaves:
 * mem_cgroup_oom_trylock() sets oom_lock on the whole subtree below the limit (mm/memcontrol.c,
 * since 6.12 mm/memcontrol-v1.c), so it is the topmost locked cgroup. Without such a lock, it is
 * the topmost ancestor that is full. If two tasks hit the limit together, the second finds the lock
 * taken. When it kills, the lock is gone, and usage has fallen by what the first kill has freed:
 * then the limit is certain only if there is no other. None of this is needed if `given`, the
 * struct mem_cgroup of struct oom_control, is known. The answer goes into the signal scratch.
 * Global with scalars, so that the verifier looks at it once.
 */
__weak __noinline int find_oom_limit(__u64 victim_address, __u64 given)
{
	__u64 css = (__u64)task_memory_css((struct task_struct *)victim_address);
	struct signal_scratch *scratch;
	struct oom_limit *found;
	struct mem_cgroup *limit;
	__u32 zero = 0;

	scratch = bpf_map_lookup_elem(&signal_scratches, &zero);
	if (!scratch)
		return 0;
	found = &scratch->limit;
	__builtin_memset(found, 0, sizeof(*found));
#pragma unroll /* as in cgroup.bpf.h */
	for (int i = 0; i < MEMCG_DEPTH; i++)
		if (css)
			css = look_at_limit(css, given);
	found->flags |= KT_OOM_LIMIT_WALKED;
	if (given) {
		limit = (struct mem_cgroup *)given;
	} else if (found->locked) {
		limit = (struct mem_cgroup *)found->locked;
		found->flags |= KT_OOM_LIMIT_LOCKED;
	} else if (found->full) {
		/* a cgroup full of page cache is at its limit most of the time: this is a proof
		 * only where the kernel has no better one */
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
	found->memcg = (__u64)limit;
	found->limit_bytes = BPF_CORE_READ(limit, memory.max) * knob_page_bytes;
	found->usage_bytes = (__u64)BPF_CORE_READ(limit, memory.usage.counter) * knob_page_bytes;
	return 0;
}

/* Adds an item to a figure, which is then known. */
#define TAKE_STAT(of, item, unit, figure, has)                                                \
	do {                                                                                  \
		if (bpf_core_enum_value_exists(enum of, item) &&                              \
		    compat_memcg_stat(&stats, bpf_core_enum_value(enum of, item), &number)) { \
			memory->figure += number * (unit);                                    \
			memory->valid |= (has);                                               \
		}                                                                             \
	} while (0)

/*
 * Units are those of mm/memcontrol.c:memcg_page_state_unit() (5.8 to 7.2): slabs count in bytes.
 * Before 5.11, page tables are counted for zones and not for cgroups. The sum of kernel memory came
 * in 5.18. v1 counts sockets separately, and kernel memory in a page counter.
 */
static __always_inline void read_stats(struct kt_limit_memory *memory, struct mem_cgroup *memcg,
				       bool is_v2)
{
	const __u64 page = knob_page_bytes;
	struct compat_memcg_stats stats;
	__u64 number = 0, *table;
	__u32 zero = 0;

	table = bpf_map_lookup_elem(&stats_places, &zero);
	compat_memcg_stats(memcg, table ? *table : 0, &stats);
	TAKE_STAT(node_stat_item, NR_ANON_MAPPED, page, anon_bytes, KT_LIMIT_HAS_ANON);
	TAKE_STAT(node_stat_item, NR_SHMEM, page, shmem_bytes, KT_LIMIT_HAS_SHMEM);
	TAKE_STAT(node_stat_item, NR_FILE_PAGES, page, file_bytes, KT_LIMIT_HAS_FILE);
	TAKE_STAT(node_stat_item, NR_SLAB_RECLAIMABLE_B, 1, slab_bytes, KT_LIMIT_HAS_SLAB);
	TAKE_STAT(node_stat_item, NR_SLAB_UNRECLAIMABLE_B, 1, slab_bytes, KT_LIMIT_HAS_SLAB);
	TAKE_STAT(node_stat_item, NR_PAGETABLE, page, page_tables_bytes, KT_LIMIT_HAS_PAGE_TABLES);
	if (is_v2) {
		TAKE_STAT(memcg_stat_item, MEMCG_SOCK, page, sock_bytes, KT_LIMIT_HAS_SOCK);
		TAKE_STAT(memcg_stat_item, MEMCG_KMEM, page, kernel_bytes, KT_LIMIT_HAS_KERNEL);
	} else {
		TAKE_STAT(memcg_stat_item, MEMCG_SWAP, page, swap_bytes, KT_LIMIT_HAS_SWAP);
	}
}

/*
 * Writes what filled the limit that find_oom_limit() found into limit_memories. Page counters are
 * exact. The other figures are flushed by the OOM killer's report
 * (mm/memcontrol.c:mem_cgroup_print_oom_meminfo()), which its rate limit can leave out, and by the
 * reclaim before it (mm/vmscan.c), which later kernels limit too: of 32 in a row none was old on
 * 6.1, and a third was on 6.12. Global: the verifier looks at it once.
 */
__weak __noinline int note_limit_memory(__u64 time_ns)
{
	struct signal_scratch *scratch;
	struct kt_limit_memory *memory;
	struct limit_key key = { .time_ns = time_ns };
	struct mem_cgroup *memcg;
	__u32 zero = 0;
	bool is_v2;

	scratch = bpf_map_lookup_elem(&signal_scratches, &zero);
	if (!scratch || !scratch->limit.memcg)
		return 0;
	memcg = (struct mem_cgroup *)scratch->limit.memcg;
	memory = &scratch->limit_memory;
	__builtin_memset(memory, 0, sizeof(*memory));
	memory->time_ns = time_ns;
	memory->source = KT_LIMIT_COUNTERS;
	memory->cgroup_id = cgroup_id((struct cgroup *)scratch->limit.cgroup);
	memory->peak_bytes = BPF_CORE_READ(memcg, memory.watermark) * knob_page_bytes;
	memory->valid = KT_LIMIT_HAS_PEAK;
	/* the default hierarchy is the first: cgroup_init() */
	is_v2 = BPF_CORE_READ(memcg, css.cgroup, root, hierarchy_id) == 0;
	read_stats(memory, memcg, is_v2);
	if (is_v2 && bpf_core_field_exists(memcg->swap)) {
		memory->swap_bytes =
			(__u64)BPF_CORE_READ(memcg, swap.usage.counter) * knob_page_bytes;
		memory->valid |= KT_LIMIT_HAS_SWAP;
	}
	if (!is_v2 && bpf_core_field_exists(memcg->kmem)) {
		memory->kernel_bytes =
			(__u64)BPF_CORE_READ(memcg, kmem.usage.counter) * knob_page_bytes;
		memory->valid |= KT_LIMIT_HAS_KERNEL;
	}
	key.cgroup = scratch->limit.cgroup;
	bpf_map_update_elem(&limit_memories, &key, memory, BPF_ANY);
	return 0;
}

/* Notes all that is known of an OOM kill while the victim's mm is there. */
static __always_inline void oom_note(struct dossier *dossier, struct signal_scratch *scratch,
				     struct task_struct *victim, __u64 now_ns)
{
	__u32 tid = (__u32)bpf_get_current_pid_tgid();
	struct oom_decision *decision = bpf_map_lookup_elem(&oom_decisions, &tid);
	struct kt_oom *oom = &dossier->oom;
	struct cgroup *limit;
	__u64 given = 0;

	__builtin_memset(oom, 0, sizeof(*oom));
	oom->time_ns = now_ns;
	oom_read_memory(oom, victim);
	if (decision && now_ns - decision->time_ns < DECISION_FRESH_NS) {
		oom->scope = decision->scope;
		oom->flags |= KT_OOM_CONTROL;
		given = decision->memcg;
	}
	find_oom_limit((__u64)victim, given);
	oom->flags |= scratch->limit.flags;
	oom->limit_bytes = scratch->limit.limit_bytes;
	oom->usage_bytes = scratch->limit.usage_bytes;
	limit = (struct cgroup *)scratch->limit.cgroup;
	dossier->limit.cgroup = (__u64)limit;
	dossier->limit.id = limit ? cgroup_id(limit) : 0;
	dossier->limit_ns = 0;
	if (limit)
		cgroup_keep_path((__u64)limit);
}

/* A notice takes 544 bytes of the ring, which deaths need while nothing is read. The reader has no
 * time for more than half of so many in a row (user/source/limit_files.c). */
#define LIMITS_NOTICED 64

/* Wakes the reader. If the notice finds no room, the figures that the reader would have read are
 * missing. */
__weak __noinline int notice_limit(__u64 time_ns)
{
	struct signal_scratch *scratch;
	struct kt_limit_notice *notice;
	struct kept_path *path;
	struct path_key key;
	__u32 zero = 0;
	__u64 *noticed;

	scratch = bpf_map_lookup_elem(&signal_scratches, &zero);
	noticed = bpf_map_lookup_elem(&limits_noticed, &zero);
	if (!scratch || !noticed || *noticed >= LIMITS_NOTICED)
		return 0;
	key.cgroup = scratch->limit.cgroup;
	key.id = cgroup_id((struct cgroup *)scratch->limit.cgroup);
	path = bpf_map_lookup_elem(&paths, &key);
	if (!path || path->truncated)
		return 0;
	__sync_fetch_and_add(noticed, 1);
	notice = &scratch->limit_notice;
	notice->notice.version = KT_WIRE_VERSION;
	notice->notice.kind = KT_RECORD_LIMIT;
	notice->notice.size = sizeof(*notice);
	notice->time_ns = time_ns;
	notice->cgroup_id = key.id;
	bpf_probe_read_kernel(notice->path, sizeof(notice->path), path->text);
	(void)bpf_ringbuf_output(&events, notice, sizeof(*notice), wake_flags());
	return 0;
}

/* After oom_note(), for the process that was chosen: those that die with it share the figures. */
static __always_inline __u64 oom_note_limit(struct dossier *dossier)
{
	if (dossier->limit.cgroup) {
		dossier->limit_ns = dossier->oom.time_ns;
		note_limit_memory(dossier->limit_ns);
		notice_limit(dossier->limit_ns);
	}
	return dossier->limit_ns;
}

#endif
