/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The pieces of evidence of a dossier, each put into the record that leaves the kernel. */
#ifndef KT_PIECES_BPF_H
#define KT_PIECES_BPF_H

#include "cgroup.bpf.h"
#include "dossier.bpf.h"
#include "emit.bpf.h"
#include "task.bpf.h"

static __always_inline void put_stack(struct exit_scratch *scratch, __u16 type, struct stack *stack)
{
	put_bytes(scratch, type, stack->frames, stack->bytes, sizeof(stack->frames));
}

/*
 * One function per piece of evidence, global and with scalars only, so that the verifier looks at
 * each once and not at every combination of pieces. Each finds the record and the dossier by
 * itself.
 */

/* A path that was kept at the signal. */
__noinline int put_kept_path(__u64 cgroup, __u64 id, __u32 type)
{
	struct path_key key = { cgroup, id };
	struct exit_scratch *scratch = get_exit_scratch();
	struct kept_path *path = bpf_map_lookup_elem(&paths, &key);

	if (!scratch || !cgroup)
		return 0;
	if (path)
		put_bytes(scratch, (__u16)type, path->text, path->bytes - 1, KT_SIDE_PATH_LEN);
	return path != 0;
}

/* The cgroups and the executable of the sender of the signal in this slot. */
__noinline int put_sender(__u32 slot)
{
	struct exit_scratch *scratch = get_exit_scratch();
	struct dossier *dossier = scratch ? bpf_map_lookup_elem(&dossiers, &scratch->key) : 0;
	struct sender *sender;
	struct name *exe;

	if (!dossier || slot >= SIGNAL_SLOTS)
		return 0;
	sender = &dossier->senders[slot];
	if (!sender->path.cgroup)
		return 0;
	if (!put_kept_path(sender->path.cgroup, sender->path.id, KT_SECTION_SENDER_PATH))
		((struct kt_record *)scratch->record)->flags |= KT_DEATH_SENDER_LOST;
	put_kept_path(sender->memory.cgroup, sender->memory.id, KT_SECTION_SENDER_MEMORY_PATH);
	exe = bpf_map_lookup_elem(&sender_exes, &sender->group);
	if (exe)
		put_bytes(scratch, KT_SECTION_SENDER_EXE, exe->text, exe->bytes - 1, KT_NAME_LEN);
	return 0;
}

/* It crashed in the handler of its own abort, or exited there (0: without a signal). */
static __always_inline bool ends_in_abort_handler(struct dossier *dossier, __u64 signal_time_ns)
{
	if (!dossier->own_abort.note.time_ns)
		return false;
	return signal_time_ns ? dossier->own_abort.crash_ns == signal_time_ns
			      : (dossier->exit_in | dossier->left_in) & HANDLER_OF_ABORT;
}

/* The details are those of the same group. One user stack is kept: it is sent when it belongs to
 * that signal or to the fault. */
__noinline int put_stacks(__u32 slot, __u64 signal_time_ns)
{
	struct exit_scratch *scratch = get_exit_scratch();
	struct dossier *dossier = scratch ? bpf_map_lookup_elem(&dossiers, &scratch->key) : 0;
	struct details *details = dossier ? details_of(&scratch->key, dossier) : 0;

	if (!details)
		return 0;
	if (slot < SIGNAL_SLOTS)
		put_stack(scratch, KT_SECTION_KERNEL_STACK, &details->stacks[slot]);
	if (details->user_stack_bytes &&
	    (details->user_stack_time_ns == dossier->fault.time_ns ||
	     details->user_stack_time_ns == signal_time_ns ||
	     (details->user_stack_time_ns == dossier->own_abort.note.time_ns &&
	      ends_in_abort_handler(dossier, signal_time_ns))))
		put_bytes(scratch, KT_SECTION_USER_STACK, details->user_stack,
			  details->user_stack_bytes, sizeof(details->user_stack));
	return 0;
}

/* Prior signals came before the one that ended the group. Global, and one by one: the verifier
 * looks at each once. */
