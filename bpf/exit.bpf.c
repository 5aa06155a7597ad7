// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * sched:sched_process_exit: the death itself. The status is final here, core bit included; it
 * decides which piece of the dossier is evidence, and all leaves as one record.
 */
#include "handler.bpf.h"
#include "tell.bpf.h"

#define ALREADY_THERE 17 /* EEXIST */

/* An oops is printed before the thread ends, on consoles that can be slow. */
#define OOPS_FRESH_NS 10000000000ULL

/* include/linux/sched/signal.h; before 6.1 do_group_exit() stored nothing for a single thread. */
static __always_inline __u32 group_status(struct task_struct *leader, struct task_struct *task)
{
	if (BPF_CORE_READ(task, signal, flags) & GROUP_EXIT)
		return (__u32)BPF_CORE_READ(task, signal, group_exit_code);
	return (__u32)BPF_CORE_READ(leader, exit_code);
}

static __always_inline void read_kernel_fault(struct direct_exit *direct, __u32 tid)
{
	struct last_fault *last = bpf_map_lookup_elem(&kernel_faults, &tid);

	if (!last)
		return;
	direct->kernel_fault.time_ns = last->time_ns;
	direct->kernel_fault.error_code = last->error_code;
	if (!knob_no_addresses) {
		direct->kernel_fault.address = last->address;
		direct->kernel_fault.ip = last->ip;
	}
	direct->has_kernel_fault = 1;
}

/* After an oops the stack of the thread is gone; what it was is kept. No ctx: the stack is somebody
 * else's. */
static __always_inline void read_direct_stack(void *ctx, struct direct_exit *direct,
					      struct stack *ret_stack)
{
	struct oops *oops = bpf_map_lookup_elem(&oopses, &direct->tid);

	direct->stack_is_oops = oops && direct->time_ns - oops->time_ns < OOPS_FRESH_NS;
	if (direct->stack_is_oops)
		__builtin_memcpy(ret_stack, &oops->stack, sizeof(*ret_stack));
	else if (ctx)
		read_kernel_stack(ctx, ret_stack);
	else
		ret_stack->bytes = 0;
	bpf_map_delete_elem(&oopses, &direct->tid);
}

/* A status with a signal, and yet the thread did not die in get_signal(): it left by do_exit(),
 * as after an oops or in seccomp. Noted at once, since it need not be the last thread. */
static __noinline struct dossier *note_direct_exit(void *ctx, struct death *death)
{
	bool is_new;
	struct dossier *dossier = dossier_get_or_open(&death->key, death->task, &is_new);
	struct task_struct *task = death->task;
	struct direct_exit *direct;
	struct user_context user;
	struct details *details;

	if (!dossier)
		return 0;
	death->opened = is_new;
	direct = &dossier->direct;
	direct->time_ns = bpf_ktime_get_boot_ns();
	direct->status = death->thread_status;
	direct->tid = (__u32)BPF_CORE_READ(task, pid);
	direct->not_by_call = 0;
	if ((__u64)task == bpf_get_current_task()) {
		arch_read_user_context(task, &user);
		direct->not_by_call = !arch_is_exit(task, user.syscall_nr);
	}
	read_kernel_fault(direct, direct->tid);
	if (!knob_kernel_stack)
		return dossier;
	details = details_get_or_open(&death->key, dossier);
	if (details)
		read_direct_stack(ctx, direct, &details->direct_stack);
	return dossier;
}

/*
 * Without group_dead from the kernel, two threads can both find live == 0, and the second may come
 * when the first is reaped already; the thread that called exit_group() looks at `live` itself; and
 * where several programs look at exits (knob_tell_once), or another build's, they may see a death
 * twice. A thread's own death is kept apart from that of its group.
 */
