/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The evidence of a CPU fault that forced a signal: trap, address, instruction, the mappings around
 * them, and the stack. Runs within signal_generate, in the faulting thread itself.
 */
#ifndef KT_CPU_FAULT_BPF_H
#define KT_CPU_FAULT_BPF_H

#include "bus_error.bpf.h"
#include "disposition.bpf.h"
#include "dossier.bpf.h"
#include "handler.bpf.h"
#include "knobs.bpf.h"
#include "memcg.bpf.h"
#include "rlimit.bpf.h"
#include "user_stack.bpf.h"

#define LOW_ADDRESS 0x10000ULL  /* vm.mmap_min_addr's usual value */
#define STACK_REACH 0x10000ULL  /* how far from sp a stack access is still thought to be one */
#define MAX_GUARD_GAP (1 << 20) /* stack_guard_gap: 256 pages */
#define MAX_FRAME_GAP (1 << 30) /* below the main stack: one frame can be that large */
#define BUS_ADDRESS 2           /* BUS_ADRERR */
#define THOROUGH_EVERY_NS 10000000ULL
#define REPORTS_NS 10000000ULL /* a handler that makes a fault good needs far less */

/*
 * From here on, functions that the verifier looks at once: global, with scalars or the context
 * only. Each finds the event and the dossier by itself. Up to 6.1, following every call through
 * every combination of what an event can be took seconds and came close to the limit.
 */

/* A frame that is larger than the stack leaves sp at a place that cannot be written. Below the main
 * stack is the space into which it may still grow. */
__noinline int read_sp_hint(__u64 mm, __u64 sp, __u64 stack_bytes)
{
	struct signal_scratch *scratch = get_signal_scratch();
	struct dossier *dossier = scratch ? bpf_map_lookup_elem(&dossiers, &scratch->key) : 0;
	struct vma *vma;

	if (!dossier)
		return 0;
	vma = &scratch->vma;
	if (find_vma(mm, sp)) {
		if (vma->start <= sp && (vma->flags & KT_VMA_WRITE))
			return 0;
		if (vma->start > sp && (vma->flags & KT_VMA_GROWSDOWN) &&
		    vma->end - sp <= stack_bytes)
			return 0;
	}
	dossier->fault.flags |= KT_FAULT_SP_UNMAPPED;
	return 0;
}

/* Where the address of a fault lies: in the mapping that holds it, or below the next one. */
__noinline int read_mapping_hints(__u64 mm)
{
	struct signal_scratch *scratch = get_signal_scratch();
	struct dossier *dossier = scratch ? bpf_map_lookup_elem(&dossiers, &scratch->key) : 0;
	struct vma vma, *above;
	struct inode *inode = 0;
	struct kt_fault *fault;
	struct file *file;
	__u64 offset;
	bool has_above = true;

	if (!dossier)
		return 0;
	fault = &dossier->fault;
	fault->flags |= KT_FAULT_VMA_WALKED;
	if (!find_vma(mm, fault->address))
		return 0;
	vma = scratch->vma;
	above = &scratch->vma;
	if (vma.start <= fault->address) {
		fault->flags |= KT_FAULT_VMA_CONTAINS;
		fault->vma_flags = (__u32)vma.flags &
				   (KT_VMA_READ | KT_VMA_WRITE | KT_VMA_EXEC | KT_VMA_GROWSDOWN);
		fault->valid |= KT_FAULT_HAS_VMA;
		has_above = find_vma(mm, vma.end);
		file = (struct file *)vma.file;
		if (file)
			inode = BPF_CORE_READ(file, f_inode);
		offset = fault->address - vma.start + vma.file_offset;
		/* the size of a device is zero, which is not its end */
		if (inode && (BPF_CORE_READ(inode, i_mode) & FILE_TYPE) == FILE_IS_REGULAR &&
		    offset >= (__u64)BPF_CORE_READ(inode, i_size))
			fault->flags |= KT_FAULT_BEYOND_FILE;
	}
	/* The main stack grows down into a gap; a thread's stack ends at a mapping without access.
	 */
	if (has_above && (((above->flags & KT_VMA_GROWSDOWN) &&
			   above->start - fault->address <= MAX_FRAME_GAP) ||
			  (above->start - fault->address <= MAX_GUARD_GAP &&
			   (fault->flags & KT_FAULT_VMA_CONTAINS) && above->start == vma.end &&
			   !above->file && (above->flags & KT_VMA_WRITE))))
		fault->flags |= KT_FAULT_VMA_ABOVE_IS_STACK;
	return 0;
}

