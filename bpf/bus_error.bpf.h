/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Why a page of a mapping was not available (SIGBUS): what is mapped there, by the type of its
 * super block, and the state of that file system at this moment. What cannot be read is left out.
 */
#ifndef KT_BUS_ERROR_BPF_H
#define KT_BUS_ERROR_BPF_H

#include "vma.bpf.h"

/* include/uapi/linux/magic.h */
#define MAGIC_TMPFS 0x01021994
#define MAGIC_HUGETLBFS 0x958458f6
#define MAGIC_FUSE 0x65735546

#define VMA_UFFD_MISSING 0x200 /* VM_UFFD_MISSING, 5.10 to 7.3 */
#define UFFD_SIGBUS (1U << 7)  /* UFFD_FEATURE_SIGBUS */

#define FILE_TYPE 0170000
#define REGULAR_FILE 0100000

#define MOST_CPUS 1024

struct bpf_array___any {
	void *pptrs[0];
} __attribute__((preserve_access_index));

/* Through memory: the verifier does not let just anything be added to an address that it knows. */
static __always_inline __u64 as_number(struct signal_scratch *scratch, const void *address)
{
	volatile __u64 *number = &scratch->node[0];

	*number = (__u64)address;
	return *number;
}

/*
 * Adds the parts that the CPUs keep of a struct percpu_counter to scratch->counter
 * (lib/percpu_counter.c:__percpu_counter_sum()). They are as far from their common address as a map
 * of ours on the same CPU is from its own (kernel/bpf/arraymap.c:percpu_array_map_lookup_elem()):
 * not every kernel names the table of these distances. Returns 0 if they cannot be read, such as
 * before 5.19. Global, with scalars: the verifier looks at it once.
 */
__noinline int add_counter_parts(__u64 parts)
{
	struct signal_scratch *scratch = get_signal_scratch();
	struct bpf_array___any *array = 0;
	const void *place;
	__u32 zero = 0;
	__u64 common, distance;
	__s64 sum = 0;
	__s32 part;

	if (!scratch || knob_cpus > MOST_CPUS || !bpf_core_field_exists(array->pptrs) ||
	    !bpf_core_enum_value_exists(enum bpf_func_id, BPF_FUNC_map_lookup_percpu_elem))
		return 0;
	array = (void *)as_number(scratch, &signal_scratches);
	if (bpf_probe_read_kernel(&common, sizeof(common),
				  (void *)array + bpf_core_field_offset(array->pptrs)) ||
	    !common)
		return 0;
	for (__u32 cpu = 0; cpu < MOST_CPUS; cpu++) {
		if (cpu >= knob_cpus)
			break;
		place = bpf_map_lookup_percpu_elem(&signal_scratches, &zero, cpu);
		if (!place)
			return 0;
		distance = as_number(scratch, place) - common;
		if (bpf_probe_read_kernel(&part, sizeof(part), (void *)(parts + distance)))
			return 0;
		sum += part;
	}
	scratch->counter += sum;
	return 1;
}

/* The most that those parts can add up to (compute_batch_value()). */
static __always_inline __u64 counter_lag(void)
{
	__u64 batch = 2 * knob_cpus > 32 ? 2 * knob_cpus : 32;

	return batch * knob_cpus;
}

#define TMPFS_PARTS 8 /* a counter without its parts may lag by one of them */

static __always_inline void read_tmpfs(struct signal_scratch *scratch, struct kt_bus_error *bus,
				       void *info)
{
	struct shmem_sb_info___any *tmpfs = info;
	__u64 most, lag = 0;

	if (!bpf_core_type_exists(struct shmem_sb_info___any))
		return;
	/* without a limit nothing is counted (mm/shmem.c:shmem_inode_acct_block(), 5.10 to 7.3) */
	most = BPF_CORE_READ(tmpfs, max_blocks);
	if (!most)
		return;
	scratch->counter = BPF_CORE_READ(tmpfs, used_blocks.count);
	if (!add_counter_parts((__u64)BPF_CORE_READ(tmpfs, used_blocks.counters)))
		lag = counter_lag();
	/* on many CPUs the lag can be most of the size or more: then the counter says nothing */
	if (lag >= most / TMPFS_PARTS && lag)
		return;
	if (scratch->counter < 0)
		scratch->counter = 0;
	bus->flags |= KT_BUS_TMPFS;
	bus->total = most * knob_page_bytes;
	bus->used = (__u64)scratch->counter * knob_page_bytes;
	/* a page that cannot be had: the others leave no room for it */
	if ((__u64)scratch->counter + lag >= most)
		bus->flags |= KT_BUS_FULL;
}

