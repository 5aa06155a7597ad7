// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * signal:signal_generate: runs in the sender's context, at the end of __send_signal_locked(), with
 * interrupts off and the target's siglock held. Every signal that could end the target is noted in
 * its dossier. Which of the notes counts is decided by the final status, when the group is dead.
 *
 * raw_tp and not tp_btf: `info` can be 0 or 1 (SEND_SIG_NOINFO, SEND_SIG_PRIV), and from 6.2 on
 * kernels let a tp_btf program dereference it without a check.
 */
#include "cpu_fault.bpf.h"
#include "deadly.bpf.h"
#include "doom.bpf.h"

/* Signals never kill if their default is to be ignored, to stop or to continue. */
#define HARMLESS                                                                                   \
	(BIT(SIGCHLD) | BIT(SIGCONT) | BIT(SIGSTOP) | BIT(SIGTSTP) | BIT(SIGTTIN) | BIT(SIGTTOU) | \
	 BIT(SIGURG) | BIT(SIGWINCH))

#define TRACE_SIGNAL_DELIVERED 0
#define TRACE_SIGNAL_IGNORED 1
#define UNKILLABLE 0x00000040 /* SIGNAL_UNKILLABLE: init of a pid namespace */
#define TRACE_SIGNAL_LOSE_INFO 4
#define HANDLER_DEFAULT 0

/* Memory figures are taken at the OOM killer's SIGKILL: mark_victim comes later. */
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
		dossier->limit_ns = before->limit_ns;
		return 0;
	}
	kill.group = scratch->limit.group;
	kill.chosen = scratch->key.tgid;
	/* the members of a group are killed in a row, the one that was chosen first */
	if (before && kill.group && before->group == kill.group && before->chosen != kill.chosen &&
	    event->now_ns - before->time_ns < DECISION_FRESH_NS) {
		kill.chosen = before->chosen;
		dossier->oom.flags |= KT_OOM_GROUP_MEMBER;
		dossier->oom.shared_with_pid = kill.chosen;
		dossier->limit_ns = before->limit_ns;
		kill.limit_ns = before->limit_ns;
	} else {
		kill.limit_ns = oom_note_limit(dossier);
	}
	kill.victim = scratch->key;
	kill.mm = mm;
	kill.time_ns = event->now_ns;
	kill.victim_tid = (__u32)BPF_CORE_READ(target, pid);
	bpf_map_update_elem(&oom_kills, &tid, &kill, BPF_ANY);
	return 0;
}

/*
 * SIGKILL ends a core dump and replaces the signal of the dump in the status (kernel/signal.c:
 * complete_signal(), 5.8 to 7.3). Only SIGKILL is delivered then, so the group died of the newest
 * signal that dumps core.
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

static __always_inline bool is_ending(struct event *event)
{
	return event->number < 32 && (ENDINGS & BIT(event->number));
}

/* A breakpoint or step under a debugger: the debugger decides what happens. */
static __always_inline bool is_debuggers(struct event *event)
{
	struct task_struct *target = event->target;

	return event->number == SIGTRAP && BPF_CORE_READ(target, ptrace) && !is_immutable(event);
}

/* The first thing that abort() does, in a process that it cannot end (is_echo_of_abort()). */
static __always_inline int note_ignored_abort(struct task_struct *target,
					      struct task_struct *sender)
{
	struct dossier *dossier;
	struct group_key key;
	bool is_new;

	if (BPF_CORE_READ(sender, tgid) != BPF_CORE_READ(target, tgid) ||
	    !(BPF_CORE_READ(target, signal, flags) & UNKILLABLE))
		return 0;
	task_group_key(target, &key);
	dossier = dossier_get_or_open(&key, target, &is_new);
	if (!dossier)
		return 0;
	dossier->abort_ns = bpf_ktime_get_boot_ns();
	dossier->abort_tid = (__u32)BPF_CORE_READ(sender, pid);
	return 0;
}

/* abort() in a program with a handler for it. If that crashes or ends the process, the abort is the
 * root. */
