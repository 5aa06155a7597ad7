/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The note about a signal that may end the group: the signal, its sender, and how it was sent. */
#ifndef KT_DEADLY_BPF_H
#define KT_DEADLY_BPF_H

#include "prior.bpf.h"
#include "relation.bpf.h"
#include "rlimit.bpf.h"
#include "user_stack.bpf.h"

#define SI_QUEUE (-1)
#define SI_TKILL (-6)

static __always_inline void read_siginfo(struct kt_signal *signal, __u64 address)
{
	struct kernel_siginfo *info = (void *)address;

	signal->code = BPF_CORE_READ(info, si_code);
	signal->valid |= KT_SIGNAL_HAS_CODE;
	if (signal->code == 0 || signal->code == SI_QUEUE || signal->code == SI_TKILL) {
		signal->claimed_pid = (__u32)BPF_CORE_READ(info, _sifields._kill._pid);
		signal->valid |= KT_SIGNAL_HAS_PID;
	} else if (signal->number == SIGSYS && signal->code == SYS_SECCOMP) {
		signal->seccomp_syscall = BPF_CORE_READ(info, _sifields._sigsys._syscall);
		signal->seccomp_arch = BPF_CORE_READ(info, _sifields._sigsys._arch);
		signal->seccomp_data = (__u32)BPF_CORE_READ(info, si_errno);
		signal->valid |= KT_SIGNAL_HAS_SECCOMP;
	}
}

/* A slot per signal number; a new number takes an empty slot or the oldest. Global: what follows is
 * looked at by the verifier once and not for each slot. */
__noinline int choose_slot(void)
{
	struct signal_scratch *scratch = get_signal_scratch();
	struct dossier *dossier = scratch ? bpf_map_lookup_elem(&dossiers, &scratch->key) : 0;
	struct task_struct *target;
	__u32 oldest = 0, number;
	__u64 pending;

	if (!dossier)
		return SIGNAL_SLOTS;
	target = scratch->event.target;
	number = scratch->event.number;
	for (__u32 i = 0; i < SIGNAL_SLOTS; i++) {
		if ((__u32)dossier->signals[i].number == number || !dossier->signals[i].number)
			return (int)i;
		if (dossier->signals[i].time_ns < dossier->signals[oldest].time_ns)
			oldest = i;
	}
	/* not a loss if sigwait() or a signalfd has taken it meanwhile */
	pending = BPF_CORE_READ(target, pending.signal.sig[0]) |
		  BPF_CORE_READ(target, signal, shared_pending.signal.sig[0]);
	if (oldest < SIGNAL_SLOTS && (pending & BIT((dossier->signals[oldest].number - 1) & 63)))
		count_lost(KT_LOST_EVIDENCE_SLOT);
	return (int)oldest;
}

/* The sender's cgroups and program, to be looked up after its target is dead. The slot notes the
 * keys. */
__noinline int read_sender(__u64 sender_address, __u32 slot)
{
	struct task_struct *task = (struct task_struct *)sender_address;
	struct signal_scratch *scratch = get_signal_scratch();
	struct dossier *dossier = scratch ? bpf_map_lookup_elem(&dossiers, &scratch->key) : 0;
	struct cgroup *cgroup, *memory;
	struct sender *sender;

	if (!dossier || slot >= SIGNAL_SLOTS)
		return 0;
	sender = &dossier->senders[slot];
	task_group_key(task, &sender->group);
	/* the process may have executed another program by now */
	sender->group.reserved = (__u32)BPF_CORE_READ(task, self_exec_id);
	cgroup = task_telling_cgroup(task);
	sender->path.cgroup = (__u64)cgroup;
	sender->path.id = cgroup_id(cgroup);
	cgroup_keep_path((__u64)cgroup);
	memory = task_v1_memory_cgroup(task);
	if (memory && memory != cgroup && !is_root(memory)) {
		sender->memory.cgroup = (__u64)memory;
		sender->memory.id = cgroup_id(memory);
		cgroup_keep_path((__u64)memory);
	}
	if (bpf_map_lookup_elem(&sender_exes, &sender->group))
		return 0;
	__builtin_memset(&scratch->name, 0, sizeof(scratch->name));
	scratch->name.bytes = task_read_exe(scratch->name.text, task);
	if (scratch->name.bytes)
		bpf_map_update_elem(&sender_exes, &sender->group, &scratch->name, BPF_ANY);
	return 0;
}