static __always_inline void read_hugetlbfs(struct kt_bus_error *bus, void *info)
{
	struct hugetlbfs_sb_info___any *hugetlbfs = info;
	struct hstate___any *pages;
	__u64 free, reserved;

	if (!bpf_core_type_exists(struct hugetlbfs_sb_info___any) ||
	    !bpf_core_type_exists(struct hstate___any))
		return;
	pages = BPF_CORE_READ(hugetlbfs, hstate);
	if (!pages)
		return;
	bus->total = BPF_CORE_READ(pages, nr_huge_pages);
	free = BPF_CORE_READ(pages, free_huge_pages);
	/* those are promised to other mappings */
	reserved = BPF_CORE_READ(pages, resv_huge_pages);
	free = free > reserved ? free - reserved : 0;
	bus->used = bus->total > free ? bus->total - free : 0;
	bus->unit_kib = (__u32)(knob_page_bytes >> 10) << (BPF_CORE_READ(pages, order) & 31);
	bus->flags |= KT_BUS_HUGETLBFS;
}

static __always_inline void read_fuse(struct kt_bus_error *bus, void *info)
{
	struct fuse_mount___any *mount = info;
	struct fuse_conn___any *connection;
	int connected;

	if (!bpf_core_type_exists(struct fuse_mount___any))
		return;
	connection = BPF_CORE_READ(mount, fc);
	connected = connection ? compat_fuse_connected(connection) : -1;
	if (connected < 0)
		return;
	bus->flags |= KT_BUS_FUSE;
	if (!connected)
		bus->flags |= KT_BUS_FUSE_GONE;
}

static __always_inline void read_userfaultfd(struct kt_bus_error *bus, struct vma *vma)
{
	struct vm_area_struct___any *area = (void *)vma->area;
	struct userfaultfd_ctx___any *context = 0;

	if (!bpf_core_field_exists(area->vm_userfaultfd_ctx.ctx) ||
	    !bpf_core_field_exists(context->features))
		return;
	context = BPF_CORE_READ(area, vm_userfaultfd_ctx.ctx);
	if (context && (vma->flags & VMA_UFFD_MISSING) &&
	    (BPF_CORE_READ(context, features) & UFFD_SIGBUS))
		bus->flags |= KT_BUS_USERFAULTFD;
}

/* Called by the program directly, like name_user_stack(), if note_fault() has found something to
 * look at. */
__noinline int read_bus_error(void)
{
	struct task_struct *task = (struct task_struct *)bpf_get_current_task();
	struct signal_scratch *scratch = get_signal_scratch();
	struct dossier *dossier = scratch ? bpf_map_lookup_elem(&dossiers, &scratch->key) : 0;
	struct super_block *super;
	struct kt_bus_error *bus;
	struct file *file;
	__u64 address, magic;
	void *info;

	if (!dossier || !scratch->bus_address)
		return 0;
	bus = &dossier->bus;
	address = scratch->bus_address;
	if (!find_vma((__u64)BPF_CORE_READ(task, mm), address) || scratch->vma.start > address)
		return 0;
	read_userfaultfd(bus, &scratch->vma);
	file = (struct file *)scratch->vma.file;
	if (!file)
		return 0;
	super = BPF_CORE_READ(file, f_inode, i_sb);
	if (bpf_probe_read_kernel_str(bus->type, sizeof(bus->type),
				      BPF_CORE_READ(super, s_type, name)) < 0)
		bus->type[0] = 0;
	magic = BPF_CORE_READ(super, s_magic);
	info = BPF_CORE_READ(super, s_fs_info);
	/* for a device, this is up to its driver */
	if ((BPF_CORE_READ(file, f_inode, i_mode) & FILE_TYPE) != REGULAR_FILE)
		return 0;
	bus->flags |= KT_BUS_REGULAR;
	if (!info)
		return 0;
	if (magic == MAGIC_TMPFS)
		read_tmpfs(scratch, bus, info);
	else if (magic == MAGIC_HUGETLBFS)
		read_hugetlbfs(bus, info);
	else if (magic == MAGIC_FUSE)
		read_fuse(bus, info);
	return 0;
}

#endif