__noinline int put_prior_path(__u32 index)
{
	struct exit_scratch *scratch = get_exit_scratch();
	struct dossier *dossier = scratch ? bpf_map_lookup_elem(&dossiers, &scratch->key) : 0;
	struct named_path *named;
	struct kept_path *path;

	if (!dossier || index >= KT_PRIOR_SIGNALS || !dossier->prior_paths[index].cgroup)
		return 0;
	path = bpf_map_lookup_elem(&paths, &dossier->prior_paths[index]);
	if (!path) {
		((struct kt_record *)scratch->record)->flags |= KT_DEATH_SENDER_LOST;
		return 0;
	}
	named = &scratch->named;
	named->id = dossier->prior_paths[index].id;
	bpf_probe_read_kernel(named->text, KT_SIDE_PATH_LEN, path->text);
	put_bytes(scratch, KT_SECTION_PRIOR_PATH, named, sizeof(named->id) - 1 + path->bytes,
		  sizeof(*named));
	return 0;
}

__noinline int put_priors(__u64 before_ns)
{
	struct exit_scratch *scratch = get_exit_scratch();
	struct dossier *dossier = scratch ? bpf_map_lookup_elem(&dossiers, &scratch->key) : 0;
	__u32 count = 0;

	if (!dossier)
		return 0;
	for (__u32 i = 0; i < KT_PRIOR_SIGNALS; i++)
		if (dossier->priors[i].number && dossier->priors[i].time_ns < before_ns)
			count = i + 1;
	if (!count)
		return 0;
	put_bytes(scratch, KT_SECTION_PRIOR_SIGNALS, dossier->priors,
		  count * sizeof(struct kt_prior_signal), sizeof(dossier->priors));
	put_prior_path(0);
	if (count > 1)
		put_prior_path(1);
	if (count > 2)
		put_prior_path(2);
	return 0;
}

/* A signal that the process sent itself in the handler of SIGSYS, or its exit there. */
__noinline int put_trapped_call(__u64 signal_time_ns)
{
	struct exit_scratch *scratch = get_exit_scratch();
	struct dossier *dossier = scratch ? bpf_map_lookup_elem(&dossiers, &scratch->key) : 0;

	if (!dossier || !dossier->trapped.time_ns)
		return 0;
	if (signal_time_ns ? dossier->trapped_signal_ns == signal_time_ns
			   : (dossier->exit_in & HANDLER_OF_TRAP) != 0)
		put_bytes(scratch, KT_SECTION_TRAPPED_CALL, &dossier->trapped,
			  sizeof(dossier->trapped), sizeof(dossier->trapped));
	return 0;
}

/* The fault that ended the group, in the handler of the one that is its root. */
__noinline int put_handler_fault(__u64 signal_time_ns)
{
	struct exit_scratch *scratch = get_exit_scratch();
	struct dossier *dossier = scratch ? bpf_map_lookup_elem(&dossiers, &scratch->key) : 0;
	struct details *details = dossier ? details_of(&scratch->key, dossier) : 0;

	if (details && signal_time_ns && dossier->handler_crash_ns == signal_time_ns &&
	    details->handler_fault.time_ns == signal_time_ns)
		put_bytes(scratch, KT_SECTION_HANDLER_FAULT, &details->handler_fault,
			  sizeof(details->handler_fault), sizeof(details->handler_fault));
	return 0;
}

/* The abort in whose handler the group crashed or exited. */
__noinline int put_own_abort(__u64 signal_time_ns)
{
	struct exit_scratch *scratch = get_exit_scratch();
	struct dossier *dossier = scratch ? bpf_map_lookup_elem(&dossiers, &scratch->key) : 0;

	if (dossier && ends_in_abort_handler(dossier, signal_time_ns))
		put_bytes(scratch, KT_SECTION_OWN_ABORT, &dossier->own_abort.note,
			  sizeof(dossier->own_abort.note), sizeof(dossier->own_abort.note));
	return 0;
}