/* In which of its handlers a process was when it sent itself a signal. */
__noinline int note_own_signal(void)
{
	struct signal_scratch *scratch = get_signal_scratch();
	struct dossier *dossier = scratch ? bpf_map_lookup_elem(&dossiers, &scratch->key) : 0;
	struct event *event;

	if (!dossier)
		return 0;
	event = &scratch->event;
	if ((dossier->handler_crash_ns == event->now_ns &&
	     dossier->own_abort.crash_ns != event->now_ns) ||
	    is_in_fault_handler(dossier, event->sender, event->now_ns) ||
	    ((__s32)event->number == dossier->fault.number &&
	     other_is_in_fault_handler(dossier, event->sender, event->now_ns)))
		set_flag(scratch, KT_SIGNAL_IN_FAULT_HANDLER);
	/* a fault is its own cause, unless the handler itself had it */
	if (raises_prior_again(dossier, event) &&
	    (dossier->fault.time_ns != event->now_ns ||
	     is_in_prior_handler(dossier, event->sender, event->now_ns)))
		set_flag(scratch, KT_SIGNAL_IN_PRIOR_HANDLER);
	/* an OOM kill or a limit hits any process that runs, and is not the handler's doing */
	if (event->info > SEND_SIG_PRIV &&
	    is_in_trap_handler(dossier, event->sender, event->now_ns))
		dossier->trapped_signal_ns = event->now_ns;
	return 0;
}

#define ONE_CALL_NS 1000000ULL

/*
 * One kill() of a process group, a cgroup or all processes: the way through the kernel is the same
 * for each target, and neither it nor the many later ones decide anything. The kernel's own kills
 * are different.
 */
static __always_inline bool is_one_of_many(struct signal_scratch *scratch, __u32 flags)
{
	const __u32 namespace_end = KT_SIGNAL_SENDER_IS_REAPER | KT_SIGNAL_SENDER_EXITING;
	struct event *event = &scratch->event;
	bool follows = scratch->last_sender == (__u64)event->sender &&
		       event->now_ns - scratch->last_sender_ns < ONE_CALL_NS;

	if (event->self)
		return false;
	scratch->last_sender = (__u64)event->sender;
	scratch->last_sender_ns = event->now_ns;
	if (!follows)
		return false;
	/* if siginfo claims more than kill() does, its origin must be seen */
	if (event->info > SEND_SIG_PRIV)
		return event->code == 0;
	return event->info != SEND_SIG_PRIV || (flags & namespace_end) == namespace_end;
}

/* A signal that a trap forced just now, where the trap by itself decides the cause. */
static __always_inline bool is_told_by_trap(struct dossier *dossier, struct event *event)
{
	const __u32 not_by_trap = KT_FAULT_HANDLED | KT_FAULT_FRAME_FAILED | KT_FAULT_AFTER_ABORT |
				  KT_FAULT_BEFORE_ABORT;

	return dossier->fault.time_ns == event->now_ns && !(dossier->fault.flags & not_by_trap) &&
	       arch_trap_decides(&dossier->fault);
}

/* The stacks at a signal that may end the group. */
__noinline int note_stacks(struct bpf_raw_tracepoint_args *ctx, __u32 slot)
{
	struct signal_scratch *scratch = get_signal_scratch();
	struct dossier *dossier = scratch ? bpf_map_lookup_elem(&dossiers, &scratch->key) : 0;
	bool needs_kernel, needs_user, is_abort;
	struct details *details;
	struct event *event;

	if (!dossier)
		return 0;
	event = &scratch->event;
	needs_kernel = knob_kernel_stack && !is_told_by_trap(dossier, event);
	is_abort = knob_user_stack && event->self && event->number == SIGABRT;
	needs_user = is_abort && !leave_user_stack(dossier, event);
	details = needs_kernel || needs_user ? details_get_or_open(&scratch->key, dossier)
					     : details_of(&scratch->key, dossier);
	barrier_var(slot); /* so that the value that is checked is the one that is used */
	if (!details || slot >= SIGNAL_SLOTS)
		return 0;
	/* never those of an earlier signal */
	details->stacks[slot].bytes = 0;
	if (is_abort)
		details->user_stack_bytes = 0;
	if (needs_user)
		read_user_stack(ctx, details, event->now_ns);
	if (needs_kernel)
		read_kernel_stack(ctx, &details->stacks[slot]);
	return 0;
}

