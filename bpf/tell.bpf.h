/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Builds the record of a thread group and sends it: its identity, its cgroups, and those pieces of
 * its dossier that are evidence for the status. Each object that includes this has a scratch of its
 * own.
 */
#ifndef KT_TELL_BPF_H
#define KT_TELL_BPF_H

#include "arch.bpf.h"
#include "cgroup.bpf.h"
#include "dossier.bpf.h"
#include "emit.bpf.h"
#include "knobs.bpf.h"
#include "late_stack.bpf.h"
#include "pieces.bpf.h"
#include "signals.bpf.h"

static __always_inline void fill_record(struct kt_record *record, struct death *death,
					struct dossier *dossier)
{
	struct task_struct *task = death->task, *leader = death->leader;
	const bool own = is_own_task(task);
	__u32 ns_pid = task_ns_pid(leader), signal_flags = BPF_CORE_READ(task, signal, flags);

	__builtin_memset(record, 0, sizeof(*record));
	record->version = KT_WIRE_VERSION;
	record->kind = (__u8)death->kind;
	record->time_ns = bpf_ktime_get_boot_ns();
	record->start_ns = death->key.start_ns;
	record->status = death->status;
	record->tgid = death->key.tgid;
	record->tid = (__u32)TASK_READ(own, task, pid);
	record->uid = BPF_CORE_READ(leader, real_cred, uid.val);
	record->arch = KT_ARCH;
	record->cgroup_id = cgroup_id(task_default_cgroup(leader));
	record->valid = KT_VALID_START | KT_VALID_UID | KT_VALID_CGROUP_ID;
	/* the parent of a reaped process can also be gone */
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
		record->seccomp_mode = (__u8)TASK_READ(own, task, seccomp.mode);
		record->valid |= KT_VALID_SECCOMP_MODE;
	}
	task_read_comm(record->comm, leader);
	if (death->task_flags & TASK_SIGNALED)
		record->flags |= KT_DEATH_SIGNALED;
	if (signal_flags & GROUP_EXIT)
		record->flags |= KT_DEATH_GROUP_EXIT;
	if (BPF_CORE_READ(task, signal, oom_mm))
		record->flags |= KT_DEATH_OOM_MARKED;
	if (death->kind == KT_RECORD_THREAD_DEATH)
		record->flags |= KT_DEATH_DIRECT;
	if (dossier && dossier->direct.time_ns &&
	    ((dossier->direct.status ^ death->status) & KT_STATUS_SIGNAL) == 0)
		record->flags |= KT_DEATH_DIRECT;
	if ((record->flags & KT_DEATH_DIRECT) && dossier && dossier->direct.not_by_call &&
	    is_direct_exit_of(record, &dossier->direct))
		record->flags |= KT_DEATH_NOT_BY_CALL;
	if (BPF_CORE_READ(task, signal, nr_threads) > 1)
		record->flags |= KT_DEATH_MULTITHREADED;
	if (BPF_CORE_READ(task, signal, tty))
		record->flags |= KT_DEATH_HAS_TERMINAL;
	record->valid |= KT_VALID_TERMINAL;
	if (BPF_CORE_READ(leader, flags) & TASK_NEVER_EXECED)
		record->flags |= KT_DEATH_NEVER_EXECED;
}

/* An OOM kill that ends a core dump is still an OOM kill: the kernel counts it. */
static __always_inline bool is_told_of_dump(struct death *death, struct dossier *dossier)
{
	return dossier && dossier->dump_signal && death->kind == KT_RECORD_DEATH &&
	       (death->status & KT_STATUS_SIGNAL) == SIGKILL &&
	       !(dossier->oom.flags & (KT_OOM_MARKED | KT_OOM_SHARED_MM));
}

/* The first half of a record: whose death it is. Both halves are global functions without
 * arguments, so that the verifier looks at each once. */
__noinline int put_identity(void)
{
	struct exit_scratch *scratch = get_exit_scratch();
	struct dossier *dossier = scratch ? bpf_map_lookup_elem(&dossiers, &scratch->death.key) : 0;
	struct kt_record *record;
	struct cgroup *memory;
	struct death *death;
	__u64 systemd;

	if (!scratch)
		return 0;
	death = &scratch->death;
	record = (void *)scratch->record;
	fill_record(record, death, dossier);
	scratch->key = death->key;
	scratch->at = sizeof(*record);
	/* threads may be in cgroups of their own; that of the leader counts for the process */
	put_path((__u64)task_default_cgroup(death->leader), KT_SECTION_CGROUP_PATH);
	memory = task_v1_memory_cgroup(death->leader);
	if (memory) {
		record->flags |= KT_DEATH_MEMORY_V1;
		record->memory_cgroup_id = cgroup_id(memory);
		put_path((__u64)memory, KT_SECTION_MEMORY_PATH);
	}
	if (is_root(task_default_cgroup(death->leader))) {
		systemd = systemd_cgroup((__u64)death->leader);
		if (systemd)
			put_path(systemd, KT_SECTION_SYSTEMD_PATH);
	}
	put_exe((__u64)death->task);
	return 0;
}

/* The second half: the evidence. Sends the record. */
__noinline int put_evidence(void)
{
	struct exit_scratch *scratch = get_exit_scratch();
	struct dossier *dossier = scratch ? bpf_map_lookup_elem(&dossiers, &scratch->death.key) : 0;
	struct kt_record *record;
	struct death *death;
	__u32 number;

	if (!scratch)
		return 0;
	death = &scratch->death;
	record = (void *)scratch->record;
	number = death->status & KT_STATUS_SIGNAL;
	if (is_told_of_dump(death, dossier)) {
		record->flags |= KT_DEATH_WHILE_DUMPING;
		number = dossier->dump_signal;
	}
	if (!put_signal(number) && number && knob_has_signal_generate &&
	    !(record->flags & KT_DEATH_DIRECT))
		record->flags |= KT_DEATH_NOTES_LOST;
	if (!number && dossier && (dossier->exit_in & HANDLER_OF_PRIOR))
		record->flags |= KT_DEATH_AFTER_SIGNAL;
	if (dossier && dossier->lost_details)
		record->flags |= KT_DEATH_DETAILS_LOST;
	put_fault_and_oom();
	put_direct_exit();
	emit(scratch);
	return 0;
}

#endif
