// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * sched:sched_process_exit: the death itself. The status is final here, core bit included; it
 * decides which piece of the dossier is evidence, and all leaves as one record.
 */
#include "cgroup.bpf.h"
#include "emit.bpf.h"
#include "knobs.bpf.h"
#include "signals.bpf.h"
#include "task.bpf.h"

struct death {
	struct task_struct *task;
	struct task_struct *leader;
	__u32 status;        /* of the group */
	__u32 thread_status; /* of `task` */
	__u32 task_flags;
	__u32 kind;
	struct group_key key;
};

/* include/linux/sched/signal.h; before 6.1 do_group_exit() stored nothing for a single thread. */
static __always_inline __u32 group_status(struct task_struct *leader, struct task_struct *task)
{
	if (BPF_CORE_READ(task, signal, flags) & GROUP_EXIT)
		return (__u32)BPF_CORE_READ(task, signal, group_exit_code);
	return (__u32)BPF_CORE_READ(leader, exit_code);
}

static __always_inline void read_kernel_fault(struct direct_exit *direct, __u32 tid)
{
	__u32 zero = 0;
	struct last_fault *last = bpf_map_lookup_elem(&kernel_faults, &zero);

	if (!last || last->tid != tid)
		return;
	direct->kernel_fault.time_ns = last->time_ns;
	direct->kernel_fault.error_code = last->error_code;
	if (!knob_no_addresses) {
		direct->kernel_fault.address = last->address;
		direct->kernel_fault.ip = last->ip;
	}
	direct->has_kernel_fault = 1;
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
		read_kernel_stack(ctx, &direct->stack);
	return dossier;
}

static __always_inline void fill_record(struct kt_record *record, struct death *death,
					struct dossier *dossier)
{
	struct task_struct *task = death->task, *leader = death->leader;
	struct pid *pid = BPF_CORE_READ(leader, thread_pid);
	__u32 level = BPF_CORE_READ(pid, level);
	struct upid *upid = (void *)pid + bpf_core_field_offset(struct pid, numbers) +
			    level * bpf_core_type_size(struct upid);

	__builtin_memset(record, 0, sizeof(*record));
	record->version = KT_WIRE_VERSION;
	record->kind = (__u8)death->kind;
	record->time_ns = bpf_ktime_get_boot_ns();
	record->start_ns = death->key.start_ns;
	record->status = death->status;
	record->thread_status = death->thread_status;
	record->tgid = death->key.tgid;
	record->tid = (__u32)BPF_CORE_READ(task, pid);
	record->ppid = (__u32)BPF_CORE_READ(leader, real_parent, tgid);
	record->uid = BPF_CORE_READ(leader, real_cred, uid.val);
	record->cgroup_id = cgroup_id(task_default_cgroup(task));
	record->valid = KT_VALID_START | KT_VALID_PARENT | KT_VALID_UID | KT_VALID_CGROUP_ID;
	if (pid) {
		record->ns_pid = (__u32)BPF_CORE_READ(upid, nr);
		record->valid |= KT_VALID_NS_PID;
	}
	if (compat_has_seccomp_mode()) {
		record->seccomp_mode = (__u8)BPF_CORE_READ(task, seccomp.mode);
		record->valid |= KT_VALID_SECCOMP_MODE;
	}
	task_read_comm(record->comm, leader);
	if (death->task_flags & TASK_SIGNALED)
		record->flags |= KT_DEATH_SIGNALED;
	if (BPF_CORE_READ(task, signal, flags) & GROUP_EXIT)
		record->flags |= KT_DEATH_GROUP_EXIT;
	if (BPF_CORE_READ(task, signal, oom_mm))
		record->flags |= KT_DEATH_OOM_MARKED;
	if (death->kind == KT_RECORD_THREAD_DEATH)
		record->flags |= KT_DEATH_DIRECT;
	if (dossier && dossier->direct.time_ns &&
	    ((dossier->direct.status ^ death->status) & STATUS_SIGNAL) == 0)
		record->flags |= KT_DEATH_DIRECT;
	if (BPF_CORE_READ(task, signal, nr_threads) > 1)
		record->flags |= KT_DEATH_MULTITHREADED;
}

static __always_inline void put_stack(struct exit_scratch *scratch, __u16 type, struct stack *stack)
{
	put_bytes(scratch, type, stack->frames, stack->bytes, sizeof(stack->frames));
}

