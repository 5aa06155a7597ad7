// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * sched:sched_process_exit: the death itself. The status is final here, core bit included; it
 * decides which pieces of the dossier are evidence. Everything leaves as one record.
 */
#include "direct.bpf.h"
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

/* After an oops the stack of the thread is gone, but a copy of it was kept. The
 * current stack can be that of another task. */
static __always_inline void read_direct_stack(void *ctx, bool is_current,
					      struct direct_exit *direct, struct stack *ret_stack)
{
	struct oops *oops = bpf_map_lookup_elem(&oopses, &direct->tid);

	direct->stack_is_oops = oops && direct->time_ns - oops->time_ns < OOPS_FRESH_NS;
	if (direct->stack_is_oops)
		__builtin_memcpy(ret_stack, &oops->stack, sizeof(*ret_stack));
	else if (is_current)
		read_kernel_stack(ctx, ret_stack);
	else
		ret_stack->bytes = 0;
	bpf_map_delete_elem(&oopses, &direct->tid);
}

/* The status has a signal, but the thread did not die in get_signal(): it left by do_exit(), such
 * as after an oops or in seccomp. Noted at once, since it need not be the last thread. 1: it is
 * noted. Global: the verifier looks at it once. */
__noinline int note_direct_exit(struct bpf_raw_tracepoint_args *ctx, __u32 is_current)
{
	struct exit_scratch *scratch = get_exit_scratch();
	struct direct_exit *direct;
	struct task_struct *task;
	struct user_context user;
	struct dossier *dossier;
	struct details *details;
	struct death *death;
	bool is_new;

	if (!scratch)
		return 0;
	death = &scratch->death;
	task = death->task;
	dossier = dossier_get_or_open(&death->key, task, &is_new);
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
		return 1;
	details = details_get_or_open(&death->key, dossier);
	if (details)
		read_direct_stack(ctx, is_current, direct, &details->direct_stack);
	return 1;
}

/*
 * Keeps a death from being reported twice. Without group_dead from the kernel, two threads can both
 * find live == 0, and the second may come when the first is already reaped. The thread that called
 * exit_group() looks at `live` itself. Several programs (knob_tell_once), or those of another
 * build, may see the same exit. A thread's own death is kept apart from that of its group.
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
	/* if this fails, report twice rather than never; until 6.4 the upper half of the result is
	 * not set (struct bpf_map_ops.map_update_elem gave an int) */
	return (int)bpf_map_update_elem(&told, &key, &generation, BPF_NOEXIST) != -ALREADY_THERE;
}

/* Another thread's call of the same programs came first and may still be reading the dossier: that
 * call closes it. Programs of another build have dossiers of their own. */
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
 * The program exited with an error in the handler of a fault, however long that took: its runtime
 * gave up. Runtimes that live on faults (a JVM's null checks, a collector's barriers) have returned
 * from the handler by then. Go's handler returns too, to code that reports the panic and exits in
 * the same thread. That code is on the scheduler's stack (runtime.fatalpanic()), while a program
 * that recovered exits on its own stack. Go's handler blocks all signals while it runs. Nothing
 * shows whether a handler runs that blocks none: then the time decides. SIGSYS and SIGTRAP are
 * tools, not accidents.
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

/* The process exited because of a signal that it handles: in the handler, soon after it, or with
 * the status that stands for the signal (128 plus its number). Global, with scalars: the verifier
 * looks at it once. */
__noinline int is_after_prior(__u64 task_address, __u32 status, __u64 now_ns)
{
	struct task_struct *task = (struct task_struct *)task_address;
	struct kt_prior_signal *prior = 0;
	struct dossier *dossier;
	struct group_key key;
	__u64 age;

	task_group_key(task, &key);
	dossier = bpf_map_lookup_elem(&dossiers, &key);
	if (!dossier)
		return 0;
	age = now_ns - dossier->prior_ns;
#pragma unroll
	for (int i = 0; i < KT_PRIOR_SIGNALS; i++)
		if (dossier->priors[i].number && !(dossier->priors[i].flags & KT_SIGNAL_IGNORED))
			prior = &dossier->priors[i];
	if (!prior || !(prior->flags & KT_SIGNAL_HANDLED) ||
	    dossier->prior_exec_id != BPF_CORE_READ(task, self_exec_id))
		return 0;
	return age <= knob_runtime_window_ns || is_in_prior_handler(dossier, task, now_ns) ||
	       (age < IN_HANDLER_NS && ((status >> 8) & 0xff) == 128 + (__u32)prior->number);
}

