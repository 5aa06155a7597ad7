// SPDX-License-Identifier: BSD-2-Clause
#include "decode/root.h"

#include <signal.h>
#include <string.h>

#define CODE_SECCOMP 1 /* SYS_SECCOMP */

/* The newest prior signal with this number (0: any) that a handler took. -1: none is known. */
static int find_prior(const struct death *death, int number)
{
	for (int i = (int)death->prior_count - 1; i >= 0; i--)
		if ((death->prior[i].flags & KT_SIGNAL_HANDLED) &&
		    (!number || death->prior[i].number == number))
			return i;
	return -1;
}

static void take_prior(struct death *death, int index)
{
	const struct kt_prior_signal *prior = &death->prior[index];
	struct kt_signal *signal = &death->signal;

	death->raise = *signal;
	death->has_raise = death->has_signal;
	death->has_signal = true;
	*signal = (struct kt_signal){
		.time_ns = prior->time_ns,
		.sender_cgroup_id = prior->sender_cgroup_id,
		.valid = prior->valid & KT_SIGNAL_HAS_CODE,
		.flags = prior->flags,
		.number = prior->number,
		.code = prior->code,
		.siginfo_kind = prior->siginfo_kind,
		.target_tid = prior->target_tid,
		.sender_pid = prior->sender_pid,
		.sender_tid = prior->sender_pid,
		.sender_uid = prior->sender_uid,
		.syscall_nr = -1,
	};
	if (death->has_raise) {
		signal->valid |= death->raise.valid & KT_SIGNAL_HAS_THREADS;
		signal->threads = death->raise.threads;
	}
	memcpy(signal->sender_comm, prior->sender_comm, sizeof(signal->sender_comm));
	memcpy(signal->target_comm, death->raise.target_comm, sizeof(signal->target_comm));
	memcpy(death->sender_path, death->prior_path[index], sizeof(death->sender_path));
	death->sender_memory_path[0] = death->sender_exe[0] = '\0';
	death->is_echo = true;
}

static void take_trapped_call(struct death *death)
{
	const struct kt_trapped_call *call = &death->trapped_call;
	struct kt_signal *signal = &death->signal;

	if (!death->has_signal)
		*signal = (struct kt_signal){ .time_ns = call->time_ns,
					      .valid = KT_SIGNAL_HAS_CODE,
					      .flags = KT_SIGNAL_SELF | KT_SIGNAL_HANDLED,
					      .number = SIGSYS,
					      .code = CODE_SECCOMP,
					      .siginfo_kind = KT_SIGINFO_FULL,
					      .target_tid = call->tid,
					      .sender_pid = death->record.tgid,
					      .sender_tid = call->tid,
					      .syscall_nr = call->syscall };
	death->has_signal = true;
	signal->valid |= KT_SIGNAL_HAS_SECCOMP;
	signal->seccomp_syscall = call->syscall;
	signal->seccomp_arch = call->arch;
	signal->seccomp_data = call->data;
}

/*
 * Whether the process's own SIGABRT, in whose handler it ended, is the root. Not if the handler of
 * an earlier fault raised it and still runs, or the handler of somebody else's SIGABRT (abort()
 * unblocks the signal and raises it again).
 */
static bool is_ended_by_own_abort(const struct death *death, bool exited)
{
	int prior = find_prior(death, 0);

	if (!death->has_own_abort)
		return false;
	if (!exited)
		return true;
	return !(death->has_fault && (death->fault.flags & KT_FAULT_HANDLER_RUNS) &&
		 death->fault.time_ns <= death->own_abort.time_ns) &&
	       !((death->record.flags & KT_DEATH_AFTER_SIGNAL) && prior >= 0 &&
		 death->prior[prior].number == SIGABRT);
}

/* A fault after the abort, with a handler of its own that ended the process, was one of the abort's
 * handler. */
static void take_later_fault(struct death *death)
{
	if (!death->has_fault || death->has_handler_fault ||
	    death->fault.time_ns <= death->own_abort.time_ns)
		return;
	death->handler_fault = death->fault;
	death->has_handler_fault = true;
	death->has_fault = false;
}

static void take_own_abort(struct death *death)
{
	const struct kt_own_abort *abort = &death->own_abort;

	take_later_fault(death);
	death->raise = death->signal;
	death->has_raise = death->has_signal;
	death->signal = (struct kt_signal){
		.time_ns = abort->time_ns,
		.valid = abort->siginfo_kind == KT_SIGINFO_FULL ? KT_SIGNAL_HAS_CODE : 0U,
		.flags = abort->flags,
		.number = SIGABRT,
		.code = abort->code,
		.siginfo_kind = abort->siginfo_kind,
		.target_tid = abort->tid,
		.sender_pid = death->record.tgid,
		.sender_tid = abort->tid,
		.sender_uid = death->record.uid,
		.syscall_nr = -1,
	};
	if (death->has_raise) {
		death->signal.valid |= death->raise.valid & KT_SIGNAL_HAS_THREADS;
		death->signal.threads = death->raise.threads;
	}
	memcpy(death->signal.sender_comm, abort->comm, sizeof(death->signal.sender_comm));
	memcpy(death->signal.target_comm, abort->comm, sizeof(death->signal.target_comm));
	death->has_signal = death->is_echo = true;
}

void root_find(struct death *death)
{
	bool exited = !(death->record.status & KT_STATUS_SIGNAL);
	int index = -1;

	if (death->has_trapped_call && (exited || (death->signal.flags & KT_SIGNAL_SELF))) {
		take_trapped_call(death);
		return;
	}
	if (is_ended_by_own_abort(death, exited)) {
		take_own_abort(death);
		return;
	}
	death->has_own_abort = false;
	if (exited && (death->record.flags & KT_DEATH_AFTER_SIGNAL))
		index = find_prior(death, 0);
	else if (death->has_signal && (death->signal.flags & KT_SIGNAL_IN_PRIOR_HANDLER) &&
		 !(death->signal.flags & KT_SIGNAL_IN_FAULT_HANDLER))
		index = find_prior(death, death->signal.number);
	if (index >= 0)
		take_prior(death, index);
}

void root_forget(struct death *death)
{
	if (!death->is_echo)
		return;
	death->signal = death->raise;
	death->has_signal = death->has_raise;
	death->has_raise = death->is_echo = death->has_own_abort = false;
	death->sender_path[0] = '\0';
}