/* A mapping may have changed since: a deadly fault is worth a new look. */
static __always_inline bool is_in_last_module(struct dossier *dossier, __u64 mm, __u64 ip)
{
	return dossier->module.mm == mm && ip >= dossier->module.start && ip < dossier->module.end;
}

static __always_inline void note_module_offset(struct dossier *dossier, __u64 ip)
{
	dossier->fault.module_offset = ip - dossier->module.start + dossier->module.file_offset;
	dossier->fault.valid |= KT_FAULT_HAS_MODULE;
}

__noinline int read_module(__u64 mm, __u64 ip)
{
	struct signal_scratch *scratch = get_signal_scratch();
	struct dossier *dossier = scratch ? bpf_map_lookup_elem(&dossiers, &scratch->key) : 0;
	struct vma *vma;

	if (!dossier)
		return 0;
	vma = &scratch->vma;
	__builtin_memset(dossier->fault.module, 0, sizeof(dossier->fault.module));
	dossier->module.mm = 0;
	if (!find_vma(mm, ip) || vma->start > ip ||
	    !file_read_name(dossier->fault.module, (struct file *)vma->file))
		return 0;
	dossier->module.mm = mm;
	dossier->module.start = vma->start;
	dossier->module.end = vma->end;
	dossier->module.file_offset = vma->file_offset;
	dossier->module.has_build_id = 0;
	scratch->module_ip = ip;
	note_module_offset(dossier, ip);
	return 0;
}

/* Reads the build ID if the stack did not give it. The program calls it directly, like
 * name_user_stack(). */
__noinline int name_module(void)
{
	struct signal_scratch *scratch = get_signal_scratch();
	struct dossier *dossier = scratch ? bpf_map_lookup_elem(&dossiers, &scratch->key) : 0;

	if (!dossier || !scratch->module_ip || dossier->module.has_build_id)
		return 0;
	dossier->module.has_build_id = (__u32)read_build_id(dossier->module.mm, scratch->module_ip);
	if (dossier->module.has_build_id)
		__builtin_memcpy(dossier->module.build_id, scratch->elf.build_id,
				 sizeof(dossier->module.build_id));
	return 0;
}

__noinline int read_instruction(__u64 ip, __u32 trap)
{
	return (int)arch_read_instruction(ip, trap);
}

static __always_inline void hide_addresses(struct kt_fault *fault)
{
	fault->address = 0;
	fault->ip = 0;
	fault->sp = 0;
	fault->valid &= ~(__u32)(KT_FAULT_HAS_ADDRESS | KT_FAULT_HAS_IP | KT_FAULT_HAS_SP);
}

/* The trap and its address: thread.* always, and the raw figures of the tracepoint if this was the
 * last page fault on this CPU. */
static __always_inline void read_trap(struct kt_fault *fault, struct task_struct *task)
{
	struct last_fault *last;
	__u32 zero = 0;

	arch_read_trap(task, fault);
	fault->valid |= KT_FAULT_HAS_TRAP_NUMBER | KT_FAULT_HAS_ERROR_CODE;
	if (!arch_is_page_fault(fault))
		return;
	fault->valid |= KT_FAULT_HAS_ADDRESS;
	last = bpf_map_lookup_elem(&user_faults, &zero);
	if (last && last->tid == fault->tid && last->address == fault->address) {
		fault->error_code = (__u32)last->error_code;
		fault->flags |= KT_FAULT_FROM_TRACEPOINT;
	}
}

