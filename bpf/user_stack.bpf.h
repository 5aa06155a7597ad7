/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The user-space stack of a fault or an abort: build IDs and offsets into files.
 *
 * Global functions with scalars only, so that the verifier looks at each once. Each finds the event
 * and the dossier by itself. Weak, since two programs use them and are linked into one object.
 */
#ifndef KT_USER_STACK_BPF_H
#define KT_USER_STACK_BPF_H

#include "build_id.bpf.h"
#include "disposition.bpf.h"
#include "dossier.bpf.h"

/* Names a frame for which the kernel gave only the address. Neighbours are usually of the same
 * file. */
__weak __noinline int name_frame(__u64 mm, __u32 index)
{
	struct signal_scratch *scratch = get_signal_scratch();
	struct dossier *dossier = scratch ? bpf_map_lookup_elem(&dossiers, &scratch->key) : 0;
	struct details *details = dossier ? details_of(&scratch->key, dossier) : 0;
	struct vm_area_struct *area;
	struct kt_user_frame *frame;
	__u64 offset;

	if (!details || index >= KT_USER_FRAMES)
		return 0;
	frame = &details->user_stack[index];
	if (frame->status == KT_FRAME_BUILD_ID)
		scratch->elf.kernel_named = 1;
	if (frame->status != KT_FRAME_IP || !find_vma(mm, frame->offset) ||
	    scratch->vma.start > frame->offset)
		return 0;
	if (!scratch->vma.file) {
		/* of a compiler at run time; anything else can be data, or the kernel's own: the
		 * vDSO has operations (mm/mmap.c:special_mapping_vmops) */
		area = (struct vm_area_struct *)scratch->vma.area;
		if ((scratch->vma.flags & KT_VMA_EXEC) && !BPF_CORE_READ(area, vm_ops))
			frame->status = KT_FRAME_GENERATED;
		return 0;
	}
	scratch->elf.has_file = 1;
	offset = frame->offset - scratch->vma.start + scratch->vma.file_offset;
	if (scratch->elf.file != scratch->vma.file) {
		scratch->elf.file = scratch->vma.file;
		scratch->elf.has_build_id = (__u32)read_build_id(mm, frame->offset);
	}
	if (!scratch->elf.has_build_id)
		return 0;
	__builtin_memcpy(frame->build_id, scratch->elf.build_id, sizeof(frame->build_id));
	frame->offset = offset;
	frame->status = KT_FRAME_BUILD_ID;
	return 0;
}

/* Ends the stack at the last frame that is in code: without frame pointers, a walk ends in a tail
 * of equal and meaningless addresses. */
__weak __noinline int end_user_stack(__u32 bytes)
{
	struct signal_scratch *scratch = get_signal_scratch();
	struct dossier *dossier = scratch ? bpf_map_lookup_elem(&dossiers, &scratch->key) : 0;
	struct details *details = dossier ? details_of(&scratch->key, dossier) : 0;

	if (!details)
		return 0;
	for (__u32 i = 0; i < KT_USER_FRAMES; i++) {
		if (i * sizeof(struct kt_user_frame) >= bytes)
			break;
		/* in the map and not in a register: the verifier would follow each count */
		if (details->user_stack[i].status == KT_FRAME_BUILD_ID ||
		    details->user_stack[i].status == KT_FRAME_GENERATED)
			details->user_stack_bytes = (i + 1) * sizeof(struct kt_user_frame);
		/* a return address is read from memory: with a garbage frame it can be anything */
		if (details->user_stack[i].status != KT_FRAME_BUILD_ID &&
		    (knob_no_addresses || details->user_stack[i].status != KT_FRAME_GENERATED))
			details->user_stack[i].offset = 0;
	}
	return 0;
}

/* Of the current task, whose group has the dossier of scratch->key. name_user_stack() does the
 * rest. */