/* The newest note about this signal, with everything that belongs to it. */
__noinline int put_signal(__u32 number)
{
	struct exit_scratch *scratch = get_exit_scratch();
	struct dossier *dossier = scratch ? bpf_map_lookup_elem(&dossiers, &scratch->key) : 0;
	__u64 signal_time_ns = 0;
	__u32 slot = SIGNAL_SLOTS;

	if (!dossier)
		return 0;
	for (__u32 i = 0; i < SIGNAL_SLOTS; i++) {
		struct kt_signal *signal = &dossier->signals[i];

		if (!number || (__u32)signal->number != number)
			continue;
		slot = i;
		signal_time_ns = signal->time_ns;
		put_bytes(scratch, KT_SECTION_SIGNAL, signal, sizeof(*signal), sizeof(*signal));
		break;
	}
	put_stacks(slot, signal_time_ns);
	put_sender(slot);
	put_priors(signal_time_ns ? signal_time_ns : ~0ULL);
	put_trapped_call(signal_time_ns);
	put_handler_fault(signal_time_ns);
	put_own_abort(signal_time_ns);
	if (signal_time_ns && dossier->rlimit_time_ns == signal_time_ns)
		put_bytes(scratch, KT_SECTION_RLIMIT, &dossier->rlimit, sizeof(dossier->rlimit),
			  sizeof(dossier->rlimit));
	return slot < SIGNAL_SLOTS;
}

/* What filled the limit that was hit. */
__noinline int put_limit_memory(void)
{
	struct exit_scratch *scratch = get_exit_scratch();
	struct dossier *dossier = scratch ? bpf_map_lookup_elem(&dossiers, &scratch->key) : 0;
	struct kt_limit_memory *memory;
	struct limit_key key = {};

	if (!dossier || !dossier->limit_ns)
		return 0;
	key.cgroup = dossier->limit.cgroup;
	key.time_ns = dossier->limit_ns;
	memory = bpf_map_lookup_elem(&limit_memories, &key);
	if (memory)
		put_bytes(scratch, KT_SECTION_LIMIT_MEMORY, memory, sizeof(*memory),
			  sizeof(*memory));
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
	if ((dossier->fault.valid & KT_FAULT_HAS_MODULE) && dossier->module.has_build_id)
		put_bytes(scratch, KT_SECTION_FAULT_BUILD_ID, dossier->module.build_id,
			  sizeof(dossier->module.build_id), sizeof(dossier->module.build_id));
	if (dossier->fault.time_ns && (dossier->bus.flags || dossier->bus.type[0]))
		put_bytes(scratch, KT_SECTION_BUS_ERROR, &dossier->bus, sizeof(dossier->bus),
			  sizeof(dossier->bus));
	if (!dossier->oom.time_ns)
		return 0;
	put_bytes(scratch, KT_SECTION_OOM, &dossier->oom, sizeof(dossier->oom),
		  sizeof(dossier->oom));
	put_kept_path(dossier->limit.cgroup, dossier->limit.id, KT_SECTION_OOM_LIMIT_PATH);
	put_limit_memory();
	return 0;
}

/* The notes can be of another thread that left at the same time. */
static __always_inline bool is_direct_exit_of(struct kt_record *record, struct direct_exit *direct)
{
	return record->kind != KT_RECORD_THREAD_DEATH || direct->tid == record->tid;
}

__noinline int put_direct_exit(void)
{
	struct exit_scratch *scratch = get_exit_scratch();
	struct dossier *dossier = scratch ? bpf_map_lookup_elem(&dossiers, &scratch->key) : 0;
	struct details *details;

	if (!dossier || !dossier->direct.time_ns ||
	    !is_direct_exit_of((struct kt_record *)scratch->record, &dossier->direct))
		return 0;
	details = details_of(&scratch->key, dossier);
	if (details)
		put_stack(scratch,
			  dossier->direct.stack_is_oops ? KT_SECTION_OOPS_STACK
							: KT_SECTION_EXIT_STACK,
			  &details->direct_stack);
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
	/* Until 6.14 the memory is gone by now, and later if another program saw the exit. */
	bytes = task_read_exe(exe, task);
	if (bytes)
		put_bytes(scratch, KT_SECTION_EXE, exe, bytes - 1, KT_NAME_LEN);
	else if (dossier && dossier->exe_bytes &&
		 dossier->exe_exec_id == BPF_CORE_READ(task, self_exec_id))
		put_bytes(scratch, KT_SECTION_EXE, dossier->exe, dossier->exe_bytes - 1,
			  KT_NAME_LEN);
	return 0;
}

#endif
