/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Cgroup paths, read in the kernel since a cgroup can be gone a millisecond after the death. They
 * are absolute on the host, never relative to a cgroup namespace.
 */
#ifndef KT_CGROUP_BPF_H
#define KT_CGROUP_BPF_H

#include "compat.bpf.h"
#include "maps.bpf.h"

/* Two programs build paths, and one can interrupt the other. */
enum path_place { PATH_OF_SIGNAL, PATH_OF_EXIT };

static __always_inline struct path_buffer *path_buffer_at(__u32 place)
{
	struct signal_scratch *signal;
	struct exit_scratch *exit;
	__u32 zero = 0;

	if (place == PATH_OF_SIGNAL) {
		signal = bpf_map_lookup_elem(&signal_scratches, &zero);
		if (!signal)
			return 0;
		/* otherwise the compiler adds first and tests later, which the verifier forbids
		 * until 6.1 */
		barrier_var(signal);
		return &signal->path;
	}
	exit = bpf_map_lookup_elem(&exit_scratches, &zero);
	if (!exit)
		return 0;
	barrier_var(exit);
	return &exit->path;
}

/*
 * What is done for each level is a global function, so that the verifier looks at it once. Their
 * callers are unrolled: up to 6.1 check_cfg() takes a call right before the head of a loop for a
 * back-edge that is no loop, and we cannot control how the compiler lays out a loop. The counters
 * are in the map and not in registers: the verifier would follow each value.
 */
#define LEVELS_AT_ONCE 16
#define CLIMBS 32

/* Moves the buffer's node up by the number of levels that are too many, LEVELS_AT_ONCE at most. */
__weak __noinline int climb(__u32 place)
{
	struct path_buffer *buf = path_buffer_at(place);

	if (!buf)
		return 0;
#pragma unroll
	for (int i = 0; i < LEVELS_AT_ONCE; i++) {
		if (buf->too_deep) {
			buf->node = (__u64)compat_kernfs_parent((struct kernfs_node *)buf->node);
			buf->too_deep--;
		}
	}
	return 0;
}

/* Keeps the buffer's node and moves on to the one above it. 0: it is the root. */
__weak __noinline int keep_level(__u32 place)
{
	struct path_buffer *buf = path_buffer_at(place);
	struct kernfs_node *parent;
	__u32 depth;

	if (!buf)
		return 0;
	depth = buf->depth;
	parent = compat_kernfs_parent((struct kernfs_node *)buf->node);
	if (!parent || depth >= KT_CGROUP_DEPTH)
		return 0;
	buf->nodes[depth] = buf->node;
	buf->node = (__u64)parent;
	buf->depth = depth + 1;
	return 1;
}

/* Appends the name of the uppermost level that has not been written. 0: there is none, or no room
 * for it. */
__weak __noinline int write_level(__u32 place)
{
	struct path_buffer *buf = path_buffer_at(place);
	struct kernfs_node *level;
	const char *name;
	__u32 from_leaf, at;
	long bytes;

	if (!buf)
		return 0;
	from_leaf = buf->depth - 1;
	at = buf->bytes;
	if (from_leaf >= KT_CGROUP_DEPTH || at >= KT_PATH_LEN)
		return 0;
	buf->depth = from_leaf;
	level = (struct kernfs_node *)buf->nodes[from_leaf];
	name = BPF_CORE_READ(level, name);
	buf->text[at] = '/';
	bytes = bpf_probe_read_kernel_str(&buf->text[at + 1], 256, name);
	if (bytes <= 0 || bytes > 256)
		return 0;
	/* never half a name: it could be the name of another cgroup */
	if (at + (__u32)bytes >= KT_PATH_LEN) {
		buf->truncated = 1;
		return 0;
	}
	if (at < KT_SIDE_PATH_LEN)
		buf->side_end = at;
	buf->bytes = at + (__u32)bytes; /* with the slash, without the NUL */
	return 1;
}