static __always_inline bool is_first_to_tell(struct death *death)
{
	struct group_key key = death->key;
	struct task_struct *task = death->task;
	__u32 generation = knob_generation;

	if (death->kind == KT_RECORD_THREAD_DEATH) {
		if (!knob_tell_once && !knob_shared_told)
			return true;
		key.tgid = (__u32)BPF_CORE_READ(task, pid);
		key.reserved = 1;
	} else if (knob_exit_has_group_dead && !knob_tell_once && !knob_shared_told &&
		   (death->status & KT_STATUS_SIGNAL)) {
		return true;
	}
	/* if it cannot be known, rather twice than never; until 6.4 the upper half of the result is
	 * not set (struct bpf_map_ops.map_update_elem gave an int) */
	return (int)bpf_map_update_elem(&told, &key, &generation, BPF_NOEXIST) != -ALREADY_THERE;
}

/* Another thread's call of these very programs came first, and may still be reading the dossier:
 * that call closes it. Another build's programs have dossiers of their own. */
static __always_inline bool is_being_told(struct death *death)
{
	__u32 *generation = bpf_map_lookup_elem(&told, &death->key);

	return generation && *generation == knob_generation;
}

static __always_inline bool is_group_dead(struct bpf_raw_tracepoint_args *ctx,
					  struct task_struct *task)
{
	if (knob_exit_has_group_dead)
		return ctx->args[1] & 0xff;
	return BPF_CORE_READ(task, signal, live.counter) == 0;
}

#define MEMORY_FAULTS (BIT(SIGILL) | BIT(SIGBUS) | BIT(SIGFPE) | BIT(SIGSEGV))

#define GO_STATUS (2 << 8) /* runtime.fatalpanic() */
/* runtime.setsig() blocks all signals; other programs seldom block these */
#define GO_BLOCKS ((BIT(SIGHUP) | BIT(SIGINT) | BIT(SIGPIPE) | BIT(SIGTERM) | BIT(SIGXFSZ)) >> 1)
#define GO_REPORT_NS 60000000000ULL
#define SAME_FRAMES 1024ULL
#define LEAF_FRAMES 128ULL

/*
 * The program ended itself with an error in the handler of a fault, however long that took: a
 * runtime that gave up. Those that live on faults (a JVM's null checks, a collector's barriers)
 * have returned from it by then. Go's handler returns too, to code that reports the panic and ends
 * in the same thread, on its scheduler's stack (runtime.fatalpanic()) where a program that
 * recovered ends on its own; it blocks all signals while it runs. A handler that blocks none cannot
 * be seen to run: then the time decides. SIGSYS and SIGTRAP are tools, not accidents.
 */
static __always_inline bool is_runtime_crash(struct dossier *dossier, struct death *death)
{
	struct kt_fault *fault = &dossier->fault;
	__u64 age = bpf_ktime_get_boot_ns() - fault->time_ns;

	if (!(death->status & 0xff00) || !(fault->flags & KT_FAULT_HANDLED) ||
	    !(MEMORY_FAULTS & BIT(fault->number & 31)))
		return false;
	if (dossier->exit_in & HANDLER_OF_FAULT) {
		fault->flags |= KT_FAULT_HANDLER_RUNS;
		return true;
	}
	if (dossier->exit_tid != fault->tid)
		return false;
	if (!dossier->fault_adds)
		return age <= knob_runtime_window_ns;
	return (death->status & 0xff00) == GO_STATUS && fault->handled_count == 1 &&
	       !(dossier->exit_in & BACK_FROM_FAULT) &&
	       (dossier->fault_adds & GO_BLOCKS) == GO_BLOCKS && age <= GO_REPORT_NS;
}

/* It gave up because of a signal that it handles: in the handler, soon after it, or by the status
 * that says so (128 and the number). */
static __always_inline bool is_after_prior(struct dossier *dossier, struct task_struct *task,
					   __u32 status, __u64 now_ns)
{
	__u64 age = now_ns - dossier->prior_ns;
	struct kt_prior_signal *prior = 0;

#pragma unroll
	for (int i = 0; i < KT_PRIOR_SIGNALS; i++)
		if (dossier->priors[i].number)
			prior = &dossier->priors[i];
	if (!prior || !(prior->flags & KT_SIGNAL_HANDLED) ||
	    dossier->prior_exec_id != BPF_CORE_READ(task, self_exec_id))
		return false;
	return age <= knob_runtime_window_ns || is_in_prior_handler(dossier, task, now_ns) ||
	       (age < IN_HANDLER_NS && ((status >> 8) & 0xff) == 128 + (__u32)prior->number);
}