__noinline int note_own_abort(struct bpf_raw_tracepoint_args *ctx)
{
	struct signal_scratch *scratch = get_signal_scratch();
	struct dossier *dossier = scratch ? bpf_map_lookup_elem(&dossiers, &scratch->key) : 0;
	struct task_struct *target;
	struct k_sigaction *action;
	struct own_abort *abort;
	struct details *details;
	struct event *event;

	if (!dossier)
		return 0;
	event = &scratch->event;
	target = event->target;
	abort = &dossier->own_abort;
	action = find_action(event);
	/* a handler may abort again */
	if (!action || is_in_abort_handler(dossier, target, event->user.sp, event->now_ns))
		return 0;
	__builtin_memset(abort, 0, sizeof(*abort));
	abort->note.time_ns = event->now_ns;
	abort->note.tid = (__u32)CURRENT_READ(target, pid);
	abort->note.code = event->code;
	abort->note.siginfo_kind = event->info > SEND_SIG_PRIV ? KT_SIGINFO_FULL : KT_SIGINFO_NONE;
	abort->note.flags = KT_SIGNAL_SELF | KT_SIGNAL_HANDLED;
	bpf_get_current_comm(abort->note.comm, sizeof(abort->note.comm));
	/* musl's raise() blocks all signals meanwhile */
	abort->adds = handler_blocks(action, event->number);
	if (!is_blocked(event))
		abort->adds &= ~read_blocked(target);
	abort->sp = event->user.sp;
	abort->ip = event->user.ip;
	abort->exec_id = CURRENT_READ(target, self_exec_id);
	abort->task = (__u64)target;
	/* the stack of a fault says more */
	if (is_in_fault_handler(dossier, target, event->now_ns)) {
		abort->note.flags |= KT_SIGNAL_IN_FAULT_HANDLER;
		return 0;
	}
	details = knob_user_stack ? details_get_or_open(&scratch->key, dossier) : 0;
	if (details)
		read_user_stack(ctx, details, event->now_ns);
	return 0;
}

/* A signal that the kernel dropped. A group that is ending gets none, which says nothing. */
static __always_inline int see_ignored(struct event *event)
{
	struct task_struct *target = event->target, *sender = event->sender;
	struct signal_scratch *scratch;
	struct k_sigaction *action;
	struct dossier *dossier;
	__u64 handler;
	__u32 why;
	bool is_new;

	if ((__u32)(bpf_get_current_pid_tgid() >> 32) == (__u32)BPF_CORE_READ(target, tgid))
		return event->number == SIGABRT ? note_ignored_abort(target, sender) : 0;
	action = find_action(event);
	if (!action || event->info == SEND_SIG_PRIV ||
	    (BPF_CORE_READ(target, signal, flags) & GROUP_EXIT))
		return 0;
	handler = (__u64)BPF_CORE_READ(action, sa.sa_handler);
	why = handler == HANDLER_IGNORE ? KT_SIGNAL_IGNORED
					: KT_SIGNAL_IGNORED | KT_SIGNAL_IGNORED_FOR_INIT;
	if (handler != HANDLER_IGNORE &&
	    (handler != HANDLER_DEFAULT || !(BPF_CORE_READ(target, signal, flags) & UNKILLABLE)))
		return 0;
	scratch = get_signal_scratch();
	if (!scratch)
		return 0;
	if (event->info > SEND_SIG_PRIV)
		event->code = read_code(event->info);
	if (!(CURRENT_READ(sender, flags) & TASK_KERNEL_THREAD))
		arch_read_user_context(sender, &event->user);
	event->now_ns = bpf_ktime_get_boot_ns();
	task_group_key(target, &scratch->key);
	scratch->event = *event;
	dossier = dossier_get_or_open(&scratch->key, target, &is_new);
	if (!dossier)
		return 0;
	/* as in signal_generate() */
	if (is_new && BPF_CORE_READ(target, signal, live.counter) <= 0) {
		dossier_close(scratch->key.tgid, scratch->key.start_ns);
		return 0;
	}
	read_relation();
	set_flag(scratch, why);
	note_ignored_prior();
	return 0;
}

