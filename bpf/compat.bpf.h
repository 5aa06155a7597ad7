/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The one home of differences between kernels. Each block names what changed and when; which side
 * a kernel is on is asked of its BTF, never of its version, since stable kernels carry backports.
 * A flavour (`type___pre_vXY`) is the layout before version X.Y; libbpf strips the suffix.
 */
#ifndef KT_COMPAT_BPF_H
#define KT_COMPAT_BPF_H

#include "direct.bpf.h"
#include "vmlinux.h"
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>

/* kernfs_node.parent became the RCU pointer __parent in 6.15 (commit 633488947ef6). The old side
 * can go when the minimum kernel is 6.15. */
struct kernfs_node___pre_v615 {
	struct kernfs_node *parent;
} __attribute__((preserve_access_index));

static __always_inline struct kernfs_node *compat_kernfs_parent(struct kernfs_node *kn)
{
	if (bpf_core_field_exists(kn->__parent))
		return BPF_CORE_READ(kn, __parent);
	return BPF_CORE_READ((struct kernfs_node___pre_v615 *)kn, parent);
}

/* mm->rss_stat was an array of atomics inside struct mm_rss_stat before 6.2 (commit f1a7941243c1)
 * and is an array of percpu_counter since; there, `count` lags by at most the batch per CPU. */
struct mm_rss_stat___pre_v62 {
	atomic_long_t count[4];
} __attribute__((preserve_access_index));

struct mm_struct___pre_v62 {
	struct mm_rss_stat___pre_v62 rss_stat;
} __attribute__((preserve_access_index));

enum compat_rss {
	COMPAT_RSS_FILE = 0,
	COMPAT_RSS_ANON = 1,
	COMPAT_RSS_SWAP = 2,
	COMPAT_RSS_SHMEM = 3
};

/* Pages; never negative, though the counters can be for a moment. `which` is a constant. */
static __always_inline __u64 compat_rss_pages(struct mm_struct *mm, const enum compat_rss which)
{
	struct mm_struct___pre_v62 *old = (void *)mm;
	__s64 pages;

	if (bpf_core_field_exists(old->rss_stat.count))
		pages = BPF_CORE_READ(old, rss_stat.count[which].counter);
	else
		pages = BPF_CORE_READ(mm, rss_stat[which].count);
	return pages < 0 ? 0 : (__u64)pages;
}

/* vm_area_struct and mm_struct held a red-black tree before 6.1 (commit d4af56c5c7c6 brought the
 * maple tree, commit 763ecb035029 removed the old tree). */
struct vm_area_struct___pre_v61 {
	struct rb_node vm_rb;
} __attribute__((preserve_access_index));

struct mm_struct___pre_v61 {
	struct rb_root mm_rb;
} __attribute__((preserve_access_index));

/* mem_cgroup.oom_lock is only there with CONFIG_MEMCG_V1 since 6.12 (commit e93d4166b40a). */
static __always_inline bool compat_memcg_has_oom_lock(void)
{
	return bpf_core_field_exists(((struct mem_cgroup *)0)->oom_lock);
}

/*
 * The figures of memory.stat, of a cgroup and all below it. Before 5.13 they are an array of
 * atomics, to which each CPU adds what it has gathered (commit 2d146aa3aa84 brought rstat: they are
 * as new as the last flush). Before 6.1 they are a struct inside mem_cgroup (commit 410f8e82689e),
 * and since then a pointer to it. Since 6.10 (commit ff48c71c26aa) the place of an item in it comes
 * from a table that BTF does not lead to (mm/memcontrol.c:mem_cgroup_stats_index): one byte for
 * each item, 255 if it has no place; in 6.10 and 6.11 the byte is the place plus one, 0 if it has
 * none. The first item, which is 0, has the first place.
 */
struct mem_cgroup___pre_v513 {
	atomic_long_t vmstats[1];
} __attribute__((preserve_access_index));

struct mem_cgroup___pre_v61 {
	struct memcg_vmstats vmstats;
} __attribute__((preserve_access_index));

struct compat_memcg_stats {
	__u64 values; /* address of an array of long; 0: there is none */
	__u64 count;
	__u64 places; /* address of the table; 0: an item (enum node_stat_item, enum
			 memcg_stat_item) is its place */
};

/* `table` is the address of mem_cgroup_stats_index, 0: unknown. */
static __always_inline void compat_memcg_stats(struct mem_cgroup *memcg, __u64 table,
					       struct compat_memcg_stats *ret)
{
	struct mem_cgroup___pre_v513 *atomic = (void *)memcg;
	struct mem_cgroup___pre_v61 *inside = (void *)memcg;
	struct memcg_vmstats *stats = 0; /* for its type */

	ret->values = 0;
	ret->places = 0;
	ret->count = bpf_core_enum_value(enum memcg_stat_item, MEMCG_NR_STAT);
	if (bpf_core_field_exists(atomic->vmstats)) {
		ret->values = (__u64)memcg + bpf_core_field_offset(atomic->vmstats);
		return;
	}
	if (!bpf_core_field_exists(stats->state))
		return;
	if (bpf_core_field_size(stats->state) / sizeof(long) < ret->count) {
		if (!table)
			return;
		ret->places = table;
		ret->count = bpf_core_field_size(stats->state) / sizeof(long);
	}
	if (bpf_core_field_exists(inside->vmstats))
		ret->values = (__u64)memcg + bpf_core_field_offset(inside->vmstats) +
			      bpf_core_field_offset(stats->state);
	else if (bpf_core_field_exists(memcg->vmstats))
		ret->values =
			(__u64)BPF_CORE_READ(memcg, vmstats) + bpf_core_field_offset(stats->state);
}