/* What the address of a page fault says by itself and by the mappings around it. */
static __always_inline void read_address_hints(struct kt_fault *fault, struct mm_struct *mm,
					       struct user_context *user, bool thorough)
{
	if (fault->address < LOW_ADDRESS)
		fault->flags |= KT_FAULT_ADDRESS_LOW;
	else if (arch_is_kernel_address(fault->address))
		fault->flags |= KT_FAULT_ADDRESS_KERNEL;
	else if (mm && thorough)
		read_mapping_hints((__u64)mm);
	if (fault->address == user->ip)
		fault->flags |= KT_FAULT_IP_IS_ADDRESS;
	if (fault->address + STACK_REACH >= user->sp && fault->address < user->sp + STACK_REACH)
		fault->flags |= KT_FAULT_NEAR_SP;
}

/*
 * The frame for the handler of the previous fault could not be written: force_sigsegv() in the
 * context of that fault, before any instruction of the handler ran. That fault is the evidence.
 */
static __always_inline bool fails_last_fault(struct dossier *dossier, struct event *event,
					     struct user_context *user)
{
	return event->number == SIGSEGV && event->code == SI_KERNEL &&
	       (dossier->fault.flags & KT_FAULT_HANDLED) && dossier->fault.code != SI_KERNEL &&
	       dossier->fault_ip == user->ip && dossier->fault_sp == user->sp;
}

/* Several threads crash, one after the other: a handler that takes so long reports a crash. */
__noinline int another_reports(void)
{
	struct signal_scratch *scratch = get_signal_scratch();
	struct dossier *dossier = scratch ? bpf_map_lookup_elem(&dossiers, &scratch->key) : 0;

	if (!dossier)
		return 0;
	return scratch->event.now_ns - dossier->fault.time_ns > REPORTS_NS &&
	       other_is_in_fault_handler(dossier, scratch->event.target, scratch->event.now_ns);
}

/* The fault that is already noted says more than this one. */
static __always_inline bool keeps_last_fault(struct dossier *dossier, struct event *event)
{
	struct task_struct *task = event->target;
	struct task_struct *other = (struct task_struct *)dossier->fault_task;

	if (!event->handled || !dossier->fault.time_ns)
		return false;
	/* a deadly fault of another thread, whose group has not ended yet */
	if (!(dossier->fault.flags & KT_FAULT_HANDLED))
		return event->now_ns - dossier->fault.time_ns < DECISION_FRESH_NS;
	/* these are tools, not accidents, and do not count while another thread's crash handler
	 * runs */
	if ((event->number == SIGSYS || event->number == SIGTRAP) && other &&
	    BPF_CORE_READ(other, tgid) == BPF_CORE_READ(task, tgid))
		task = other;
	if (another_reports())
		return true;
	/* a crash handler that probes memory faults itself, and is prepared for it */
	return is_in_fault_handler(dossier, task, event->now_ns);
}

/*
 * abort() in init of a pid namespace: SIGABRT is ignored for it
 * (kernel/signal.c:sig_task_ignored()), and the C library executes an instruction that faults, in
 * the same thread. An earlier fault that led to the abort is the cause, and is kept.
 */
static __always_inline bool is_echo_of_abort(struct dossier *dossier, struct event *event)
{
	return dossier->abort_ns && event->now_ns - dossier->abort_ns < DECISION_FRESH_NS &&
	       dossier->abort_tid == (__u32)bpf_get_current_pid_tgid();
}

static __always_inline bool keeps_fault_before_abort(struct dossier *dossier, struct event *event)
{
	struct kt_fault *fault = &dossier->fault;

	if (!(fault->flags & KT_FAULT_HANDLED) ||
	    (!is_in_fault_handler(dossier, event->target, event->now_ns) &&
	     dossier->abort_ns - fault->time_ns > knob_runtime_window_ns))
		return false;
	fault->time_ns = event->now_ns;
	fault->flags |= KT_FAULT_AFTER_ABORT | KT_FAULT_BEFORE_ABORT;
	return true;
}

/* A program that lives on SIGSYS or SIGTRAP emulates something in its handler: a crash in there is
 * its own cause. */
#define ACCIDENTS (BIT(SIGILL) | BIT(SIGBUS) | BIT(SIGFPE) | BIT(SIGSEGV))