/*
 * Fills text and bytes (NUL included) of the path buffer at `place` of this CPU. The root is "/".
 * The upper levels name the owner: if a path has more than KT_CGROUP_DEPTH levels or is longer than
 * KT_PATH_LEN, the lower levels are cut, and that is counted. Global and with scalars only, so that
 * the verifier looks at it once.
 */
__weak __noinline int cgroup_read_path(__u64 cgroup_address, __u32 place)
{
	struct cgroup *cgroup = (struct cgroup *)cgroup_address;
	struct path_buffer *buf = path_buffer_at(place);
	__u32 levels;

	if (!buf)
		return 0;
	buf->bytes = 0;
	buf->depth = 0;
	buf->side_end = 0;
	buf->node = (__u64)BPF_CORE_READ(cgroup, kn);
	levels = (__u32)BPF_CORE_READ(cgroup, level);
	buf->truncated = levels > KT_CGROUP_DEPTH;
	if (buf->truncated) {
		buf->too_deep = levels - KT_CGROUP_DEPTH;
#pragma unroll
		for (int i = 0; i < CLIMBS; i++)
			climb(place);
	}
#pragma unroll
	for (int i = 0; i < KT_CGROUP_DEPTH; i++)
		if (!keep_level(place))
			break;
	/* unusually deep: without its upper levels it would seem to be another owner's */
	if (buf->depth == KT_CGROUP_DEPTH &&
	    compat_kernfs_parent((struct kernfs_node *)buf->node)) {
		count_lost(KT_LOST_PATH_TRUNCATED);
		return 0;
	}
	buf->text[0] = '/';
	buf->text[1] = 0;
#pragma unroll
	for (int i = 0; i < KT_CGROUP_DEPTH; i++)
		if (!write_level(place))
			break;
	if (buf->bytes < 1)
		buf->bytes = 1;
	if (buf->truncated)
		count_lost(KT_LOST_PATH_TRUNCATED);
	buf->text[buf->bytes & (KT_PATH_LEN - 1)] = 0;
	buf->bytes++;
	return 0;
}

static __always_inline struct cgroup *task_default_cgroup(struct task_struct *task)
{
	return BPF_CORE_READ(task, cgroups, dfl_cgrp);
}

static __always_inline struct cgroup_subsys_state *task_memory_css(struct task_struct *task)
{
	struct css_set *set = BPF_CORE_READ(task, cgroups);
	struct cgroup_subsys_state *css = 0;
	__u32 index;

	/* the index differs by configuration, and there is none without CONFIG_MEMCG */
	if (!bpf_core_enum_value_exists(enum cgroup_subsys_id, memory_cgrp_id))
		return 0;
	index = bpf_core_enum_value(enum cgroup_subsys_id, memory_cgrp_id);
	bpf_probe_read_kernel(&css, sizeof(css),
			      (void *)set + bpf_core_field_offset(struct css_set, subsys) +
				      index * sizeof(css));
	return css;
}

static __always_inline __u64 cgroup_id(struct cgroup *cgroup)
{
	return BPF_CORE_READ(cgroup, kn, id);
}

/* The v1 memory controller's cgroup, or NULL where memory is on the default hierarchy. */
static __always_inline struct cgroup *task_v1_memory_cgroup(struct task_struct *task)
{
	struct cgroup_subsys_state *css = task_memory_css(task);
	struct cgroup *memory = css ? BPF_CORE_READ(css, cgroup) : 0;
	struct cgroup *dfl = task_default_cgroup(task);

	if (!memory || BPF_CORE_READ(memory, root) == BPF_CORE_READ(dfl, root))
		return 0;
	return memory;
}

static __always_inline bool is_root(struct cgroup *cgroup)
{
	return !compat_kernfs_parent(BPF_CORE_READ(cgroup, kn));
}