/* What an event is. */
enum {
	IS_FAULT = 1,
	IS_BLOCKED = 2,
	IS_ENDING = 4,
	IS_HANDLED = 8,
	ALL_OF_THESE = 15,
	IS_DEADLY = 16, /* or could be */
};

/* A handler that can run takes the signal. While the signal is blocked, the handler can still be
 * removed. */
static __always_inline bool is_taken(__u32 what)
{
	return (what & ALL_OF_THESE) == IS_HANDLED;
}

/*
 * Looks closer at the event of the scratch, which so far is `what`, and completes it. Returns what
 * it is, or 0: nothing that could end the group. Global, like note_event(): the verifier looks at
 * it once and not at every combination of what an event can be.
 */
__noinline int judge_event(__u32 what)
{
	struct signal_scratch *scratch = get_signal_scratch();
	struct task_struct *target, *sender;
	struct k_sigaction *action;
	struct event *event;
	__u32 target_flags;
	bool own;

	if (!scratch)
		return 0;
	event = &scratch->event;
	target = event->target;
	sender = event->sender;
	event->handled = (what & IS_HANDLED) != 0;
	event->self = sender == target || (__u32)(bpf_get_current_pid_tgid() >> 32) ==
						  (__u32)BPF_CORE_READ(target, tgid);
	/* signals that a process sends itself say nothing about others; since 7.3 kill() gives no
	 * siginfo */
	if (event->self &&
	    (event->info > SEND_SIG_PRIV ? event->code <= 0 : !event->info && event->group))
		what &= ~IS_ENDING;
	event->own_abort = event->handled && event->number == SIGABRT && sender == target &&
			   !(what & IS_ENDING);
	if (is_taken(what) && !event->own_abort)
		return 0;
	/* Kernel threads do not die of signals, and dead groups do not die again. */
	own = is_own_task(target);
	target_flags = TASK_READ(own, target, flags);
	/* a thread that has not begun to exit is alive: most faults are of the current thread */
	if ((target_flags & TASK_KERNEL_THREAD) ||
	    ((!own || (target_flags & TASK_EXITING)) &&
	     BPF_CORE_READ(target, signal, live.counter) <= 0))
		return 0;
	if (!(CURRENT_READ(sender, flags) & TASK_KERNEL_THREAD))
		arch_read_user_context(sender, &event->user);
	if ((what & IS_FAULT) && is_forged(event, &event->user))
		what &= ~IS_FAULT;
	if ((is_taken(what) && !event->own_abort) || is_debuggers(event))
		return 0;
	event->now_ns = bpf_ktime_get_boot_ns();
	if ((what & (IS_FAULT | IS_HANDLED)) == (IS_FAULT | IS_HANDLED)) {
		action = find_action(event);
		if (action)
			event->handler_blocks = handler_blocks(action, event->number);
	}
	return (int)(what | IS_DEADLY);
}