/* At once, since the kernel raises a soft limit each time it is hit
 * (kernel/time/posix-cpu-timers.c:check_process_timers()): what a handler raises again is about the
 * limit that was hit before. */
static __always_inline void note_limits(struct event *event, struct dossier *dossier)
{
	if (!(event->self && event->info > SEND_SIG_PRIV && event->code <= 0 &&
	      dossier->rlimit_time_ns && raises_prior_again(dossier, event)))
		read_rlimits(&dossier->rlimit, event->target);
	dossier->rlimit_time_ns = event->now_ns;
}

/* Notes what belongs to the signal that may end the group. */
__noinline int note_signal(struct bpf_raw_tracepoint_args *ctx)
{
	struct signal_scratch *scratch = get_signal_scratch();
	struct dossier *dossier = scratch ? bpf_map_lookup_elem(&dossiers, &scratch->key) : 0;
	__u64 pid_tgid = bpf_get_current_pid_tgid();
	struct task_struct *target;
	struct kt_signal *signal;
	struct event *event;
	__u32 slot;
	bool own;

	if (!dossier)
		return 0;
	event = &scratch->event;
	target = event->target;
	own = is_own_task(target);
	slot = (__u32)choose_slot();
	if (slot >= SIGNAL_SLOTS)
		return 0;
	signal = &dossier->signals[slot];
	__builtin_memset(signal, 0, sizeof(*signal));
	__builtin_memset(&dossier->senders[slot], 0, sizeof(dossier->senders[slot]));
	signal->time_ns = event->now_ns;
	signal->number = (__s32)event->number;
	signal->target_tid = (__u32)TASK_READ(own, target, pid);
	signal->sender_pid = (__u32)(pid_tgid >> 32);
	signal->sender_tid = (__u32)pid_tgid;
	signal->sender_uid = (__u32)bpf_get_current_uid_gid();
	signal->threads = (__u32)BPF_CORE_READ(target, signal, nr_threads);
	signal->valid = KT_SIGNAL_HAS_THREADS;
	bpf_get_current_comm(signal->sender_comm, sizeof(signal->sender_comm));
	task_read_comm(signal->target_comm, target);

	if (event->lost_info)
		set_flag(scratch, KT_SIGNAL_LOST_INFO);
	if ((BPF_CORE_READ(target, signal, flags) & GROUP_EXIT) &&
	    (__u32)BPF_CORE_READ(target, signal, group_exit_code) == event->number)
		set_flag(scratch, KT_SIGNAL_COMMITTED);
	if (is_immutable(event))
		set_flag(scratch, KT_SIGNAL_IMMUTABLE);
	if (event->self)
		note_own_signal();
	signal->flags = scratch->flags;

	if (event->info > SEND_SIG_PRIV) {
		signal->siginfo_kind = KT_SIGINFO_FULL;
		read_siginfo(signal, event->info);
	} else {
		signal->siginfo_kind = event->info == SEND_SIG_PRIV ? KT_SIGINFO_KERNEL
								    : KT_SIGINFO_NONE;
	}
	if (!(scratch->flags & KT_SIGNAL_SENDER_KTHREAD)) {
		signal->syscall_nr = (__s32)event->user.syscall_nr;
		signal->valid |= KT_SIGNAL_HAS_SYSCALL;
	}
	if (event->number == SIGXCPU || event->number == SIGXFSZ ||
	    (event->number == SIGKILL && event->self && event->info == SEND_SIG_PRIV))
		note_limits(event, dossier);
	/* the sender that ends a core dump is not recorded, except the OOM killer */
	if (!event->self &&
	    (!(event->number == SIGKILL && dossier->dump_signal) || event->info == SEND_SIG_PRIV)) {
		read_sender((__u64)event->sender, slot);
		signal->sender_cgroup_id = dossier->senders[slot].path.id;
	}
	note_exe(dossier, target);
	if (is_one_of_many(scratch, scratch->flags))
		return 0;
	note_stacks(ctx, slot);
	return 0;
}

#endif