static __always_inline void read_user_stack(void *ctx, struct details *details, __u64 time_ns)
{
	struct signal_scratch *scratch = get_signal_scratch();
	long bytes;

	details->user_stack_time_ns = time_ns;
	details->user_stack_bytes = 0;
	bytes = bpf_get_stack(ctx, details->user_stack, sizeof(details->user_stack),
			      BPF_F_USER_STACK | BPF_F_USER_BUILD_ID);
	if (bytes > 0 && scratch)
		scratch->user_stack_bytes = (__u32)bytes;
}

/*
 * Leaves the stack to the thread's own exit: then interrupts are on, so it takes no irq_work, which
 * another tracer may hold (build_id.bpf.h). Only of the current thread, and only if that runs no
 * more instruction of its program until then. With other threads in its group the last of them
 * could report the death before. A debugger may let a thread go on.
 */
static __always_inline bool leave_user_stack(struct dossier *dossier, struct event *event)
{
	struct task_struct *target = event->target;
	struct late_stack *late = &dossier->late_stack;

	late->time_ns = 0;
	if (!knob_late_stack || event->handled || target != event->sender || is_blocked(event) ||
	    BPF_CORE_READ(target, signal, nr_threads) != 1 || CURRENT_READ(target, ptrace))
		return false;
	late->time_ns = event->now_ns;
	late->ip = event->user.ip;
	late->sp = event->user.sp;
	late->tid = (__u32)bpf_get_current_pid_tgid();
	return true;
}

/* Uses the stack's first frame, which is the fault, if the stack is that of the fault. */
__weak __noinline int name_module_by_stack(void)
{
	struct signal_scratch *scratch = get_signal_scratch();
	struct dossier *dossier = scratch ? bpf_map_lookup_elem(&dossiers, &scratch->key) : 0;
	struct details *details = dossier ? details_of(&scratch->key, dossier) : 0;
	struct kt_user_frame *frame;

	if (!details || details->user_stack_time_ns != dossier->fault.time_ns ||
	    !(dossier->fault.valid & KT_FAULT_HAS_MODULE))
		return 0;
	frame = &details->user_stack[0];
	if (frame->status != KT_FRAME_BUILD_ID || frame->offset != dossier->fault.module_offset)
		return 0;
	__builtin_memcpy(dossier->module.build_id, frame->build_id,
			 sizeof(dossier->module.build_id));
	dossier->module.has_build_id = 1;
	return 0;
}

/* Finishes what read_user_stack() began, if it did; the kernel may be asked again at the signal's
 * delivery. Programs call it directly: all functions on the way to maple_step() may not use more
 * than 512 bytes of stack together. */
__weak __noinline int name_user_stack(void)
{
	struct task_struct *task = (struct task_struct *)bpf_get_current_task();
	struct signal_scratch *scratch = get_signal_scratch();
	__u64 mm = (__u64)BPF_CORE_READ(task, mm);
	struct dossier *dossier;
	__u32 bytes, zero = 0;
	__u64 *last_ns;

	if (!scratch || !scratch->user_stack_bytes)
		return 0;
	bytes = scratch->user_stack_bytes;
	scratch->user_stack_bytes = 0;
	scratch->elf.file = 0;
	scratch->elf.kernel_named = 0;
	scratch->elf.has_file = 0;
#pragma unroll
	for (__u32 i = 0; i < KT_USER_FRAMES; i++)
		if (i * sizeof(struct kt_user_frame) < bytes)
			name_frame(mm, i);
	end_user_stack(bytes);
	name_module_by_stack();
	dossier = bpf_map_lookup_elem(&dossiers, &scratch->key);
	if (!dossier)
		return 0;
	dossier->stack_again = 0;
	last_ns = bpf_map_lookup_elem(&stack_again, &zero);
	if (scratch->elf.kernel_named || !scratch->elf.has_file || !last_ns)
		return 0;
	dossier->stack_again = (__u32)BPF_CORE_READ(task, pid);
	*last_ns = bpf_ktime_get_boot_ns();
	return 0;
}

#endif