/* Another thread than the one that ends the group, which may be gone: then its memory can be
 * another's. It exits as well by now, since it was killed for that or ends the group itself; one
 * that left before that has not been killed. */
static __always_inline bool faulter_is_in_handler(struct dossier *dossier, struct task_struct *task,
						  __u64 now_ns)
{
	struct task_struct *other = (struct task_struct *)dossier->fault_task;

	if ((dossier->fault_left_in & HANDLER_OF_FAULT) &&
	    dossier->fault_exec_id == BPF_CORE_READ(task, self_exec_id))
		return true;
	return other && BPF_CORE_READ(other, tgid) == BPF_CORE_READ(task, tgid) &&
	       (!BPF_CORE_READ(other, exit_state) ||
		(BPF_CORE_READ(other, flags) & TASK_SIGNALED)) &&
	       is_in_fault_handler(dossier, other, now_ns);
}

static __always_inline bool is_back_from_fault(struct dossier *dossier, struct task_struct *task)
{
	struct user_context user;

	if ((__u64)task != bpf_get_current_task() ||
	    dossier->fault.tid != (__u32)BPF_CORE_READ(task, pid))
		return false;
	arch_read_user_context(task, &user);
	/* what reports a crash stands deeper, where it is the same stack (a fault in C code) */
	return user.sp + LEAF_FRAMES >= dossier->fault_sp &&
	       user.sp < dossier->fault_sp + SAME_FRAMES;
}

/* Of all threads, only the one that called exit_group() carries its status out unsignaled. Global,
 * with scalars: the verifier looks at it once. */
__noinline int note_exit_thread(__u64 task_address, __u32 status)
{
	struct task_struct *task = (struct task_struct *)task_address;
	struct dossier *dossier;
	struct group_key key;
	__u64 now_ns;
	__u32 in = 0;

	task_group_key(task, &key);
	dossier = bpf_map_lookup_elem(&dossiers, &key);
	if (!dossier)
		return 0;
	now_ns = bpf_ktime_get_boot_ns();
	if (is_in_fault_handler(dossier, task, now_ns) ||
	    faulter_is_in_handler(dossier, task, now_ns))
		in |= HANDLER_OF_FAULT;
	if (is_back_from_fault(dossier, task))
		in |= BACK_FROM_FAULT;
	if (is_in_trap_handler(dossier, task, now_ns))
		in |= HANDLER_OF_TRAP;
	if (is_after_prior(dossier, task, status, now_ns))
		in |= HANDLER_OF_PRIOR;
	/* of several calls of exit_group() at one time, one in a handler is the reason */
	if (in || !dossier->exit_calls) {
		dossier->exit_in = in;
		dossier->exit_tid = (__u32)BPF_CORE_READ(task, pid);
	}
	/* also a barrier: see_exit() looks at `live` next, and the last thread, which changed it,
	 * looks here */
	if (BPF_CORE_READ(task, signal, flags) & GROUP_EXIT)
		__sync_fetch_and_add(&dossier->exit_calls, 1);
	return 0;
}

/* A thread that exit_group() kills: the one that called it can come by when the memory of this one
 * is another's. Global, as above. */
__noinline int note_killed_thread(__u64 task_address)
{
	struct task_struct *task = (struct task_struct *)task_address;
	struct dossier *dossier;
	struct group_key key;

	task_group_key(task, &key);
	dossier = bpf_map_lookup_elem(&dossiers, &key);
	if (dossier && is_in_fault_handler(dossier, task, bpf_ktime_get_boot_ns()))
		dossier->fault_left_in = HANDLER_OF_FAULT;
	return 0;
}

/* What the group ended itself for, with an error. */
static __always_inline bool is_told_exit(struct dossier *dossier, struct death *death)
{
	if (is_runtime_crash(dossier, death))
		return true;
	return (death->status & 0xff00) &&
	       (dossier->exit_in & (HANDLER_OF_TRAP | HANDLER_OF_PRIOR));
}