/* The thread that had the fault, if it is not the one that ends the group. It may be gone, and its
 * memory may belong to another task. If it is exiting too by now, it was killed for that or ends
 * the group itself; a thread that left earlier was not killed. */
static __always_inline bool faulter_is_in_handler(struct dossier *dossier, struct task_struct *task,
						  __u64 now_ns)
{
	struct task_struct *other = (struct task_struct *)dossier->fault_task;

	if ((dossier->left_in & HANDLER_OF_FAULT) &&
	    dossier->fault_exec_id == BPF_CORE_READ(task, self_exec_id))
		return true;
	return other && BPF_CORE_READ(other, tgid) == BPF_CORE_READ(task, tgid) &&
	       (!BPF_CORE_READ(other, exit_state) ||
		(BPF_CORE_READ(other, flags) & TASK_SIGNALED)) &&
	       is_in_fault_handler(dossier, other, now_ns);
}

static __always_inline bool is_back_from_fault(struct dossier *dossier, struct task_struct *task)
{
	__u64 sp;

	if ((__u64)task != bpf_get_current_task() ||
	    dossier->fault.tid != (__u32)BPF_CORE_READ(task, pid))
		return false;
	sp = arch_user_sp(task);
	/* code that reports a crash is deeper on the stack, if it is the same stack (a fault in C
	 * code) */
	return sp + LEAF_FRAMES >= dossier->fault_sp && sp < dossier->fault_sp + SAME_FRAMES;
}

static __always_inline bool exits_in_abort_handler(struct dossier *dossier,
						   struct task_struct *task, __u64 now_ns)
{
	struct user_context user;

	if (!dossier->own_abort.note.time_ns || (__u64)task != bpf_get_current_task())
		return false;
	arch_read_user_context(task, &user);
	return is_in_abort_handler(dossier, task, user.sp, now_ns);
}

/* Only the thread that called exit_group() exits with its status and without a signal. Global, with
 * scalars: the verifier looks at it once. */
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
	if (is_after_prior(task_address, status, now_ns))
		in |= HANDLER_OF_PRIOR;
	if (exits_in_abort_handler(dossier, task, now_ns))
		in |= HANDLER_OF_ABORT;
	/* if several threads call exit_group() at once, a call in a handler is the reason */
	if (in || !dossier->exit_calls) {
		dossier->exit_in = in;
		dossier->exit_tid = (__u32)BPF_CORE_READ(task, pid);
	}
	/* also a barrier: see_exit() looks at `live` next, and the last thread, which changed it,
	 * looks here */
	if (BPF_CORE_READ(task, signal, flags) & GROUP_EXIT)
		__sync_fetch_and_add(&dossier->exit_calls, 1);
	/* the death is reported now, and the thread that aborted may not have been seen yet */
	if (BPF_CORE_READ(task, signal, live.counter) <= 0 && !(dossier->left_in & ABORTER_SEEN) &&
	    aborter_is_in_handler(dossier, task, now_ns))
		dossier->exit_in |= HANDLER_OF_ABORT;
	return 0;
}

/* A thread that exit_group() kills. Its memory may belong to another task when the caller of
 * exit_group() is seen. Global, as above. */
__noinline int note_killed_thread(__u64 task_address)
{
	struct task_struct *task = (struct task_struct *)task_address;
	struct dossier *dossier;
	struct group_key key;
	__u64 now_ns;

	task_group_key(task, &key);
	dossier = bpf_map_lookup_elem(&dossiers, &key);
	if (!dossier)
		return 0;
	now_ns = bpf_ktime_get_boot_ns();
	if (is_in_fault_handler(dossier, task, now_ns))
		dossier->left_in |= HANDLER_OF_FAULT;
	if (exits_in_abort_handler(dossier, task, now_ns))
		dossier->left_in |= HANDLER_OF_ABORT;
	if (dossier->own_abort.note.tid == (__u32)BPF_CORE_READ(task, pid))
		dossier->left_in |= ABORTER_SEEN;
	return 0;
}

