/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Which mapping holds an address. Walked by hand, since bpf_find_vma() came only in 5.17 and shares
 * one irq_work per CPU with the build-ID stack: the second user gets -EBUSY. Reads a tree without a
 * lock while other threads may change it: a wrong turn ends in "not found".
 */
#ifndef KT_VMA_BPF_H
#define KT_VMA_BPF_H

#include "compat.bpf.h"
#include "knobs.bpf.h"
#include "maps.bpf.h"

#define MAPLE_NODE_MASK 255ULL
#define MAPLE_TYPE_SHIFT 3
#define MAPLE_TYPE_MASK 0xf
#define MAPLE_LEAF 1
#define MAPLE_ARANGE 3
#define MAPLE_HEIGHT 6    /* of a tree with millions of mappings */
#define MAPLE_GAP_WALKS 3 /* one gap can be noted as several neighbouring empty slots */
#define RB_HEIGHT 40

/*
 * One step down: reads the node of scratch->walk.entry and finds the slot of `index`.
 * lib/maple_tree.c: mte_node_type(), ma_data_end(), mtree_range_walk(); the layout is the same
 * from 6.1 to 7.2. Returns 1 when the walk is over. Global and with scalars only, so that the
 * verifier looks at it once and not at every level of every walk; pointers to memory as arguments
 * would need 5.13.
 */
__weak __noinline int maple_step(__u64 index)
{
	struct signal_scratch *scratch;
	__u32 type, end, slots, i, zero = 0;
	__u64 *pivots;

	scratch = bpf_map_lookup_elem(&signal_scratches, &zero);
	if (!scratch)
		return 1;
	pivots = &scratch->node[1]; /* behind the parent pointer */
	type = (scratch->walk.entry >> MAPLE_TYPE_SHIFT) & MAPLE_TYPE_MASK;
	if (bpf_probe_read_kernel(scratch->node, sizeof(scratch->node),
				  (void *)(scratch->walk.entry & ~MAPLE_NODE_MASK))) {
		scratch->walk.entry = 0;
		scratch->walk.max = ~0ULL;
		return 1;
	}
	if (type == MAPLE_ARANGE) {
		/* pivot[9], slot[10], gap[10], then metadata with the last used slot */
		end = scratch->node[1 + 9 + 10 + 10] & 0xff;
		slots = 1 + 9;
	} else {
		/* pivot[15], slot[16]; the last slot holds the metadata when unused */
		if (!pivots[14])
			end = scratch->node[1 + 15 + 15] & 0xff;
		else
			end = pivots[14] == scratch->walk.max ? 14 : 15;
		slots = 1 + 15;
	}
	for (i = 0; i < 15; i++) {
		if (i >= end)
			break;
		if (pivots[i] >= index) {
			scratch->walk.max = pivots[i];
			break;
		}
	}
	scratch->walk.entry = scratch->node[(slots + i) & 31];
	return type <= MAPLE_LEAF;
}

/* Writes the slot of `index` and the last index of that slot to scratch->walk. */
static __always_inline void maple_walk(struct signal_scratch *scratch, struct mm_struct *mm,
				       __u64 index)
{
	scratch->walk.entry = (__u64)BPF_CORE_READ(mm, mm_mt.ma_root);
	scratch->walk.max = ~0ULL;
	/* xa_is_node(): only the root entry itself says that it is a node */
	if ((scratch->walk.entry & 3) != 2)
		scratch->walk.entry = 0;
	for (int level = 0; level < MAPLE_HEIGHT; level++)
		if (scratch->walk.entry <= 4096 || maple_step(index))
			return;
	scratch->walk.entry = 0;
	scratch->walk.max = ~0ULL;
}

static __always_inline __u64 maple_find(struct signal_scratch *scratch, struct mm_struct *mm,
					__u64 address)
{
	for (int i = 0; i < MAPLE_GAP_WALKS; i++) {
		maple_walk(scratch, mm, address);
		if (scratch->walk.entry > 4096)
			return scratch->walk.entry;
		if (scratch->walk.max == ~0ULL)
			break;
		address = scratch->walk.max + 1;
	}
	return 0;
}

static __always_inline __u64 rb_find(struct mm_struct *mm, __u64 address)
{
	__u64 node = (__u64)BPF_CORE_READ((struct mm_struct___pre_v61 *)mm, mm_rb.rb_node);
	__u64 found = 0;

	for (int i = 0; i < RB_HEIGHT && node; i++) {
		struct rb_node *link = (struct rb_node *)node;
		struct vm_area_struct *area =
			(void *)(node -
				 bpf_core_field_offset(struct vm_area_struct___pre_v61, vm_rb));

		if (BPF_CORE_READ(area, vm_end) > address) {
			found = (__u64)area;
			if (BPF_CORE_READ(area, vm_start) <= address)
				break;
			node = (__u64)BPF_CORE_READ(link, rb_left);
		} else {
			node = (__u64)BPF_CORE_READ(link, rb_right);
		}
	}
	return found;
}

/*
 * Writes the first mapping that ends above `address` (it may begin above it too) to the scratch of
 * this CPU. 0: none. Global with scalars, as maple_step().
 */
__weak __noinline int find_vma(__u64 mm_address, __u64 address)
{
	struct mm_struct *mm = (struct mm_struct *)mm_address;
	struct vm_area_struct *area;
	struct signal_scratch *scratch;
	__u32 zero = 0;

	scratch = bpf_map_lookup_elem(&signal_scratches, &zero);
	if (!scratch)
		return 0;
	if (bpf_core_field_exists(mm->mm_mt))
		area = (void *)maple_find(scratch, mm, address);
	else
		area = (void *)rb_find(mm, address);
	if (!area)
		return 0;
	scratch->vma.start = BPF_CORE_READ(area, vm_start);
	scratch->vma.end = BPF_CORE_READ(area, vm_end);
	scratch->vma.flags = BPF_CORE_READ(area, vm_flags);
	scratch->vma.file_offset = BPF_CORE_READ(area, vm_pgoff) * knob_page_bytes;
	scratch->vma.file = (__u64)BPF_CORE_READ(area, vm_file);
	scratch->vma.area = (__u64)area;
	return scratch->vma.end > address && scratch->vma.start < scratch->vma.end;
}

#endif
