// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * signal:signal_generate: runs in the sender's context, at the end of __send_signal_locked(), with
 * interrupts off and the target's siglock held. Whatever could end the target is noted in its
 * dossier; which of the notes counts is decided by the final status, when the group is dead.
 *
 * raw_tp and not tp_btf: `info` can be 0 or 1 (SEND_SIG_NOINFO, SEND_SIG_PRIV), and kernels from
 * 6.2 on let a tp_btf program dereference it without a net.
 */
#include "cpu_fault.bpf.h"
#include "doom.bpf.h"
#include "rlimit.bpf.h"

/* Those whose default is to be ignored, to stop or to continue never kill. */
#define HARMLESS                                                                                   \
	(BIT(SIGCHLD) | BIT(SIGCONT) | BIT(SIGSTOP) | BIT(SIGTSTP) | BIT(SIGTTIN) | BIT(SIGTTOU) | \
	 BIT(SIGURG) | BIT(SIGWINCH))

#define SEND_SIG_PRIV 1 /* include/linux/sched/signal.h */
#define TRACE_SIGNAL_DELIVERED 0
#define TRACE_SIGNAL_LOSE_INFO 4
#define HANDLER_DEFAULT 0
#define SI_QUEUE (-1)
#define SI_TKILL (-6)
#define SYS_SECCOMP 1

/* Whether `sender` is init of a pid namespace that `target` is in. Global with scalars: the
 * verifier looks at it once. */
__noinline int is_namespace_init_of(__u64 sender_address, __u64 target_address)
{
	struct task_struct *sender = (struct task_struct *)sender_address;
	struct task_struct *target = (struct task_struct *)target_address;
	struct pid *pid = BPF_CORE_READ(target, group_leader, thread_pid);
	__u32 level = BPF_CORE_READ(pid, level);
	__u32 sender_tgid = (__u32)BPF_CORE_READ(sender, tgid);

	for (__u32 i = 1; i <= 8; i++) { /* level 0 is the host's init */
		struct upid *upid;

		if (i > level)
			break;
		upid = (void *)pid + bpf_core_field_offset(struct pid, numbers) +
		       i * bpf_core_type_size(struct upid);
		if ((__u32)BPF_CORE_READ(upid, ns, child_reaper, tgid) == sender_tgid)
			return 1;
	}
	return 0;
}

static __always_inline void read_siginfo(struct kt_signal *signal, __u64 address)
{
	struct kernel_siginfo *info = (void *)address;

	signal->code = BPF_CORE_READ(info, si_code);
	signal->valid |= KT_SIGNAL_HAS_CODE;
	if (signal->code == 0 || signal->code == SI_QUEUE || signal->code == SI_TKILL) {
		signal->si_pid = (__u32)BPF_CORE_READ(info, _sifields._kill._pid);
		signal->si_uid = BPF_CORE_READ(info, _sifields._kill._uid);
		signal->valid |= KT_SIGNAL_HAS_PID;
	} else if (signal->number == SIGSYS && signal->code == SYS_SECCOMP) {
		signal->seccomp_syscall = BPF_CORE_READ(info, _sifields._sigsys._syscall);
		signal->seccomp_arch = BPF_CORE_READ(info, _sifields._sigsys._arch);
		signal->seccomp_data = (__u32)BPF_CORE_READ(info, si_errno);
		signal->valid |= KT_SIGNAL_HAS_SECCOMP;
	}
}

static __always_inline __u32 read_relation(struct event *event)
{
	struct task_struct *target = event->target, *sender = event->sender;
	__u32 flags = 0, sender_flags = BPF_CORE_READ(sender, flags);

	if (event->self)
		flags |= KT_SIGNAL_SELF;
	if (sender_flags & TASK_EXITING)
		flags |= KT_SIGNAL_SENDER_EXITING;
	if (sender_flags & TASK_KERNEL_THREAD)
		flags |= KT_SIGNAL_SENDER_KTHREAD;
	if (BPF_CORE_READ(target, ptrace)) {
		flags |= KT_SIGNAL_TARGET_PTRACED;
		if (BPF_CORE_READ(target, parent, tgid) == BPF_CORE_READ(sender, tgid))
			flags |= KT_SIGNAL_SENDER_IS_TRACER;
	}
	if ((__u32)BPF_CORE_READ(target, pdeath_signal) == event->number)
		flags |= KT_SIGNAL_IS_PDEATH_SIGNAL;
	if (!event->self && is_namespace_init_of((__u64)sender, (__u64)target))
		flags |= KT_SIGNAL_SENDER_IS_REAPER;
	if (is_namespace_init_of((__u64)target, (__u64)target))
		flags |= KT_SIGNAL_TARGET_IS_REAPER;
	return flags;
}