/*
 * One function per piece of evidence, global and with scalars only, so that the verifier looks at
 * each once and not at every combination of what is there and what is not. Each finds the record
 * and the dossier by itself.
 */

/* The newest note about the signal that the status names, and what hangs on it. One user stack is
 * kept: it is sent when it belongs to that signal or to the fault. */
__noinline int put_signal(__u32 number)
{
	struct exit_scratch *scratch = get_exit_scratch();
	struct dossier *dossier = scratch ? bpf_map_lookup_elem(&dossiers, &scratch->key) : 0;
	__u64 signal_time_ns = 0;

	if (!dossier)
		return 0;
	for (__u32 i = 0; i < SIGNAL_SLOTS; i++) {
		struct kt_signal *signal = &dossier->signals[i];

		if (!number || (__u32)signal->number != number)
			continue;
		signal_time_ns = signal->time_ns;
		put_bytes(scratch, KT_SECTION_SIGNAL, signal, sizeof(*signal), sizeof(*signal));
		put_stack(scratch, KT_SECTION_KERNEL_STACK, &dossier->stacks[i]);
		break;
	}
	if (signal_time_ns && dossier->sender_path_bytes &&
	    dossier->sender_path_time_ns == signal_time_ns)
		put_bytes(scratch, KT_SECTION_SENDER_PATH, dossier->sender_path,
			  dossier->sender_path_bytes - 1, KT_SIDE_PATH_LEN);
	if (signal_time_ns && dossier->rlimit_time_ns == signal_time_ns)
		put_bytes(scratch, KT_SECTION_RLIMIT, &dossier->rlimit, sizeof(dossier->rlimit),
			  sizeof(dossier->rlimit));
	if (dossier->user_stack_bytes && (dossier->user_stack_time_ns == dossier->fault.time_ns ||
					  dossier->user_stack_time_ns == signal_time_ns))
		put_bytes(scratch, KT_SECTION_USER_STACK, dossier->user_stack,
			  dossier->user_stack_bytes, sizeof(dossier->user_stack));
	return 0;
}

__noinline int put_fault_and_oom(void)
{
	struct exit_scratch *scratch = get_exit_scratch();
	struct dossier *dossier = scratch ? bpf_map_lookup_elem(&dossiers, &scratch->key) : 0;

	if (!dossier)
		return 0;
	if (dossier->fault.time_ns)
		put_bytes(scratch, KT_SECTION_FAULT, &dossier->fault, sizeof(dossier->fault),
			  sizeof(dossier->fault));
	if (!dossier->oom.time_ns)
		return 0;
	put_bytes(scratch, KT_SECTION_OOM, &dossier->oom, sizeof(dossier->oom),
		  sizeof(dossier->oom));
	if (dossier->limit_path_bytes)
		put_bytes(scratch, KT_SECTION_OOM_LIMIT_PATH, dossier->limit_path,
			  dossier->limit_path_bytes - 1, KT_SIDE_PATH_LEN);
	return 0;
}

__noinline int put_direct_exit(void)
{
	struct exit_scratch *scratch = get_exit_scratch();
	struct dossier *dossier = scratch ? bpf_map_lookup_elem(&dossiers, &scratch->key) : 0;

	if (!dossier || !dossier->direct.time_ns)
		return 0;
	put_stack(scratch, KT_SECTION_EXIT_STACK, &dossier->direct.stack);
	if (dossier->direct.has_kernel_fault)
		put_bytes(scratch, KT_SECTION_KERNEL_FAULT, &dossier->direct.kernel_fault,
			  sizeof(dossier->direct.kernel_fault),
			  sizeof(dossier->direct.kernel_fault));
	return 0;
}

/* Puts the path of a cgroup into the record. */
__noinline int put_path(__u64 cgroup, __u32 type)
{
	struct exit_scratch *scratch = get_exit_scratch();

	if (!scratch)
		return 0;
	cgroup_read_path(cgroup, PATH_OF_EXIT);
	if (scratch->path.truncated)
		((struct kt_record *)scratch->record)->flags |= KT_DEATH_PATH_TRUNCATED;
	if (scratch->path.bytes)
		put_bytes(scratch, (__u16)type, scratch->path.text, scratch->path.bytes - 1,
			  KT_PATH_LEN);
	return 0;
}

