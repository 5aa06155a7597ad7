/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* How the sender of a signal and its target are related, and how the signal was sent. */
#ifndef KT_RELATION_BPF_H
#define KT_RELATION_BPF_H

#include "compat.bpf.h"
#include "disposition.bpf.h"
#include "task.bpf.h"

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

/* In the map and not in a register: the verifier would follow each combination. */
static __always_inline void set_flag(struct signal_scratch *scratch, __u32 flag)
{
	*(volatile __u32 *)&scratch->flags |= flag;
}

/* Job control and a service's own processes stay in one session. A command that is run in a service
 * or a container from outside has its own session. */
__noinline int compare_sessions(__u64 sender_address, __u64 target_address)
{
	struct task_struct *sender = (struct task_struct *)sender_address;
	struct task_struct *target = (struct task_struct *)target_address;
	__u64 of_sender = (__u64)BPF_CORE_READ(sender, signal, pids[PIDTYPE_SID]);
	__u64 of_target = (__u64)BPF_CORE_READ(target, signal, pids[PIDTYPE_SID]);

	if (!of_sender || !of_target)
		return 0;
	return of_sender == of_target ? KT_SIGNAL_SAME_SESSION : KT_SIGNAL_OTHER_SESSION;
}

/* SIGPIPE: the write that fails is still under way (fs/pipe.c, net/core/stream.c,
 * net/unix/af_unix.c). */
__noinline int read_broken_pipe(void)
{
	struct signal_scratch *scratch = get_signal_scratch();
	struct task_struct *sender;
	struct event *event;
	__u32 type;

	if (!scratch)
		return 0;
	event = &scratch->event;
	sender = event->sender;
	if (!event->self || event->info || !arch_is_write(sender, event->user.syscall_nr))
		return 0;
	type = task_file_type(sender, (__u64)event->user.argument & 0xffffffff);
	if (type == FILE_IS_PIPE)
		set_flag(scratch, KT_SIGNAL_WROTE_TO_PIPE);
	else if (type == FILE_IS_SOCKET)
		set_flag(scratch, KT_SIGNAL_WROTE_TO_SOCKET);
	return 0;
}

/*
 * A process that kills its own process group is in it, and whether it or its child dies first is
 * chance. Looks at the newest child: complete_signal() has stored SIGKILL in its group by now. A
 * child that is already dead was killed before, or has been reported.
 */
__noinline int read_dying_child(void)
{
	struct signal_scratch *scratch = get_signal_scratch();
	struct task_struct *sender, *child;
	__u64 newest, group;

	if (!scratch || !scratch->event.self)
		return 0;
	sender = scratch->event.sender;
	newest = (__u64)BPF_CORE_READ(sender, children.prev);
	if (!newest ||
	    newest == (__u64)sender + bpf_core_field_offset(struct task_struct, children))
		return 0;
	child = (void *)(newest - bpf_core_field_offset(struct task_struct, sibling));
	group = (__u64)BPF_CORE_READ(sender, signal, pids[PIDTYPE_PGID]);
	if (!group || group != (__u64)BPF_CORE_READ(child, signal, pids[PIDTYPE_PGID]) ||
	    BPF_CORE_READ(child, exit_state))
		return 0;
	if ((BPF_CORE_READ(child, signal, flags) & GROUP_EXIT) &&
	    (BPF_CORE_READ(child, signal, group_exit_code) & KT_STATUS_SIGNAL) == SIGKILL)
		set_flag(scratch, KT_SIGNAL_AFTER_CHILD);
	return 0;
}

/* How sender and target are related, and how the signal was sent. */
__noinline int read_relation(void)
{
	struct signal_scratch *scratch = get_signal_scratch();
	struct task_struct *target, *sender;
	struct event *event;
	__u32 sender_flags;
	bool own;

	if (!scratch)
		return 0;
	event = &scratch->event;
	target = event->target;
	sender = event->sender;
	own = is_own_task(target);
	sender_flags = CURRENT_READ(sender, flags);
	*(volatile __u32 *)&scratch->flags = 0;
	if (event->self)
		set_flag(scratch, KT_SIGNAL_SELF);
	if (event->group)
		set_flag(scratch, KT_SIGNAL_GROUP);
	if (event->handled)
		set_flag(scratch, KT_SIGNAL_HANDLED);
	if (is_blocked(event))
		set_flag(scratch, KT_SIGNAL_BLOCKED);
	if (sender_flags & TASK_EXITING) {
		set_flag(scratch, KT_SIGNAL_SENDER_EXITING);
		if (BPF_CORE_READ(sender, signal, live.counter) > 0)
			set_flag(scratch, KT_SIGNAL_SENDER_LIVES);
	}
	if (sender_flags & TASK_KERNEL_THREAD)
		set_flag(scratch, KT_SIGNAL_SENDER_KTHREAD);
	if (TASK_READ(own, target, ptrace)) {
		set_flag(scratch, KT_SIGNAL_TARGET_PTRACED);
		if (BPF_CORE_READ(target, parent, tgid) == BPF_CORE_READ(sender, tgid))
			set_flag(scratch, KT_SIGNAL_SENDER_IS_TRACER);
	}
	if ((__u32)TASK_READ(own, target, pdeath_signal) == event->number)
		set_flag(scratch, KT_SIGNAL_IS_PDEATH_SIGNAL);
	if (!event->self && is_namespace_init_of((__u64)sender, (__u64)target))
		set_flag(scratch, KT_SIGNAL_SENDER_IS_REAPER);
	if (BPF_CORE_READ(target, group_leader, thread_pid, level) &&
	    is_namespace_init_of((__u64)target, (__u64)target))
		set_flag(scratch, KT_SIGNAL_TARGET_IS_REAPER);
	if (!event->self &&
	    BPF_CORE_READ(target, group_leader, real_parent, tgid) == BPF_CORE_READ(sender, tgid))
		set_flag(scratch, KT_SIGNAL_SENDER_IS_PARENT);
	if (!event->self)
		set_flag(scratch, (__u32)compare_sessions((__u64)sender, (__u64)target));
	if (!arch_is_kill(sender, event->user.syscall_nr))
		return 0;
	if ((__s32)event->user.argument == -1)
		set_flag(scratch, KT_SIGNAL_TO_ALL);
	else if ((__s32)event->user.argument <= 0)
		set_flag(scratch, KT_SIGNAL_TO_PROCESS_GROUP);
	return 0;
}

#endif