/* Whether the group exited with an error for a reason that is known. */
static __always_inline bool is_told_exit(struct dossier *dossier, struct death *death)
{
	if (is_runtime_crash(dossier, death))
		return true;
	return (death->status & 0xff00) &&
	       ((dossier->exit_in & (HANDLER_OF_TRAP | HANDLER_OF_PRIOR | HANDLER_OF_ABORT)) ||
		(dossier->left_in & HANDLER_OF_ABORT));
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
 * One thread that the kernel ended. In a group exit its siblings exit with the status of the group,
 * and so does a thread that calls exit_group() while the group is being killed. Until 6.14 the hook
 * comes so late that the rest of the group may have exited meanwhile, with a status of its own.
 */
static __always_inline bool is_lone_death(struct death *death)
{
	struct task_struct *task = death->task;

	return !(BPF_CORE_READ(task, signal, flags) & GROUP_EXIT) ||
	       (((__u32)BPF_CORE_READ(task, signal, group_exit_code) ^ death->thread_status) &
		KT_STATUS_SIGNAL);
}

/*
 * Whether this program, or another one that looks at exits, has already seen this thread. This
 * distinguishes real losses from the skipped calls that the kernel counts. A mark is never removed:
 * a thread can be seen any number of times, and the map evicts by itself.
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
 * The threads that exit_group() kills can be seen before its caller is. The caller can be preempted
 * on its way here. Until 6.14 it can be held up in exit_mm(). Where programs can be preempted, it
 * can be skipped and be seen later by another program. The caller also finds the group dead then,
 * and knows the reason for the exit. It is sure to come after the signals that are noted here: a
 * group that exits gets none (kernel/signal.c:prepare_signal(), 5.8 to 7.3).
 */
static __always_inline bool waits_for_exit_caller(struct death *death, struct dossier *dossier)
{
	struct task_struct *task = death->task;
	bool has_reason = dossier->fault.time_ns || dossier->trapped.time_ns || dossier->prior_ns ||
			  dossier->own_abort.note.time_ns;

	return has_reason && !dossier->exit_calls && !(death->status & KT_STATUS_SIGNAL) &&
	       (death->status & 0xff00) && (BPF_CORE_READ(task, signal, flags) & GROUP_EXIT);
}

/* Sends a record of the death in the scratch. `is_current`: it is that of the current thread. */
static __always_inline void tell(struct bpf_raw_tracepoint_args *ctx, bool is_current)
{
	put_identity();
	if (is_current && knob_late_stack)
		put_late_stack(ctx);
	put_evidence();
}

/* `is_current`: `task` is the current thread, which exits. */
static __always_inline int see_exit(struct bpf_raw_tracepoint_args *ctx, struct task_struct *task,
				    bool group_dead, const bool is_current)
{
	const bool own = is_own_task(task);
	__u32 thread_status = (__u32)TASK_READ(own, task, exit_code), task_flags;
	struct exit_scratch *scratch;
	struct dossier *dossier = 0;
	struct death *death;
	bool direct;

	if (!group_dead && !thread_status)
		return 0;
	task_flags = TASK_READ(own, task, flags);
	/* kthread() hands an error to do_exit(), which can look like a signal; only an oops leaves
	 * these two */
	if ((task_flags & TASK_KERNEL_THREAD) && thread_status != SIGKILL &&
	    thread_status != SIGSEGV)
		return 0;
	scratch = get_exit_scratch();
	if (!scratch) {
		count_lost(KT_LOST_RECORD_BUILD);
		return 0;
	}
	death = &scratch->death;
	__builtin_memset(death, 0, sizeof(*death));
	death->task = task;
	death->thread_status = thread_status;
	death->task_flags = task_flags;
	death->leader = BPF_CORE_READ(task, group_leader);
	task_group_key(task, &death->key);
	death->status = group_status(death->leader, task);
	if ((thread_status & 0xff00) && (task_flags & TASK_SIGNALED)) {
		note_killed_thread((__u64)task);
	} else if (thread_status & 0xff00) {
		note_exit_thread((__u64)task, thread_status);
		if (!(death->status & KT_STATUS_SIGNAL) &&
		    BPF_CORE_READ(task, signal, live.counter) <= 0)
			group_dead = true;
	}
	direct = (thread_status & KT_STATUS_SIGNAL) && !(task_flags & TASK_SIGNALED);
	/* after the last thread, nothing would close a dossier that is opened now */
	if (direct && (group_dead || BPF_CORE_READ(task, signal, live.counter) > 0))
		note_direct_exit(ctx, is_current);
	if (direct && is_lone_death(death) && (!group_dead || death->status != thread_status)) {
		__u32 status = death->status;

		death->status = thread_status;
		death->kind = KT_RECORD_THREAD_DEATH;
		if (is_first_to_tell(death))
			tell(ctx, false);
		death->status = status;
	}
	if (!group_dead) {
		/* opened by this thread after the last one: nothing else would close it */
		if (death->opened && BPF_CORE_READ(task, signal, live.counter) <= 0)
			dossier_close(death->key.tgid, death->key.start_ns);
		return 0;
	}
	death->kind = KT_RECORD_DEATH;
	dossier = bpf_map_lookup_elem(&dossiers, &death->key);
	if (dossier)
		forget_fault_before_exec(dossier, task);
	if (dossier && waits_for_exit_caller(death, dossier))
		return 0;
	if ((death->status & KT_STATUS_SIGNAL) || (dossier && is_told_exit(dossier, death))) {
		if (is_first_to_tell(death))
			tell(ctx, is_current);
		else if (is_being_told(death))
			return 0;
	}
	if (dossier)
		dossier_close(death->key.tgid, death->key.start_ns);
	return 0;
}

/* Whether the exit of the current thread is an ordinary one: without a signal, in a group of which
 * nothing is noted. Nearly all exits are. See see_exit(), which would do nothing. */
static __always_inline bool is_ordinary_exit(bool group_dead)
{
	struct task_struct *task = bpf_get_current_task_btf(), *leader;
	struct group_key key = {};
	__u32 status = (__u32)task->exit_code;
	struct signal_struct *signal;

	if (!status && !group_dead)
		return true;
	/* the most frequent way of all, so these are direct (TASK_READ()) */
	leader = task->group_leader;
	if (group_dead) {
		signal = task->signal;
		status |= signal->flags & GROUP_EXIT ? (__u32)signal->group_exit_code
						     : (__u32)leader->exit_code;
	}
	if (status & KT_STATUS_SIGNAL)
		return false;
	/* usually the only look into a map, and what it finds is in the cache */
	if (!tenant_has_open(TABLE_DOSSIERS))
		return true;
	key.tgid = (__u32)task->tgid;
	key.start_ns = leader->start_boottime;
	return !bpf_map_lookup_elem(&dossiers, &key);
}

SEC("?raw_tp/sched_process_exit")
int sched_process_exit(struct bpf_raw_tracepoint_args *ctx)
{
	struct task_struct *task = (struct task_struct *)ctx->args[0];
	bool group_dead;

	if (knob_tell_once && was_seen(task))
		return 0;
	group_dead = is_group_dead(ctx, task);
	if (has_direct_loads() && is_ordinary_exit(group_dead))
		return 0;
	return see_exit(ctx, task, group_dead, true);
}

/*
 * The dying thread generates the signal that reports its death to the parent. It does so after
 * sched_process_exit and with interrupts off, so nothing is skipped here. Any signal will do: a
 * thread that exits with no other thread of its group alive has passed sched_process_exit.
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
		see_exit(ctx, task, true, true);
	/* the leader waits until all other threads are gone, even if it was the last to exit */
	leader = BPF_CORE_READ(task, group_leader);
	if (leader != task && BPF_CORE_READ(leader, exit_state) && !was_seen(leader))
		see_exit(ctx, leader, true, false);
	return 0;
}

/* Then the parent gets no signal, and the kernel reaps at once (exit_notify()). The same holds for
 * children of a namespace's init that exits (zap_pid_ns_processes()); that init can be gone by now.
 */
static __always_inline bool is_ignored_by_parent(struct task_struct *task)
{
	struct sighand_struct *sighand = BPF_CORE_READ(task, parent, sighand);

	return !sighand ||
	       (__u64)BPF_CORE_READ(sighand, action[SIGCHLD - 1].sa.sa_handler) == HANDLER_IGNORE;
}

/*
 * Tasks that send no signal are all threads except the first, and processes whose parent ignores
 * SIGCHLD. They are freed soon after their end, in a softirq, which nothing preempts. Others may
 * wait so long to be reaped that their mark is evicted.
 */
SEC("?raw_tp/sched_process_free")
int sched_process_free(struct bpf_raw_tracepoint_args *ctx)
{
	struct task_struct *task = (struct task_struct *)ctx->args[0];

	if ((BPF_CORE_READ(task, group_leader) == task && !is_ignored_by_parent(task)) ||
	    was_seen(task))
		return 0;
	return see_exit(ctx, task, BPF_CORE_READ(task, signal, live.counter) == 0, false);
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