/* An exec put another program in the place of the one that had the fault. */
static __always_inline void forget_fault_before_exec(struct dossier *dossier,
						     struct task_struct *task)
{
	if (dossier->fault.time_ns && dossier->fault_exec_id != BPF_CORE_READ(task, self_exec_id)) {
		dossier->fault.time_ns = 0;
		dossier->fault.flags = 0;
	}
}

/*
 * A thread that the kernel ended by itself. In a group exit the siblings carry the group's own
 * status out, and so does a thread that calls exit_group() while the group is being killed.
 * Until 6.14 the hook comes so late that the rest of the group may have exited meanwhile, with a
 * status of its own.
 */
static __always_inline bool is_lone_death(struct death *death)
{
	struct task_struct *task = death->task;

	return !(BPF_CORE_READ(task, signal, flags) & GROUP_EXIT) ||
	       (((__u32)BPF_CORE_READ(task, signal, group_exit_code) ^ death->thread_status) &
		KT_STATUS_SIGNAL);
}

/*
 * Whether this program, or another of those that look at exits, has been here for this thread. With
 * it, skipped calls that the kernel counts can be distinguished from real losses. A mark is never
 * removed: a thread can come by any number of times, and the map evicts by itself.
 */
static __always_inline bool was_seen(struct task_struct *task)
{
	struct thread_key thread = {
		.task = (__u64)task,
		.start_ns = BPF_CORE_READ(task, start_boottime),
	};
	__u32 zero = 0;
	__u64 *count;
	__u8 one = 1;

	if (knob_is_again && bpf_map_lookup_elem(&seen, &thread))
		return true;
	bpf_map_update_elem(&seen, &thread, &one, BPF_ANY);
	count = knob_is_again ? bpf_map_lookup_elem(&rescued, &zero) : 0;
	if (count)
		__sync_fetch_and_add(count, 1);
	return false;
}

/*
 * Threads that exit_group() kills can come by before the one that called it: that one can be
 * preempted on its way here, until 6.14 be held up in exit_mm(), and where the programs themselves
 * are preempted be skipped and seen later by another. It finds the group dead as well then, and
 * knows what it ended for. It is sure to come by later than what is noted here of signals: a group
 * that exits gets none (kernel/signal.c:prepare_signal(), 5.8 to 7.3).
 */
static __always_inline bool waits_for_exit_caller(struct death *death, struct dossier *dossier)
{
	struct task_struct *task = death->task;
	bool has_reason = dossier->fault.time_ns || dossier->trapped.time_ns || dossier->prior_ns;

	return has_reason && !dossier->exit_calls && !(death->status & KT_STATUS_SIGNAL) &&
	       (death->status & 0xff00) && (BPF_CORE_READ(task, signal, flags) & GROUP_EXIT);
}