/* A slot per signal number; a new number takes an empty slot or the oldest. */
static __always_inline __u32 choose_slot(struct dossier *dossier, struct task_struct *target,
					 __u32 number)
{
	__u32 oldest = 0;
	__u64 pending;

	for (__u32 i = 0; i < SIGNAL_SLOTS; i++) {
		if ((__u32)dossier->signals[i].number == number || !dossier->signals[i].number)
			return i;
		if (dossier->signals[i].time_ns < dossier->signals[oldest].time_ns)
			oldest = i;
	}
	/* taken by sigwait() or a signalfd meanwhile, it is no loss */
	pending = BPF_CORE_READ(target, pending.signal.sig[0]) |
		  BPF_CORE_READ(target, signal, shared_pending.signal.sig[0]);
	if (oldest < SIGNAL_SLOTS && (pending & BIT((dossier->signals[oldest].number - 1) & 63)))
		count_lost(KT_LOST_EVIDENCE_SLOT);
	return oldest;
}

__noinline int read_sender_path(__u64 sender_address)
{
	struct task_struct *sender = (struct task_struct *)sender_address;
	struct signal_scratch *scratch = get_signal_scratch();
	struct dossier *dossier = scratch ? bpf_map_lookup_elem(&dossiers, &scratch->key) : 0;
	struct cgroup *cgroup;

	if (!dossier)
		return 0;
	cgroup = task_telling_cgroup(sender);
	dossier->sender_cgroup_id = cgroup_id(cgroup);
	cgroup_read_path((__u64)cgroup, PATH_OF_SIGNAL);
	dossier->sender_path_bytes = 0;
	keep_path(dossier->sender_path, &dossier->sender_path_bytes, &scratch->path);
	dossier->sender_path_time_ns = scratch->event.now_ns;
	return 0;
}

/* Memory figures belong to the moment of the OOM killer's SIGKILL: mark_victim comes later. */
__noinline int note_oom(void)
{
	struct signal_scratch *scratch = get_signal_scratch();
	struct dossier *dossier = scratch ? bpf_map_lookup_elem(&dossiers, &scratch->key) : 0;
	__u32 tid = (__u32)bpf_get_current_pid_tgid();
	struct oom_kill *before = bpf_map_lookup_elem(&oom_kills, &tid);
	struct oom_kill kill = {};
	struct task_struct *target;
	struct event *event;
	__u64 mm;

	if (!dossier)
		return 0;
	event = &scratch->event;
	target = event->target;
	oom_note(dossier, scratch, target, event->now_ns);
	mm = (__u64)BPF_CORE_READ(target, mm);
	if (before && before->marked && mm && before->mm == mm &&
	    event->now_ns - before->time_ns < DECISION_FRESH_NS &&
	    before->victim.tgid != scratch->key.tgid) {
		dossier->oom.flags |= KT_OOM_SHARED_MM;
		dossier->oom.shared_with_pid = before->victim.tgid;
		return 0;
	}
	kill.group = scratch->limit.group;
	kill.chosen = scratch->key.tgid;
	/* all of a group get theirs in a row, the one that was chosen first */
	if (before && kill.group && before->group == kill.group && before->chosen != kill.chosen &&
	    event->now_ns - before->time_ns < DECISION_FRESH_NS) {
		kill.chosen = before->chosen;
		dossier->oom.flags |= KT_OOM_GROUP_MEMBER;
		dossier->oom.shared_with_pid = kill.chosen;
	}
	kill.victim = scratch->key;
	kill.mm = mm;
	kill.time_ns = event->now_ns;
	kill.victim_tid = (__u32)BPF_CORE_READ(target, pid);
	bpf_map_update_elem(&oom_kills, &tid, &kill, BPF_ANY);
	return 0;
}

/*
 * SIGKILL ends a core dump, and takes the place of its signal in the status (kernel/signal.c:
 * complete_signal(), 5.8 to 7.3). Nothing but SIGKILL comes through then, so the newest that can dump is
 * what the group died of.
 */