/* The cgroup of a struct cgrp_cset_link, if it is in the hierarchy of systemd; 0: it is not. */
__weak __noinline __u64 systemd_cgroup_of_link(__u64 link_address)
{
	struct cgrp_cset_link *link = (struct cgrp_cset_link *)link_address;
	char name[sizeof("systemd")] = {};
	struct cgroup_root *root;
	struct cgroup *cgroup;

	if (!bpf_core_type_exists(struct cgrp_cset_link))
		return 0;
	cgroup = BPF_CORE_READ(link, cgrp);
	root = BPF_CORE_READ(cgroup, root);
	bpf_core_read(name, sizeof(name), &root->name);
	return __builtin_memcmp(name, "systemd", sizeof(name)) ? 0 : (__u64)cgroup;
}

/*
 * The task's cgroup in the hierarchy without a controller that systemd uses for its units on v1
 * hosts ("name=systemd"), or 0. It has no place in css_set->subsys: find_css_set()
 * (kernel/cgroup/cgroup.c, 3.14 to 7.2) links the set to one cgroup of each hierarchy. A link is
 * removed as soon as its hierarchy is unmounted: then what is read here is no hierarchy of that
 * name.
 */
__weak __noinline __u64 systemd_cgroup(__u64 task_address)
{
	struct task_struct *task = (struct task_struct *)task_address;
	struct css_set *set = BPF_CORE_READ(task, cgroups);
	struct list_head *head, *at;

	if (!bpf_core_type_exists(struct cgrp_cset_link))
		return 0;
	head = (void *)set + bpf_core_field_offset(struct css_set, cgrp_links);
	at = BPF_CORE_READ(set, cgrp_links.next);
#pragma unroll
	for (int i = 0; i < KT_HIERARCHIES; i++) {
		__u64 cgroup;

		if (!at || at == head)
			break;
		cgroup = systemd_cgroup_of_link(
			(__u64)at - bpf_core_field_offset(struct cgrp_cset_link, cgrp_link));
		if (cgroup)
			return cgroup;
		at = BPF_CORE_READ(at, next);
	}
	return 0;
}

/* The cgroup that says most about a task. This is the one in the default hierarchy, unless the task
 * is at its root and those of v1 say more: memory's if it is deeper, else systemd's. */
static __always_inline struct cgroup *task_telling_cgroup(struct task_struct *task)
{
	struct cgroup *dfl = task_default_cgroup(task), *systemd, *memory;

	if (!is_root(dfl))
		return dfl;
	memory = task_v1_memory_cgroup(task);
	systemd = (struct cgroup *)systemd_cgroup((__u64)task);
	if (systemd && !is_root(systemd) &&
	    (!memory || BPF_CORE_READ(systemd, level) >= BPF_CORE_READ(memory, level)))
		return systemd;
	return memory ? memory : dfl;
}

/*
 * Puts the path of a cgroup into the map of paths, where it is found after the victim is dead. It
 * is usually there already, since few cgroups send signals. Global, as above.
 */
__weak __noinline int cgroup_keep_path(__u64 cgroup_address)
{
	struct cgroup *cgroup = (struct cgroup *)cgroup_address;
	struct signal_scratch *scratch = get_signal_scratch();
	struct path_key key = { .cgroup = cgroup_address };
	__u32 bytes;

	if (!scratch || !cgroup)
		return 0;
	key.id = cgroup_id(cgroup);
	if (bpf_map_lookup_elem(&paths, &key))
		return 0;
	cgroup_read_path(cgroup_address, PATH_OF_SIGNAL);
	bytes = scratch->path.bytes;
	if (!bytes)
		return 0;
	scratch->kept.truncated = scratch->path.truncated;
	if (bytes > KT_SIDE_PATH_LEN) {
		bytes = scratch->path.side_end;
		if (!bytes || bytes >= KT_SIDE_PATH_LEN)
			return 0;
		scratch->path.text[bytes & (KT_SIDE_PATH_LEN - 1)] = 0;
		bytes++;
		scratch->kept.truncated = 1;
		count_lost(KT_LOST_PATH_TRUNCATED);
	}
	scratch->kept.bytes = bytes;
	bpf_probe_read_kernel(scratch->kept.text, KT_SIDE_PATH_LEN, scratch->path.text);
	bpf_map_update_elem(&paths, &key, &scratch->kept, BPF_ANY);
	return 0;
}

#endif
