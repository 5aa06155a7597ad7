// SPDX-License-Identifier: BSD-2-Clause
#include "explain/verdict.h"

#include "base/cleanup.h"
#include "explain/fault.h"
#include "explain/kernel_path.h"
#include "explain/oom.h"
#include "explain/sent.h"

#include <signal.h>

#define STATUS_SIGNAL 0x7f
#define SECCOMP_STRICT 1
/* An oops is printed before the task ends, on consoles that can be slow. */
#define OOPS_PRINT_NS 10000000000ULL
#define SECCOMP_DEAD 3 /* SECCOMP_MODE_DEAD: seccomp itself ended this thread; 5.15 and stable */

/* The fault that forced the deadly signal: noted in the same call, hence of the same time. */
static bool signal_is_forced(const struct death *death)
{
	return death->has_signal && death->has_fault && (death->signal.flags & KT_SIGNAL_SELF) &&
	       death->fault.time_ns == death->signal.time_ns;
}

/* A thread ended by do_exit() with a signal that nobody generated: seccomp's doing or an oops
 * (kernel/seccomp.c:__seccomp_filter, __secure_computing_strict; arch/x86 oops_end). */
static enum cause cause_of_direct_exit(const struct death *death, int number)
{
	bool known = death->record.valid & KT_VALID_SECCOMP_MODE;
	bool strict = known && death->record.seccomp_mode == SECCOMP_STRICT;

	if (death->oops_stack.count)
		return CAUSE_OOPS;
	/* 5.11 to 5.15 ended a thread so whose syscall user dispatch had a selector that is none */
	if (number == SIGSYS)
		return known && !death->record.seccomp_mode ? CAUSE_KERNEL_SIGNAL : CAUSE_SECCOMP;
	if (known && death->record.seccomp_mode == SECCOMP_DEAD)
		return CAUSE_SECCOMP;
	/* before there was a mode for the dead; a strict process can meet an oops as well */
	if (number == SIGKILL && strict && !kernel_path_has(&death->exit_stack, "rewind_stack*"))
		return CAUSE_SECCOMP;
	return CAUSE_OOPS;
}

/*
 * The kernel ended the thread itself, by one of the signals that it has for that. A thread that calls
 * exit_group() while its group is dying of a signal carries the group's status out as well, whatever it is
 * (do_group_exit()).
 */
static bool is_direct_exit(const struct death *death, int number)
{
	if (!(death->record.flags & KT_DEATH_DIRECT))
		return false;
	if (number == SIGSYS)
		return true;
	return (number == SIGKILL || number == SIGSEGV) &&
	       (death->oops_stack.count || !kernel_path_has(&death->exit_stack, "do_group_exit"));
}

/* No signal was seen being generated: what the exit alone tells. */
static void judge_without_signal(const struct death *death, int number, struct verdict *ret)
{
	if (is_direct_exit(death, number))
		ret->cause = cause_of_direct_exit(death, number);
	else if (number == SIGKILL && (death->record.flags & KT_DEATH_OOM_MARKED))
		oom_judge(death, ret);
	else if (number == SIGKILL)
		ret->cause = CAUSE_SIGKILL;
	else
		sent_judge_number(number, ret);
	ret->shows_seccomp = ret->cause == CAUSE_SECCOMP;
	/* an oops over a page fault ends in SIGKILL, over anything else in SIGSEGV (oops_end) */
	ret->has_kernel_address =
		ret->cause == CAUSE_OOPS && number == SIGKILL && death->has_kernel_fault &&
		death->record.time_ns - death->kernel_fault.time_ns <= OOPS_PRINT_NS;
	ret->shows_kernel_fault = ret->has_kernel_address ||
				  (ret->cause == CAUSE_OOPS && death->oops_stack.count);
}

/* A crash handler of the program's own that looked at the fault, and then died of it. */
static bool follows_handled_fault(const struct death *death, uint64_t window_ns)
{
	const struct kt_signal *signal = &death->signal;
	const struct kt_fault *fault = &death->fault;

	if (!death->has_fault || !(fault->flags & KT_FAULT_HANDLED))
		return false;
	if (signal->flags & KT_SIGNAL_IN_FAULT_HANDLER)
		return true;
	/* some threads live on faults: that of one is not why another gives up */
	if (signal->sender_tid != fault->tid && fault->handled_count > 1)
		return false;
	return signal->time_ns >= fault->time_ns && signal->time_ns - fault->time_ns <= window_ns;
}