/* Pages, KiB or bytes, as the item is counted; never negative, though a counter can be for a
 * moment. False: it is not counted. */
static __always_inline bool compat_memcg_stat(const struct compat_memcg_stats *stats, __u64 item,
					      __u64 *ret)
{
	__u8 first = 0, place = 255;
	__u64 at = item;
	__s64 value = 0;

	if (!stats->values)
		return false;
	if (stats->places) {
		bpf_probe_read_kernel(&first, sizeof(first), (void *)stats->places);
		bpf_probe_read_kernel(&place, sizeof(place), (void *)(stats->places + item));
		if (place < first)
			return false;
		at = (__u64)place - first;
	}
	if (at >= stats->count ||
	    bpf_probe_read_kernel(&value, sizeof(value),
				  (void *)(stats->values + at * sizeof(value))))
		return false;
	*ret = value < 0 ? 0 : (__u64)value;
	return true;
}

/* Before 5.16 (commit 0258b5fd7c71) the state of a core dump was in mm_struct. It was gone with the
 * mm if the leader had left before its group dumped. */
struct mm_struct___pre_v516 {
	struct core_state *core_state;
} __attribute__((preserve_access_index));

static __always_inline bool compat_dumps_core(struct task_struct *task)
{
	struct mm_struct___pre_v516 *mm;

	if (bpf_core_field_exists(((struct signal_struct *)0)->core_state))
		return BPF_CORE_READ(task, signal, core_state) != 0;
	mm = (void *)BPF_CORE_READ(task, mm);
	return mm && BPF_CORE_READ(mm, core_state);
}

/* current->in_execve: from the first look at the file until the new program runs, 5.8 to 7.3. */
static __always_inline bool compat_is_in_exec(struct task_struct *task)
{
	if (!bpf_core_field_exists(task->in_execve))
		return false;
	if (is_own_task(task))
		return BPF_CORE_READ_BITFIELD(bpf_get_current_task_btf(), in_execve);
	return BPF_CORE_READ_BITFIELD_PROBED(task, in_execve);
}

/* cgroup.ancestor_ids[] became ancestors[] in 6.1 (commit 7f203bc89eb6). */
struct cgroup___pre_v61 {
	u64 ancestor_ids[0];
} __attribute__((preserve_access_index));

/* The id of the cgroup `level` levels below the root, which is `cgroup` itself or above it. */
static __always_inline __u64 compat_ancestor_id(struct cgroup *cgroup, __u32 level)
{
	struct cgroup *ancestor = 0;
	__u64 id = 0;

	if (bpf_core_field_exists(cgroup->ancestors)) {
		bpf_probe_read_kernel(&ancestor, sizeof(ancestor),
				      (void *)cgroup +
					      bpf_core_field_offset(struct cgroup, ancestors) +
					      level * sizeof(ancestor));
		return BPF_CORE_READ(ancestor, kn, id);
	}
	bpf_probe_read_kernel(&id, sizeof(id),
			      (void *)cgroup +
				      bpf_core_field_offset(struct cgroup___pre_v61, ancestor_ids) +
				      level * sizeof(id));
	return id;
}

/*
 * What file systems keep about themselves. A kernel may have some and not others: a module is not
 * loaded, or a CONFIG_ is not set. 5.10 to 7.3 have these members, those of FUSE at two places.
 */
struct shmem_sb_info___any {
	unsigned long max_blocks;
	struct percpu_counter used_blocks;
} __attribute__((preserve_access_index));

struct hstate___any {
	unsigned int order;
	unsigned long nr_huge_pages;
	unsigned long free_huge_pages;
	unsigned long resv_huge_pages;
} __attribute__((preserve_access_index));

struct hugetlbfs_sb_info___any {
	struct hstate___any *hstate;
} __attribute__((preserve_access_index));

struct fuse_chan___any {
	unsigned int connected;
} __attribute__((preserve_access_index));

struct fuse_conn___any {
	unsigned int connected;
	struct fuse_chan___any *chan;
} __attribute__((preserve_access_index));

struct fuse_mount___any {
	struct fuse_conn___any *fc;
} __attribute__((preserve_access_index));

struct userfaultfd_ctx___any {
	unsigned int features;
} __attribute__((preserve_access_index));

struct vm_userfaultfd_ctx___any {
	struct userfaultfd_ctx___any *ctx;
} __attribute__((preserve_access_index));

struct vm_area_struct___any {
	struct vm_userfaultfd_ctx___any vm_userfaultfd_ctx;
} __attribute__((preserve_access_index));

/* Whether a daemon answers; -1: not known. In 7.3 `connected` is in fuse_chan, not in fuse_conn. */
static __always_inline int compat_fuse_connected(struct fuse_conn___any *connection)
{
	struct fuse_chan___any *channel = 0;

	if (bpf_core_field_exists(connection->connected))
		return BPF_CORE_READ(connection, connected) != 0;
	if (!bpf_core_field_exists(connection->chan) || !bpf_core_field_exists(channel->connected))
		return -1;
	channel = BPF_CORE_READ(connection, chan);
	return channel ? BPF_CORE_READ(channel, connected) != 0 : -1;
}

/* struct seccomp is empty without CONFIG_SECCOMP. */
static __always_inline bool compat_has_seccomp_mode(void)
{
	return bpf_core_field_exists(((struct seccomp *)0)->mode);
}

#endif