__noinline int note_dump(void)
{
	struct signal_scratch *scratch = get_signal_scratch();
	struct dossier *dossier = scratch ? bpf_map_lookup_elem(&dossiers, &scratch->key) : 0;
	__u64 newest_ns = 0;

	if (!dossier)
		return 0;
	for (__u32 i = 0; i < SIGNAL_SLOTS; i++) {
		struct kt_signal *signal = &dossier->signals[i];
		__u32 number = (__u32)signal->number;

		if (number >= 32 || !(DUMPS & BIT(number)) || (signal->flags & KT_SIGNAL_HANDLED) ||
		    signal->time_ns <= newest_ns)
			continue;
		newest_ns = signal->time_ns;
		dossier->dump_signal = number;
	}
	return 0;
}

/* Returns enum kt_signal_flags. */
__noinline int note_signal(struct bpf_raw_tracepoint_args *ctx)
{
	struct signal_scratch *scratch = get_signal_scratch();
	struct dossier *dossier = scratch ? bpf_map_lookup_elem(&dossiers, &scratch->key) : 0;
	__u64 pid_tgid = bpf_get_current_pid_tgid();
	struct task_struct *target;
	struct kt_signal *signal;
	struct event *event;
	__u32 slot, flags;

	if (!dossier)
		return 0;
	event = &scratch->event;
	target = event->target;
	slot = choose_slot(dossier, target, event->number);
	if (slot >= SIGNAL_SLOTS)
		return 0;
	signal = &dossier->signals[slot];
	__builtin_memset(signal, 0, sizeof(*signal));
	signal->time_ns = event->now_ns;
	signal->number = (__s32)event->number;
	signal->target_tid = (__u32)BPF_CORE_READ(target, pid);
	signal->sender_pid = (__u32)(pid_tgid >> 32);
	signal->sender_tid = (__u32)pid_tgid;
	signal->sender_uid = (__u32)bpf_get_current_uid_gid();
	signal->threads = (__u32)BPF_CORE_READ(target, signal, nr_threads);
	signal->valid = KT_SIGNAL_HAS_THREADS;
	bpf_get_current_comm(signal->sender_comm, sizeof(signal->sender_comm));
	task_read_comm(signal->target_comm, target);

	flags = read_relation(event);
	if (event->group)
		flags |= KT_SIGNAL_GROUP;
	if (event->lost_info)
		flags |= KT_SIGNAL_LOST_INFO;
	if (event->handled)
		flags |= KT_SIGNAL_HANDLED;
	if ((BPF_CORE_READ(target, signal, flags) & GROUP_EXIT) &&
	    (__u32)BPF_CORE_READ(target, signal, group_exit_code) == event->number)
		flags |= KT_SIGNAL_COMMITTED;
	if (is_immutable(event))
		flags |= KT_SIGNAL_IMMUTABLE;
	if (event->self && is_in_fault_handler(dossier, event->sender, event->now_ns))
		flags |= KT_SIGNAL_IN_FAULT_HANDLER;
	signal->flags = flags;

	if (event->info > SEND_SIG_PRIV) {
		signal->siginfo_kind = KT_SIGINFO_FULL;
		read_siginfo(signal, event->info);
	} else {
		signal->siginfo_kind = event->info == SEND_SIG_PRIV ? KT_SIGINFO_KERNEL
								    : KT_SIGINFO_NONE;
	}
	if (!(flags & KT_SIGNAL_SENDER_KTHREAD)) {
		signal->syscall_nr = (__s32)event->user.syscall_nr;
		signal->valid |= KT_SIGNAL_HAS_SYSCALL;
	}
	/* now, since the kernel raises a soft limit each time it was hit */
	if (event->number == SIGXCPU || event->number == SIGXFSZ ||
	    (event->number == SIGKILL && event->self && event->info == SEND_SIG_PRIV)) {
		read_rlimits(&dossier->rlimit, target);
		dossier->rlimit_time_ns = event->now_ns;
	}
	if (!event->self) {
		/* whoever ends a dump is not asked for, but the OOM killer */
		if (!(event->number == SIGKILL && dossier->dump_signal) ||
		    event->info == SEND_SIG_PRIV)
			read_sender_path((__u64)event->sender);
		signal->sender_cgroup_id = dossier->sender_cgroup_id;
	} else if (event->number == SIGABRT) {
		read_user_stack(ctx, dossier, signal->time_ns);
	}
	if (knob_kernel_stack)
		read_kernel_stack(ctx, &dossier->stacks[slot]);
	__builtin_memset(dossier->exe, 0, sizeof(dossier->exe));
	dossier->exe_bytes = task_read_exe(dossier->exe, target);
	return flags;
}