__noinline int put_exe(__u64 task_address)
{
	struct task_struct *task = (struct task_struct *)task_address;
	struct exit_scratch *scratch = get_exit_scratch();
	char exe[KT_NAME_LEN] = {};
	struct dossier *dossier;
	__u32 bytes;

	if (!scratch)
		return 0;
	dossier = bpf_map_lookup_elem(&dossiers, &scratch->key);
	/* Until 6.14 the mm is gone by now; after that it is newer than what was noted. */
	bytes = task_read_exe(exe, task);
	if (bytes)
		put_bytes(scratch, KT_SECTION_EXE, exe, bytes - 1, KT_NAME_LEN);
	else if (dossier && dossier->exe_bytes)
		put_bytes(scratch, KT_SECTION_EXE, dossier->exe, dossier->exe_bytes - 1,
			  KT_NAME_LEN);
	return 0;
}

static __noinline int tell(struct death *death, struct dossier *dossier)
{
	struct exit_scratch *scratch = get_exit_scratch();
	struct kt_record *record;
	struct cgroup *memory;

	if (!death || !scratch) {
		count_lost(KT_LOST_RECORD_BUILD);
		return 0;
	}
	record = (void *)scratch->record;
	fill_record(record, death, dossier);
	scratch->key = death->key;
	scratch->at = sizeof(*record);
	put_path((__u64)task_default_cgroup(death->task), KT_SECTION_CGROUP_PATH);
	memory = task_v1_memory_cgroup(death->task);
	if (memory) {
		record->flags |= KT_DEATH_MEMORY_V1;
		record->memory_cgroup_id = cgroup_id(memory);
		put_path((__u64)memory, KT_SECTION_MEMORY_PATH);
	}
	put_exe((__u64)death->task);
	put_signal(death->status & STATUS_SIGNAL);
	put_fault_and_oom();
	put_direct_exit();
	emit(scratch);
	return 0;
}

/*
 * Without group_dead from the kernel, two threads can both find live == 0, and the second may come
 * when the first is reaped already; and where this program is attached twice (knob_tell_once), it
 * sees each death twice. A thread's own death is kept apart from that of its group.
 */
static __always_inline bool is_first_to_tell(struct death *death)
{
	struct group_key key = death->key;
	struct task_struct *task = death->task;
	__u8 one = 1;

	if (death->kind == KT_RECORD_THREAD_DEATH) {
		if (!knob_tell_once)
			return true;
		key.tgid = (__u32)BPF_CORE_READ(task, pid);
		key.reserved = 1;
	} else if (knob_exit_has_group_dead && !knob_tell_once) {
		return true;
	}
	return bpf_map_update_elem(&told, &key, &one, BPF_NOEXIST) == 0;
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
	       (__u32)BPF_CORE_READ(task, signal, group_exit_code) != death->thread_status;
}

/* So that the kernel's count of skipped calls can be told from what is really lost. */
static __always_inline void keep_account(struct task_struct *task)
{
	struct group_key thread = {
		.tgid = (__u32)BPF_CORE_READ(task, pid),
		.start_ns = BPF_CORE_READ(task, start_boottime),
	};
	__u32 zero = 0;
	__u64 *count;
	__u8 one = 1;

	if (!knob_is_second) {
		bpf_map_update_elem(&seen_once, &thread, &one, BPF_ANY);
		return;
	}
	if (!bpf_map_delete_elem(&seen_once, &thread))
		return;
	count = bpf_map_lookup_elem(&rescued, &zero);
	if (count)
		(*count)++;
}

SEC("?raw_tp/sched_process_exit")
int sched_process_exit(struct bpf_raw_tracepoint_args *ctx)
{
	struct task_struct *task = (struct task_struct *)ctx->args[0];
	struct death death = { .task = task };
	struct dossier *dossier = 0;
	bool direct, group_dead;

	if (knob_tell_once)
		keep_account(task);
	death.thread_status = (__u32)BPF_CORE_READ(task, exit_code);
	group_dead = is_group_dead(ctx, task);
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
	if ((death.status & STATUS_SIGNAL) || (dossier && is_runtime_crash(dossier, &death))) {
		if (is_first_to_tell(&death))
			tell(&death, dossier);
	}
	if (dossier)
		dossier_close(&death.key);
	return 0;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