/* Notes the event of the scratch. */
__noinline int note_event(struct bpf_raw_tracepoint_args *ctx, __u32 what)
{
	struct signal_scratch *scratch = get_signal_scratch();
	struct task_struct *target;
	struct dossier *dossier;
	struct event *event;
	__u32 flags;
	bool is_new;

	if (!scratch)
		return 0;
	event = &scratch->event;
	target = event->target;
	dossier = dossier_get_or_open(&scratch->key, target, &is_new);
	if (!dossier)
		return 0;
	/* its last thread has gone meanwhile, so nothing would close the dossier */
	if (is_new && BPF_CORE_READ(target, signal, live.counter) <= 0) {
		dossier_close(scratch->key.tgid, scratch->key.start_ns);
		return 0;
	}
	if (!dossier->ns_pid)
		dossier->ns_pid = task_ns_pid(BPF_CORE_READ(target, group_leader));
	if (what & IS_FAULT) {
		note_fault(ctx);
		/* asked here: handled faults of a flood leave nothing to do */
		if (scratch->user_stack_bytes)
			name_user_stack();
		if (scratch->module_ip)
			name_module();
		if (scratch->bus_address)
			read_bus_error();
		if (dossier->handler_crash_ns == event->now_ns)
			note_handler_fault();
	}
	if (event->own_abort)
		note_own_abort(ctx);
	if (event->own_abort && scratch->user_stack_bytes)
		name_user_stack();
	if (event->handled && !(what & IS_BLOCKED) && !(what & IS_ENDING))
		return 0;
	read_relation();
	if (event->number == SIGPIPE)
		read_broken_pipe();
	else if (event->number == SIGKILL)
		read_dying_child();
	if (what & IS_ENDING) {
		__u32 at = (__u32)note_prior();

		if (event->number == SIGXCPU || event->number == SIGXFSZ) {
			read_rlimits(&dossier->rlimit, target);
			dossier->rlimit_time_ns = event->now_ns;
		}
		if (at < KT_PRIOR_SIGNALS) {
			write_prior(at);
			if (!event->self)
				read_prior_sender((__u64)event->sender, at);
		}
	}
	if (event->handled && !(what & IS_BLOCKED))
		return 0;
	if (event->number == SIGKILL && compat_dumps_core(target))
		note_dump();
	note_signal(ctx);
	if (scratch->user_stack_bytes)
		name_user_stack();
	flags = scratch->flags;
	if (event->number == SIGKILL)
		notice_doom();
	/* A namespace's init takes thousands of processes with it, which is not an OOM kill. */
	if (event->number == SIGKILL && event->info == SEND_SIG_PRIV && event->group &&
	    !((flags & KT_SIGNAL_SENDER_IS_REAPER) && (flags & KT_SIGNAL_SENDER_EXITING)))
		note_oom();
	return 0;
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
	__u32 result = (__u32)ctx->args[4];
	struct signal_scratch *scratch;
	struct k_sigaction *action;
	bool fault, blocked, handled;
	__u32 what;
	__u64 handler;

	/* The hot path out: SIGCHLD and the like, a million times a day. */
	if (event.number < 64 && (HARMLESS & BIT(event.number)))
		return 0;
	if (result == TRACE_SIGNAL_IGNORED && event.number < 32 && (REQUESTS & BIT(event.number)))
		return see_ignored(&event);
	/* Ignored, already pending or not sent at all: this signal does not kill. */
	if (result != TRACE_SIGNAL_DELIVERED && result != TRACE_SIGNAL_LOSE_INFO)
		return 0;
	action = find_action(&event);
	if (!action)
		return 0;
	handler = (__u64)BPF_CORE_READ(action, sa.sa_handler);
	blocked = is_blocked(&event);
	/* while blocked, its fate depends on its later disposition (sig_ignored()) */
	if (handler == HANDLER_IGNORE && !blocked)
		return 0;
	handled = handler != HANDLER_DEFAULT;
	/* exec removes the handlers before pending signals are looked at (flush_signal_handlers())
	 */
	blocked = blocked || (handled && compat_is_in_exec(target));
	fault = sender == target && event.number < 32 && (FAULTS & BIT(event.number));
	if (event.info > SEND_SIG_PRIV && (fault || !handled || blocked || is_ending(&event)))
		event.code = read_code(event.info);
	fault = fault && event.code > 0;
	what = (handled ? IS_HANDLED : 0) | (blocked ? IS_BLOCKED : 0) |
	       (fault               ? IS_FAULT
		: is_ending(&event) ? IS_ENDING
				    : 0);
	FORGET(what, sender);
	if (is_taken(what))
		return 0;
	event.lost_info = result == TRACE_SIGNAL_LOSE_INFO;
	scratch = get_signal_scratch();
	if (!scratch)
		return 0;
	scratch->event = event;
	what = (__u32)judge_event(what);
	if (!what)
		return 0;
	task_group_key(target, &scratch->key);
	scratch->user_stack_bytes = 0;
	scratch->module_ip = 0;
	scratch->bus_address = 0;
	return note_event(ctx, what);
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
