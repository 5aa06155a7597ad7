// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * sched:sched_process_exit: the death itself. The status is final here, core bit included; it
 * decides which piece of the dossier is evidence, and all leaves as one record.
 */
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
static __always_inline void read_direct_stack(void *ctx, struct direct_exit *direct)
{
	struct oops *oops = bpf_map_lookup_elem(&oopses, &direct->tid);

	direct->stack_is_oops = oops && direct->time_ns - oops->time_ns < OOPS_FRESH_NS;
	if (direct->stack_is_oops)
		__builtin_memcpy(&direct->stack, &oops->stack, sizeof(direct->stack));
	else if (ctx)
		read_kernel_stack(ctx, &direct->stack);
	else
		direct->stack.bytes = 0;
	bpf_map_delete_elem(&oopses, &direct->tid);
}

/* A status with a signal, and yet the thread did not die in get_signal(): it left by do_exit(),
 * as after an oops or in seccomp. Noted at once, since it need not be the last thread. */
static __noinline struct dossier *note_direct_exit(void *ctx, struct death *death)
{
	struct dossier *dossier = dossier_get_or_open(&death->key, true);
	struct task_struct *task = death->task;
	struct direct_exit *direct;

	if (!dossier)
		return 0;
	direct = &dossier->direct;
	direct->time_ns = bpf_ktime_get_boot_ns();
	direct->status = death->thread_status;
	direct->tid = (__u32)BPF_CORE_READ(task, pid);
	read_kernel_fault(direct, direct->tid);
	if (knob_kernel_stack)
		read_direct_stack(ctx, direct);
	return dossier;
}

/*
 * Without group_dead from the kernel, two threads can both find live == 0, and the second may come
 * when the first is reaped already; and where several programs look at exits (knob_tell_once), or
 * another build's, they may see a death twice. A thread's own death is kept apart from that of its
 * group.
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
	} else if (knob_exit_has_group_dead && !knob_tell_once && !knob_shared_told) {
		return true;
	}
	/* if it cannot be known, rather twice than never; until 6.4 the upper half of the result is not set
	 * (struct bpf_map_ops.map_update_elem gave an int) */
	return (int)bpf_map_update_elem(&told, &key, &generation, BPF_NOEXIST) != -ALREADY_THERE;
}

/* Another thread's call of these very programs came first, and may still be reading the dossier: it is
 * that one's to close. Another build's programs have dossiers of their own. */
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

/*
 * Soon after a fault that the program's own handler took, the program ended itself with an error: a
 * runtime that gave up. Those that live on faults, as a JVM does, end with an error in another
 * thread than had the last fault, except by chance. SIGSYS and SIGTRAP are tools, not accidents.
 */
static __always_inline bool is_runtime_crash(struct dossier *dossier, struct death *death)
{
	struct kt_fault *fault = &dossier->fault;

	return (death->status & 0xff00) && (fault->flags & KT_FAULT_HANDLED) &&
	       (MEMORY_FAULTS & BIT(fault->number & 31)) &&
	       (dossier->exit_tid == fault->tid || fault->handled_count == 1) &&
	       bpf_ktime_get_boot_ns() - fault->time_ns <= knob_runtime_window_ns;
}

/* Of all threads, only the one that called exit_group() carries its status out unsignaled. */
static __always_inline void note_exit_thread(struct death *death)
{
	struct task_struct *task = death->task;
	struct dossier *dossier;

	if (death->task_flags & TASK_SIGNALED)
		return;
	dossier = bpf_map_lookup_elem(&dossiers, &death->key);
	if (dossier)
		dossier->exit_tid = (__u32)BPF_CORE_READ(task, pid);
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
 * A thread that the kernel ended by itself. In a group exit the siblings carry the group's own status
 * out, and so does a thread that calls exit_group() while the group is being killed. Until 6.14 the
 * hook comes so late that the rest of the group may have exited meanwhile, with a status of its own.
 */
static __always_inline bool is_lone_death(struct death *death)
{
	struct task_struct *task = death->task;

	return !(BPF_CORE_READ(task, signal, flags) & GROUP_EXIT) ||
	       (((__u32)BPF_CORE_READ(task, signal, group_exit_code) ^ death->thread_status) &
		STATUS_SIGNAL);
}

/*
 * Whether this program, or another of those that look at exits, has been here for this thread. The
 * kernel's count of skipped calls can be told from what is really lost by it. Nobody takes a mark away:
 * a thread can come by any number of times, and the map forgets by itself.
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
 * Until 6.14 the hook comes behind exit_mm(), where a thread can be held up: another that was killed by its
 * exit_group() finds the group dead already. The caller finds it so as well, and knows what it ended for.
 */
static __always_inline bool waits_for_exit_caller(struct death *death, struct dossier *dossier)
{
	return !knob_exit_has_group_dead && !dossier->exit_tid &&
	       !(death->status & STATUS_SIGNAL) && (death->status & 0xff00) &&
	       (death->task_flags & TASK_SIGNALED);
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
	if (death.thread_status & 0xff00)
		note_exit_thread(&death);
	death.status = group_status(death.leader, task);
	direct = (death.thread_status & STATUS_SIGNAL) && !(death.task_flags & TASK_SIGNALED);
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
	if (!group_dead)
		return 0;
	death.kind = KT_RECORD_DEATH;
	dossier = bpf_map_lookup_elem(&dossiers, &death.key);
	if (dossier)
		forget_fault_before_exec(dossier, task);
	if (dossier && waits_for_exit_caller(&death, dossier))
		return 0;
	if ((death.status & STATUS_SIGNAL) || (dossier && is_runtime_crash(dossier, &death))) {
		if (is_first_to_tell(&death))
			tell(&death, dossier);
		else if (is_being_told(&death))
			return 0;
	}
	if (dossier)
		dossier_close(&death.key);
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
 * The signal of a death to the parent is generated by the dying thread, behind sched_process_exit and
 * with interrupts off, so that nothing is skipped here. Any signal will do: whoever is exiting with
 * nobody of its group alive has had its turn there.
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

/* exit_notify(): then the parent gets no signal, and the kernel reaps at once. So it is with the children
 * of a namespace's init that is going (zap_pid_ns_processes()), which can be gone by now. */
static __always_inline bool is_ignored_by_parent(struct task_struct *task)
{
	struct sighand_struct *sighand = BPF_CORE_READ(task, parent, sighand);

	return !sighand ||
	       (__u64)BPF_CORE_READ(sighand, action[SIGCHLD - 1].sa.sa_handler) == HANDLER_IGNORE;
}

/*
 * Those who send no signal are freed soon after their end, and in a softirq, which nothing preempts:
 * threads but the first, and whom the parent ignores. Others may wait to be reaped for so long that
 * nobody knows any more whether they were seen.
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
