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

	if (number == SIGSYS || (known && death->record.seccomp_mode == SECCOMP_DEAD))
		return CAUSE_SECCOMP;
	/* before there was a mode for the dead; a strict process can meet an oops as well */
	if (number == SIGKILL && strict && !kernel_path_has(&death->exit_stack, "rewind_stack*"))
		return CAUSE_SECCOMP;
	return CAUSE_OOPS;
}

/* No signal was seen being generated: what the exit alone tells. */
static void judge_without_signal(const struct death *death, int number, struct verdict *ret)
{
	if (death->record.flags & KT_DEATH_DIRECT)
		ret->cause = cause_of_direct_exit(death, number);
	else if (number == SIGKILL && (death->record.flags & KT_DEATH_OOM_MARKED))
		oom_judge(death, ret);
	else if (number == SIGKILL)
		ret->cause = CAUSE_SIGKILL;
	else
		sent_judge_number(number, ret);
	ret->shows_seccomp = ret->cause == CAUSE_SECCOMP;
	/* an oops over a page fault ends in SIGKILL, over anything else in SIGSEGV (oops_end) */
	ret->shows_kernel_fault = ret->cause == CAUSE_OOPS && number == SIGKILL &&
				  death->has_kernel_fault;
}

/* A crash handler of the program's own that looked at the fault, and then died of it. */
static bool follows_handled_fault(const struct death *death, uint64_t until_ns, uint64_t window_ns)
{
	return death->has_fault && (death->fault.flags & KT_FAULT_HANDLED) &&
	       until_ns >= death->fault.time_ns && until_ns - death->fault.time_ns <= window_ns;
}

static bool is_oom_kill(const struct death *death)
{
	const struct kt_signal *signal = &death->signal;

	if (signal->number != SIGKILL || signal->siginfo_kind != KT_SIGINFO_KERNEL ||
	    !(signal->flags & KT_SIGNAL_GROUP))
		return false;
	if (death->has_oom && (death->oom.flags & (KT_OOM_MARKED | KT_OOM_SHARED_MM)))
		return true;
	/* mark_victim was not heard, and yet the kernel marked the group */
	return (death->record.flags & KT_DEATH_OOM_MARKED) != 0;
}

static void judge_signal(const struct death *death, uint64_t window_ns, struct verdict *ret)
{
	bool handled_before = follows_handled_fault(death, death->signal.time_ns, window_ns);

	if (signal_is_forced(death)) {
		fault_judge(death, ret);
		return;
	}
	if (is_oom_kill(death)) {
		oom_judge(death, ret);
		return;
	}
	sent_judge(death, ret);
	if (!handled_before || !(death->signal.flags & KT_SIGNAL_SELF))
		return;
	if (ret->cause == CAUSE_ABORT) {
		ret->shows_fault = true;
		fault_read(death, ret);
	} else if (ret->cause == CAUSE_SIGNAL && death->signal.number == death->fault.number) {
		/* re-raised by the handler: the fault is the cause, the raise its echo */
		fault_judge(death, ret);
	}
}

void verdict_reach(const struct death *death, uint64_t runtime_window_ns, struct verdict *ret)
{
	int number = (int)(death->record.status & STATUS_SIGNAL);

	*ret = (struct verdict){ .cause = CAUSE_KERNEL_SIGNAL };
	ret->thread_only = death->record.kind == KT_RECORD_THREAD_DEATH;
	if (!number) {
		ret->cause = CAUSE_RUNTIME_CRASH;
		ret->shows_fault = death->has_fault;
		fault_read(death, ret);
	} else if (death->has_signal) {
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