/* A breakpoint or step under a debugger: what becomes of it is the debugger's business. */
static __always_inline bool is_debuggers(struct event *event)
{
	struct task_struct *target = event->target;

	return event->number == SIGTRAP && BPF_CORE_READ(target, ptrace) && !is_immutable(event);
}

static __always_inline bool is_blocked(struct event *event)
{
	return event->number < 65 && (read_blocked(event->target) & BIT((event->number - 1) & 63));
}

SEC("?raw_tp/signal_generate")
int signal_generate(struct bpf_raw_tracepoint_args *ctx)
{
	struct task_struct *target = (struct task_struct *)ctx->args[2];
	struct task_struct *sender = (struct task_struct *)bpf_get_current_task();
	struct event event = {
		.number = (__u32)ctx->args[0],
		.info = ctx->args[1],
		.target = target,
		.sender = sender,
		.group = (__u32)ctx->args[3],
	};
	__u32 result = (__u32)ctx->args[4], flags;
	struct signal_scratch *scratch;
	struct k_sigaction *action;
	struct dossier *dossier;
	struct group_key key;
	bool fault, blocked, is_new;
	__u64 handler;

	/* The hot way out: SIGCHLD and its like, a million times a day. */
	if (event.number < 64 && (HARMLESS & BIT(event.number)))
		return 0;
	/* Ignored, already pending or not sent at all: it is not this one that kills. */
	if (result != TRACE_SIGNAL_DELIVERED && result != TRACE_SIGNAL_LOSE_INFO)
		return 0;
	action = find_action(&event);
	if (!action)
		return 0;
	handler = (__u64)BPF_CORE_READ(action, sa.sa_handler);
	blocked = is_blocked(&event);
	/* blocked, it waits for what its disposition will be (sig_ignored()) */
	if (handler == HANDLER_IGNORE && !blocked)
		return 0;
	event.handled = handler != HANDLER_DEFAULT;
	/* exec takes the handlers away before it is looked at (flush_signal_handlers()) */
	blocked = blocked || (event.handled && compat_is_in_exec(target));
	fault = sender == target && event.number < 32 && (FAULTS & BIT(event.number)) &&
		event.info > SEND_SIG_PRIV && read_code(event.info) > 0;
	/* A handler that can run takes it; while it is blocked, the handler can still be taken away. */
	if (event.handled && !fault && !blocked)
		return 0;
	/* Kernel threads do not die of signals, and the dead are dead. */
	if ((BPF_CORE_READ(target, flags) & TASK_KERNEL_THREAD) ||
	    BPF_CORE_READ(target, signal, live.counter) <= 0)
		return 0;
	if (!(BPF_CORE_READ(sender, flags) & TASK_KERNEL_THREAD))
		arch_read_user_context(sender, &event.user);
	fault = fault && !is_forged(&event, &event.user);
	if ((event.handled && !fault && !blocked) || is_debuggers(&event))
		return 0;
	event.now_ns = bpf_ktime_get_boot_ns();
	event.handler_blocks = fault && event.handled ? handler_blocks(action, event.number) : 0;
	event.lost_info = result == TRACE_SIGNAL_LOSE_INFO;
	event.self = BPF_CORE_READ(sender, tgid) == BPF_CORE_READ(target, tgid);

	scratch = get_signal_scratch();
	if (!scratch)
		return 0;
	task_group_key(target, &key);
	scratch->key = key;
	scratch->event = event;
	is_new = !bpf_map_lookup_elem(&dossiers, &key);
	dossier = dossier_get_or_open(&key, !event.handled && !blocked);
	if (!dossier)
		return 0;
	/* its last thread has gone meanwhile, and nobody would close it */
	if (is_new && BPF_CORE_READ(target, signal, live.counter) <= 0) {
		dossier_close(&key);
		return 0;
	}
	dossier->ns_pid = task_ns_pid(BPF_CORE_READ(target, group_leader));
	if (fault)
		note_fault(ctx);
	if (event.handled && !blocked)
		return 0;
	if (event.number == SIGKILL && compat_dumps_core(target))
		note_dump();
	flags = (__u32)note_signal(ctx);
	if (event.number == SIGKILL)
		notice_doom();
	/* A namespace's init takes thousands with it, and that is no OOM. */
	if (event.number == SIGKILL && event.info == SEND_SIG_PRIV && event.group &&
	    !((flags & KT_SIGNAL_SENDER_IS_REAPER) && (flags & KT_SIGNAL_SENDER_EXITING)))
		note_oom();
	return 0;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
