/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The user stack that leave_user_stack() left to the thread's own exit. */
#ifndef KT_LATE_STACK_BPF_H
#define KT_LATE_STACK_BPF_H

#include "arch.bpf.h"
#include "dossier.bpf.h"
#include "emit.bpf.h"

/* Whether the current thread is the one, at the place where it was. */
static __always_inline bool is_late_stack_of_current(struct late_stack *late)
{
	struct task_struct *task = (struct task_struct *)bpf_get_current_task();

	if (!late->time_ns || late->tid != (__u32)bpf_get_current_pid_tgid() ||
	    !BPF_CORE_READ(task, mm))
		return false;
	return arch_user_ip(task) == late->ip && arch_user_sp(task) == late->sp;
}

/* Ends it at the last frame that has a build ID, as end_user_stack(). Global, as below. */
__weak __noinline int end_late_stack(__u32 bytes)
{
	struct exit_scratch *scratch = get_exit_scratch();

	if (!scratch)
		return 0;
	scratch->frames_bytes = 0;
	for (__u32 i = 0; i < KT_USER_FRAMES; i++) {
		if (i * sizeof(struct kt_user_frame) >= bytes)
			break;
		/* in the map and not in a register: the verifier would follow each count */
		if (scratch->frames[i].status == KT_FRAME_BUILD_ID)
			scratch->frames_bytes = (i + 1) * sizeof(struct kt_user_frame);
		else
			scratch->frames[i].offset = 0;
	}
	return 0;
}

/* The first frame is the fault, if the stack is that of the fault. */
static __always_inline void name_module_late(struct exit_scratch *scratch, struct dossier *dossier)
{
	struct kt_user_frame *frame = &scratch->frames[0];

	if (dossier->late_stack.time_ns != dossier->fault.time_ns ||
	    !(dossier->fault.valid & KT_FAULT_HAS_MODULE) || frame->status != KT_FRAME_BUILD_ID ||
	    frame->offset != dossier->fault.module_offset)
		return;
	__builtin_memcpy(dossier->module.build_id, frame->build_id,
			 sizeof(dossier->module.build_id));
	dossier->module.has_build_id = 1;
}

/* Puts the stack into the record if it is to be read now. Global: the verifier looks at it once. */
__weak __noinline int put_late_stack(struct bpf_raw_tracepoint_args *ctx)
{
	struct exit_scratch *scratch = get_exit_scratch();
	struct dossier *dossier = scratch ? bpf_map_lookup_elem(&dossiers, &scratch->key) : 0;
	long bytes;

	if (!dossier || !is_late_stack_of_current(&dossier->late_stack))
		return 0;
	bytes = bpf_get_stack(ctx, scratch->frames, sizeof(scratch->frames),
			      BPF_F_USER_STACK | BPF_F_USER_BUILD_ID);
	if (bytes <= 0)
		return 0;
	end_late_stack((__u32)bytes);
	name_module_late(scratch, dossier);
	put_bytes(scratch, KT_SECTION_USER_STACK, scratch->frames, scratch->frames_bytes,
		  sizeof(scratch->frames));
	return 0;
}

#endif