static __always_inline int see_exit(void *ctx, struct task_struct *task, bool group_dead)
{
	struct death death = { .task = task };
	struct dossier *dossier = 0;
	bool direct;

	death.thread_status = (__u32)BPF_CORE_READ(task, exit_code);
	if (!group_dead && !death.thread_status)
		return 0;
	death.task_flags = BPF_CORE_READ(task, flags);
	/* kthread() hands an error to do_exit(), which can look like a signal; only an oops leaves
	 * these two */
	if ((death.task_flags & TASK_KERNEL_THREAD) && death.thread_status != SIGKILL &&
	    death.thread_status != SIGSEGV)
		return 0;
	death.leader = BPF_CORE_READ(task, group_leader);
	task_group_key(task, &death.key);
	death.status = group_status(death.leader, task);
	if ((death.thread_status & 0xff00) && (death.task_flags & TASK_SIGNALED)) {
		note_killed_thread((__u64)task);
	} else if (death.thread_status & 0xff00) {
		note_exit_thread((__u64)task, death.thread_status);
		if (!(death.status & KT_STATUS_SIGNAL) &&
		    BPF_CORE_READ(task, signal, live.counter) <= 0)
			group_dead = true;
	}
	direct = (death.thread_status & KT_STATUS_SIGNAL) && !(death.task_flags & TASK_SIGNALED);
	/* behind the last thread nobody would close what is opened now */
	if (direct && (group_dead || BPF_CORE_READ(task, signal, live.counter) > 0))
		dossier = note_direct_exit(ctx, &death);
	if (direct && is_lone_death(&death) &&
	    (!group_dead || death.status != death.thread_status)) {
		__u32 status = death.status;

		death.status = death.thread_status;
		death.kind = KT_RECORD_THREAD_DEATH;
		if (is_first_to_tell(&death))
			tell(&death, dossier);
		death.status = status;
	}
	if (!group_dead) {
		/* opened by this thread behind the last one: nobody would close it */
		dossier = death.opened ? bpf_map_lookup_elem(&dossiers, &death.key) : 0;
		if (dossier && BPF_CORE_READ(task, signal, live.counter) <= 0)
			dossier_close(&death.key, dossier);
		return 0;
	}
	death.kind = KT_RECORD_DEATH;
	dossier = bpf_map_lookup_elem(&dossiers, &death.key);
	if (dossier)
		forget_fault_before_exec(dossier, task);
	if (dossier && waits_for_exit_caller(&death, dossier))
		return 0;
	if ((death.status & KT_STATUS_SIGNAL) || (dossier && is_told_exit(dossier, &death))) {
		if (is_first_to_tell(&death))
			tell(&death, dossier);
		else if (is_being_told(&death))
			return 0;
	}
	if (dossier)
		dossier_close(&death.key, dossier);
	return 0;
}

SEC("?raw_tp/sched_process_exit")
int sched_process_exit(struct bpf_raw_tracepoint_args *ctx)
{
	struct task_struct *task = (struct task_struct *)ctx->args[0];

	if (knob_tell_once && was_seen(task))
		return 0;
	return see_exit(ctx, task, is_group_dead(ctx, task));
}

/*
 * The signal of a death to the parent is generated by the dying thread, behind sched_process_exit
 * and with interrupts off, so that nothing is skipped here. Any signal will do: a thread that exits
 * with no other thread of its group alive has passed sched_process_exit.
 */
SEC("?raw_tp/signal_generate")
int parting_signal(struct bpf_raw_tracepoint_args *ctx)
{
	struct task_struct *task = (struct task_struct *)bpf_get_current_task();

	struct task_struct *leader;

	if (!(BPF_CORE_READ(task, flags) & TASK_EXITING) ||
	    BPF_CORE_READ(task, signal, live.counter) != 0)
		return 0;
	if (!was_seen(task))
		see_exit(ctx, task, true);
	/* it waits for the last thread to be gone, even where it was itself the last to exit */
	leader = BPF_CORE_READ(task, group_leader);
	if (leader != task && BPF_CORE_READ(leader, exit_state) && !was_seen(leader))
		see_exit(0, leader, true);
	return 0;
}

/* exit_notify(): then the parent gets no signal, and the kernel reaps at once. So it is with the
 * children of a namespace's init that is going (zap_pid_ns_processes()), which can be gone by now.
 */
static __always_inline bool is_ignored_by_parent(struct task_struct *task)
{
	struct sighand_struct *sighand = BPF_CORE_READ(task, parent, sighand);

	return !sighand ||
	       (__u64)BPF_CORE_READ(sighand, action[SIGCHLD - 1].sa.sa_handler) == HANDLER_IGNORE;
}

/*
 * Tasks that send no signal are freed soon after their end, in a softirq, which nothing preempts:
 * all threads except the first, and processes whose parent ignores SIGCHLD. Others may wait to be
 * reaped for so long that their mark is evicted.
 */
SEC("?raw_tp/sched_process_free")
int sched_process_free(struct bpf_raw_tracepoint_args *ctx)
{
	struct task_struct *task = (struct task_struct *)ctx->args[0];

	if ((BPF_CORE_READ(task, group_leader) == task && !is_ignored_by_parent(task)) ||
	    was_seen(task))
		return 0;
	return see_exit(0, task, BPF_CORE_READ(task, signal, live.counter) == 0);
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