/* A handler that returned to the same fault has changed nothing but its own disposition. */
__noinline int crashes_in_handler(void)
{
	struct signal_scratch *scratch = get_signal_scratch();
	struct dossier *dossier = scratch ? bpf_map_lookup_elem(&dossiers, &scratch->key) : 0;
	struct event *event;

	if (!dossier)
		return 0;
	event = &scratch->event;
	if (event->handled || !(ACCIDENTS & BIT(dossier->fault.number & 31)) ||
	    (dossier->fault_ip == event->user.ip && dossier->fault_sp == event->user.sp))
		return 0;
	return crashes_in_fault_handler(dossier, event->target, event->user.sp, event->now_ns);
}

/* The same in the handler of an abort: that is the root. */
__noinline int crashes_in_abort_handler(void)
{
	struct signal_scratch *scratch = get_signal_scratch();
	struct dossier *dossier = scratch ? bpf_map_lookup_elem(&dossiers, &scratch->key) : 0;
	struct event *event;

	if (!dossier)
		return 0;
	event = &scratch->event;
	if (event->handled || !dossier->own_abort.note.time_ns ||
	    !is_in_abort_handler(dossier, event->target, event->user.sp, event->now_ns))
		return 0;
	dossier->own_abort.crash_ns = event->now_ns;
	return 1;
}

/* The fault that a handler was called for is the root, and stays; this one ended the process. The
 * program calls it directly, like name_module(): the stack is short. */
__noinline int note_handler_fault(void)
{
	struct signal_scratch *scratch = get_signal_scratch();
	struct dossier *dossier = scratch ? bpf_map_lookup_elem(&dossiers, &scratch->key) : 0;
	struct details *details = dossier ? details_get_or_open(&scratch->key, dossier) : 0;
	struct task_struct *target;
	struct kt_fault *fault;
	struct mm_struct *mm;
	struct event *event;

	if (!dossier)
		return 0;
	event = &scratch->event;
	target = event->target;
	if (!details)
		return 0;
	fault = &details->handler_fault;
	__builtin_memset(fault, 0, sizeof(*fault));
	fault->time_ns = event->now_ns;
	fault->number = (__s32)event->number;
	fault->code = event->code;
	fault->tid = (__u32)CURRENT_READ(target, pid);
	fault->syscall_nr = (__s32)event->user.syscall_nr;
	fault->ip = event->user.ip;
	fault->sp = event->user.sp;
	fault->valid = KT_FAULT_HAS_IP | KT_FAULT_HAS_SP;
	read_trap(fault, target);
	mm = BPF_CORE_READ(target, mm);
	if (mm && find_vma((__u64)mm, event->user.ip) && scratch->vma.start <= event->user.ip &&
	    file_read_name(fault->module, (struct file *)scratch->vma.file)) {
		fault->module_offset =
			event->user.ip - scratch->vma.start + scratch->vma.file_offset;
		fault->valid |= KT_FAULT_HAS_MODULE;
	}
	if (fault->valid & KT_FAULT_HAS_ADDRESS)
		read_address_hints(fault, 0, &event->user, false);
	if (knob_no_addresses)
		hide_addresses(fault);
	return 0;
}

static __always_inline void note_trapped_call(struct dossier *dossier, struct event *event)
{
	struct kernel_siginfo *info = (void *)event->info;
	struct task_struct *target = event->target;

	dossier->trapped.time_ns = event->now_ns;
	dossier->trapped.syscall = BPF_CORE_READ(info, _sifields._sigsys._syscall);
	dossier->trapped.arch = BPF_CORE_READ(info, _sifields._sigsys._arch);
	dossier->trapped.data = (__u32)BPF_CORE_READ(info, si_errno);
	dossier->trapped.tid = (__u32)BPF_CORE_READ(target, pid);
	dossier->trapped_adds = event->handler_blocks & ~read_blocked(target);
	dossier->trapped_sp = event->user.sp;
	dossier->trapped_ip = event->user.ip;
	dossier->trapped_exec_id = BPF_CORE_READ(target, self_exec_id);
}