/*
 * The kernel's SIGKILL to a process, and the OOM killer's: mark_victim says so, or where it was not
 * heard (or the victim was quicker than the mark), the way through the kernel. The mark that the
 * kernel leaves on the group alone is no proof: it is also put on those that are dying already.
 */
static bool is_oom_kill(const struct death *death)
{
	const uint32_t namespace_end = KT_SIGNAL_SENDER_IS_REAPER | KT_SIGNAL_SENDER_EXITING;
	const struct kt_signal *signal = &death->signal;

	if (signal->number != SIGKILL || signal->siginfo_kind != KT_SIGINFO_KERNEL ||
	    !(signal->flags & KT_SIGNAL_GROUP))
		return false;
	if (death->has_oom && (death->oom.flags & (KT_OOM_MARKED | KT_OOM_SHARED_MM)))
		return true;
	if (kernel_path_is_named(&death->signal_stack))
		return kernel_path_has(&death->signal_stack, "oom_kill_process") ||
		       kernel_path_has(&death->signal_stack, "__oom_kill_process");
	if ((signal->flags & namespace_end) == namespace_end)
		return false;
	return (death->record.flags & KT_DEATH_OOM_MARKED) ||
	       (death->has_oom && (death->oom.flags & (KT_OOM_LIMIT_LOCKED | KT_OOM_CONTROL)));
}

static void judge_signal(const struct death *death, uint64_t window_ns, struct verdict *ret)
{
	if (signal_is_forced(death)) {
		fault_judge(death, ret);
		return;
	}
	if (is_oom_kill(death)) {
		oom_judge(death, ret);
		return;
	}
	sent_judge(death, ret);
	if (!(death->signal.flags & KT_SIGNAL_SELF) || !follows_handled_fault(death, window_ns))
		return;
	if (ret->cause == CAUSE_ABORT) {
		ret->shows_fault = true;
		fault_read(death, ret);
	} else if (ret->cause == CAUSE_SIGNAL && death->signal.number == death->fault.number) {
		/* re-raised by the handler: the fault is the cause, the raise its echo */
		fault_judge(death, ret);
	}
}

/* The thread left without get_signal(): what was once queued under the same number is not it. */
static bool is_older_signal(const struct death *death, int number)
{
	return is_direct_exit(death, number) && !(death->signal.flags & KT_SIGNAL_COMMITTED) &&
	       !signal_is_forced(death);
}

void verdict_reach(const struct death *death, uint64_t runtime_window_ns, struct verdict *ret)
{
	int number = (int)(death->record.status & STATUS_SIGNAL);

	*ret = (struct verdict){ .cause = CAUSE_KERNEL_SIGNAL };
	ret->thread_only = death->record.kind == KT_RECORD_THREAD_DEATH;
	ret->stuck = death->record.kind == KT_RECORD_STUCK;
	if (!number) {
		ret->cause = CAUSE_RUNTIME_CRASH;
		ret->shows_fault = death->has_fault;
		fault_read(death, ret);
	} else if (death->has_signal && !is_older_signal(death, number)) {
		judge_signal(death, runtime_window_ns, ret);
	} else {
		judge_without_signal(death, number, ret);
	}
	ret->shows_rlimit = death->has_rlimit &&
			    (ret->cause == CAUSE_RLIMIT_CPU || ret->cause == CAUSE_RLIMIT_FSIZE ||
			     ret->cause == CAUSE_RLIMIT_RTTIME);
}

const char *scope_source_name(enum scope_source source)
{
	static const char *const names[] = {
		[SCOPE_SOURCE_OOM_CONTROL] = "oom_control",
		[SCOPE_SOURCE_KERNEL_STACK] = "kernel_stack",
		[SCOPE_SOURCE_MEMCG_STATE] = "memcg_state",
	};

	return (size_t)source < ARRAY_SIZE(names) ? names[source] : NULL;
}
