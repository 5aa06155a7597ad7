/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Puts together the record of a thread group and sends it: who it is, where it is, and those pieces of
 * its dossier that are evidence for the status. Each object that includes this has a scratch of its own.
 */
#ifndef KT_TELL_BPF_H
#define KT_TELL_BPF_H

#include "arch.bpf.h"
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

static __always_inline void fill_record(struct kt_record *record, struct death *death,
					struct dossier *dossier)
{
	struct task_struct *task = death->task, *leader = death->leader;
	__u32 ns_pid = task_ns_pid(leader);

	__builtin_memset(record, 0, sizeof(*record));
	record->version = KT_WIRE_VERSION;
	record->kind = (__u8)death->kind;
	record->time_ns = bpf_ktime_get_boot_ns();
	record->start_ns = death->key.start_ns;
	record->status = death->status;
	record->thread_status = death->thread_status;
	record->tgid = death->key.tgid;
	record->tid = (__u32)BPF_CORE_READ(task, pid);
	record->uid = BPF_CORE_READ(leader, real_cred, uid.val);
	record->arch = KT_ARCH;
	record->cgroup_id = cgroup_id(task_default_cgroup(task));
	record->valid = KT_VALID_START | KT_VALID_UID | KT_VALID_CGROUP_ID;
	/* of who was reaped the parent can be gone too */
	if (ns_pid) {
		record->ppid = (__u32)BPF_CORE_READ(leader, real_parent, tgid);
		record->valid |= KT_VALID_PARENT;
	} else if (dossier) {
		ns_pid = dossier->ns_pid;
	}
	if (ns_pid) {
		record->ns_pid = ns_pid;
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

/* The newest note about this signal, and what hangs on it. One user stack is
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
	put_stack(scratch,
		  dossier->direct.stack_is_oops ? KT_SECTION_OOPS_STACK : KT_SECTION_EXIT_STACK,
		  &dossier->direct.stack);
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

/* An OOM kill is one also when it ends a core dump: the kernel counts it. */
static __always_inline bool is_told_of_dump(struct death *death, struct dossier *dossier)
{
	return dossier && dossier->dump_signal && death->kind == KT_RECORD_DEATH &&
	       (death->status & STATUS_SIGNAL) == SIGKILL &&
	       !(dossier->oom.flags & (KT_OOM_MARKED | KT_OOM_SHARED_MM));
}

static __noinline int tell(struct death *death, struct dossier *dossier)
{
	struct exit_scratch *scratch = get_exit_scratch();
	struct kt_record *record;
	struct cgroup *memory;
	__u64 systemd;

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
	if (is_root(task_default_cgroup(death->task))) {
		systemd = systemd_cgroup((__u64)death->task);
		if (systemd)
			put_path(systemd, KT_SECTION_SYSTEMD_PATH);
	}
	put_exe((__u64)death->task);
	if (is_told_of_dump(death, dossier)) {
		record->flags |= KT_DEATH_WHILE_DUMPING;
		put_signal(dossier->dump_signal);
	} else {
		put_signal(death->status & STATUS_SIGNAL);
	}
	put_fault_and_oom();
	put_direct_exit();
	emit(scratch);
	return 0;
}

#endif