/* A signal forced by a CPU fault in the current task. */
__noinline int note_fault(struct bpf_raw_tracepoint_args *ctx)
{
	struct signal_scratch *scratch = get_signal_scratch();
	struct dossier *dossier = scratch ? bpf_map_lookup_elem(&dossiers, &scratch->key) : 0;
	struct task_struct *target;
	struct details *details;
	struct kt_fault *fault;
	struct mm_struct *mm;
	struct user_context *user;
	struct event *event;
	bool thorough, after_abort;

	if (!dossier)
		return 0;
	event = &scratch->event;
	fault = &dossier->fault;
	target = event->target;
	mm = BPF_CORE_READ(target, mm);
	user = &event->user;
	details = details_of(&scratch->key, dossier);
	if (fails_last_fault(dossier, event, user)) {
		if (details && details->user_stack_time_ns == fault->time_ns)
			details->user_stack_time_ns = event->now_ns;
		fault->time_ns = event->now_ns;
		fault->flags &= ~(__u32)KT_FAULT_HANDLED;
		fault->flags |= KT_FAULT_FRAME_FAILED;
		return 0;
	}
	if (event->handled && event->number == SIGSYS && event->code == SYS_SECCOMP)
		note_trapped_call(dossier, event);
	after_abort = is_echo_of_abort(dossier, event);
	if (after_abort && keeps_fault_before_abort(dossier, event)) {
		if (details && details->user_stack_time_ns)
			details->user_stack_time_ns = event->now_ns;
		return 0;
	}
	if (keeps_last_fault(dossier, event)) {
		fault->handled_count++;
		return 0;
	}
	if (!after_abort && (crashes_in_handler() || crashes_in_abort_handler())) {
		dossier->handler_crash_ns = event->now_ns;
		return 0;
	}
	/* Handled faults can come in a flood: not each one gets the full look. */
	thorough = !event->handled || event->now_ns - dossier->thorough_ns > THOROUGH_EVERY_NS;
	fault->time_ns = event->now_ns;
	fault->number = (__s32)event->number;
	fault->code = event->code;
	fault->tid = (__u32)CURRENT_READ(target, pid);
	fault->syscall_nr = (__s32)user->syscall_nr;
	dossier->fault_adds = event->handler_blocks & ~read_blocked(target);
	dossier->fault_task = (__u64)target;
	dossier->fault_exec_id = CURRENT_READ(target, self_exec_id);
	fault->ip = dossier->fault_ip = user->ip;
	fault->sp = dossier->fault_sp = user->sp;
	fault->address = 0;
	fault->vma_flags = 0;
	fault->instruction = KT_INSTRUCTION_UNKNOWN;
	fault->module_offset = 0;
	fault->flags = after_abort ? KT_FAULT_AFTER_ABORT : 0;
	fault->valid = KT_FAULT_HAS_IP | KT_FAULT_HAS_SP;
	if (event->handled) {
		fault->flags |= KT_FAULT_HANDLED;
		fault->handled_count++;
	}
	__builtin_memset(&dossier->bus, 0, sizeof(dossier->bus));
	read_trap(fault, target);
	if (thorough && event->number == SIGBUS && fault->code == BUS_ADDRESS &&
	    (fault->valid & KT_FAULT_HAS_ADDRESS))
		scratch->bus_address = fault->address;
	if (fault->valid & KT_FAULT_HAS_ADDRESS)
		read_address_hints(fault, mm, user, thorough);
	if (thorough && arch_stops_at_instruction(fault))
		fault->instruction = (__u32)read_instruction(user->ip, fault->trap_number);
	if (mm && thorough && event->number == SIGSEGV)
		read_sp_hint((__u64)mm, user->sp, read_limit(target, RLIMIT_STACK, false));
	if (mm && event->handled && is_in_last_module(dossier, (__u64)mm, user->ip))
		note_module_offset(dossier, user->ip);
	else if (mm)
		read_module((__u64)mm, user->ip);
	if (thorough)
		dossier->thorough_ns = event->now_ns;
	if (thorough && knob_user_stack && leave_user_stack(dossier, event)) {
		scratch->module_ip = 0; /* its build ID comes with the stack */
		if (details)
			details->user_stack_bytes = 0;
	} else if (thorough && knob_user_stack) {
		details = details_get_or_open(&scratch->key, dossier);
		if (details)
			read_user_stack(ctx, details, event->now_ns);
	}
	if (knob_no_addresses)
		hide_addresses(fault);
	return 0;
}

#endif
