/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The one home of differences between kernels. Each block names what changed and when; which side
 * a kernel is on is asked of its BTF, never of its version, since stable kernels carry backports.
 * A flavour (`type___pre_vXY`) is the layout before version X.Y; libbpf strips the suffix.
 */
#ifndef KT_COMPAT_BPF_H
#define KT_COMPAT_BPF_H

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
 * maple tree, commit 763ecb035029 took the tree of old away). */
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

/* The state of a core dump was mm_struct's before 5.16 (commit 0258b5fd7c71), and gone with the mm of a
 * leader that had left before its group dumped. */
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
	return bpf_core_field_exists(task->in_execve) &&
	       BPF_CORE_READ_BITFIELD_PROBED(task, in_execve);
}

/* struct seccomp is empty without CONFIG_SECCOMP. */
static __always_inline bool compat_has_seccomp_mode(void)
{
	return bpf_core_field_exists(((struct seccomp *)0)->mode);
}

#endif
