// SPDX-License-Identifier: BSD-2-Clause
#include "explain/verdict.h"

#include "base/cleanup.h"
#include "explain/evidence.h"
#include "explain/fault.h"
#include "explain/kernel_path.h"
#include "explain/oom.h"
#include "explain/sent.h"

#include <signal.h>

#define SECCOMP_STRICT 1
/* An oops is printed before the task ends, on consoles that can be slow. */
#define OOPS_PRINT_NS 10000000000ULL
/* Of a second's wait, and no more: a fault that was survived for longer is unrelated to an abort.
 */
#define LATE_REPORT_NS 1400000000ULL
#define SECCOMP_DEAD 3 /* SECCOMP_MODE_DEAD: seccomp itself ended this thread; 5.15 and stable */

/* The fault that forced the deadly signal: noted in the same call, so it has the same time. */
static bool signal_is_forced(const struct death *death)
{
	return death->has_signal && death->has_fault && !death->is_echo &&
	       (death->signal.flags & KT_SIGNAL_SELF) &&
	       death->fault.time_ns == death->signal.time_ns;
}

static bool is_dead_by_seccomp(const struct death *death)
{
	return (death->record.valid & KT_VALID_SECCOMP_MODE) &&
	       death->record.seccomp_mode == SECCOMP_DEAD;
}

/*
 * A thread ended by do_exit() with a signal that was not generated: by seccomp or an oops
 * (kernel/seccomp.c:__seccomp_filter, __secure_computing_strict; arch/x86 oops_end). Each needs a
 * mark of its own; without one the kernel ended it, and no more is known.
 */
static enum cause cause_of_direct_exit(const struct death *death, int number)
{
	static const char *const seccomp[] = { "__seccomp_filter", "__secure_computing*",
					       "seccomp_*", "secure_computing*" };
	static const char *const oops[] = { "rewind_stack*", "make_task_dead", "oops_end" };
	const struct kernel_stack *stack = &death->exit_stack;
	bool known = death->record.valid & KT_VALID_SECCOMP_MODE;
	uint32_t mode = known ? death->record.seccomp_mode : 0;

	if (death->oops_stack.count || kernel_path_has_any(stack, oops, ARRAY_SIZE(oops)))
		return CAUSE_OOPS;
	if (kernel_path_has_any(stack, seccomp, ARRAY_SIZE(seccomp)) || is_dead_by_seccomp(death))
		return CAUSE_SECCOMP;
	/* 5.11 to 5.15 ended a thread in this way if the selector of its syscall user dispatch
	 * was invalid */
	if (number == SIGSYS)
		return mode && !kernel_path_has(stack, "syscall_user_dispatch*")
			       ? CAUSE_SECCOMP
			       : CAUSE_KERNEL_SIGNAL;
	/* seccomp ends a strict process in this way, and so does an oops */
	return number == SIGSEGV || (known && mode != SECCOMP_STRICT) ? CAUSE_OOPS
								      : CAUSE_KERNEL_SIGNAL;
}

/*
 * The kernel ended the thread itself, by one of the signals that it uses for that. A thread that
 * calls exit_group() while its group is dying of a signal exits with the status of the group as
 * well, whatever that is (do_group_exit()). The kernel path, the system call or the absence of a
 * group exit decides.
 */
static bool is_direct_exit(const struct death *death, int number)
{
	if (!(death->record.flags & KT_DEATH_DIRECT))
		return false;
	if (number == SIGSYS)
		return true;
	if (number != SIGKILL && number != SIGSEGV)
		return false;
	if (death->oops_stack.count || is_dead_by_seccomp(death) ||
	    !(death->record.flags & KT_DEATH_GROUP_EXIT) ||
	    (death->record.flags & KT_DEATH_NOT_BY_CALL))
		return true;
	return kernel_path_is_named(&death->exit_stack) &&
	       !kernel_path_has(&death->exit_stack, "do_group_exit");
}

/* No signal was seen being generated: only the exit is known. */
static void judge_without_signal(const struct death *death, int number, struct verdict *ret)
{
	if (is_direct_exit(death, number)) {
		ret->cause = cause_of_direct_exit(death, number);
	} else {
		ret->incomplete |= EVIDENCE_DOSSIER;
		ret->shows_oom = number == SIGKILL && death->has_oom;
		sent_judge_number(number, ret);
		if (number == SIGSYS && is_dead_by_seccomp(death))
			ret->cause = CAUSE_SECCOMP;
	}
	ret->shows_seccomp = ret->cause == CAUSE_SECCOMP;
	/* an oops over a page fault ends in SIGKILL, over anything else in SIGSEGV (oops_end) */
	ret->has_kernel_address =
		ret->cause == CAUSE_OOPS && number == SIGKILL && death->has_kernel_fault &&
		death->record.time_ns - death->kernel_fault.time_ns <= OOPS_PRINT_NS;
	ret->shows_kernel_fault = ret->has_kernel_address ||
				  (ret->cause == CAUSE_OOPS && death->oops_stack.count);
}

/*
 * The thread left the handler for code that reports the crash and aborts, later than any window:
 * Mono waits a second for its report (mono_handle_native_crash()). A program that uses faults has
 * more than one, and a virtual machine probes and compiles in memory without a file. Programs use
 * one SIGILL to find out what the CPU can do, and one SIGSYS or SIGTRAP to emulate a call or a
 * step.
 */
static bool is_late_report(const struct death *death)
{
	const struct kt_signal *signal = &death->signal;
	const struct kt_fault *fault = &death->fault;

	if (fault->number != SIGSEGV && fault->number != SIGBUS && fault->number != SIGFPE)
		return false;
	return signal->number == SIGABRT && signal->sender_tid == fault->tid &&
	       fault->handled_count == 1 && (fault->valid & KT_FAULT_HAS_MODULE) &&
	       signal->time_ns - fault->time_ns <= LATE_REPORT_NS;
}

/* A crash handler of the program itself looked at the fault, and the program then died of it. */
static bool follows_handled_fault(const struct death *death, uint64_t window_ns)
{
	const struct kt_signal *signal = &death->signal;
	const struct kt_fault *fault = &death->fault;

	if (!death->has_fault || !(fault->flags & KT_FAULT_HANDLED))
		return false;
	if (signal->flags & KT_SIGNAL_IN_FAULT_HANDLER)
		return true;
	/* some threads live on faults: a fault of one does not explain why another gives up */
	if (signal->sender_tid != fault->tid && fault->handled_count > 1)
		return false;
	return signal->time_ns >= fault->time_ns &&
	       (signal->time_ns - fault->time_ns <= window_ns || is_late_report(death));
}

/*
 * Whether the kernel's SIGKILL to a process came from the OOM killer. mark_victim says so; if it
 * was not seen (or the victim died before the mark), the kernel path does. The mark that the kernel
 * leaves on the group proves nothing by itself: processes that are already dying get it too.
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
	if (kernel_path_is_named(kernel_path_of_signal(death)))
		return kernel_path_has(kernel_path_of_signal(death), "oom_kill_process") ||
		       kernel_path_has(kernel_path_of_signal(death), "__oom_kill_process");
	if ((signal->flags & namespace_end) == namespace_end)
		return false;
	return (death->record.flags & KT_DEATH_OOM_MARKED) ||
	       (death->has_oom && (death->oom.flags & (KT_OOM_LIMIT_LOCKED | KT_OOM_CONTROL)));
}

/* A tracer held the fault's signal, and much later let a signal of the same number through, which
 * can be the tracer's own. */
static bool is_held_by_tracer(const struct death *death, uint64_t window_ns)
{
	return (death->signal.flags & KT_SIGNAL_TARGET_PTRACED) &&
	       death->record.kind != KT_RECORD_STUCK &&
	       death->record.time_ns > death->signal.time_ns &&
	       death->record.time_ns - death->signal.time_ns > window_ns;
}

/* SIGABRT is ignored for init of a pid namespace: the fault that the C library then causes is an
 * echo. */
static void judge_echo_of_abort(const struct death *death, struct verdict *ret)
{
	ret->cause = CAUSE_ABORT;
	ret->sender = death->has_signal ? SENDER_PROCESS : SENDER_NONE;
	ret->echo_of_abort = true;
	ret->shows_fault = death->fault.flags & KT_FAULT_BEFORE_ABORT;
	if (ret->shows_fault)
		fault_read(death, ret);
}

static bool is_echo_of_abort(const struct death *death)
{
	return death->has_fault && (death->fault.flags & KT_FAULT_AFTER_ABORT);
}

/* The handler of a system call that seccomp trapped crashed or ended the process. */
static void judge_trapped_call(struct verdict *ret)
{
	ret->cause = CAUSE_SECCOMP;
	ret->shows_seccomp = true;
}

static void judge_forced(const struct death *death, uint64_t window_ns, struct verdict *ret)
{
	if (is_echo_of_abort(death)) {
		judge_echo_of_abort(death, ret);
	} else if (is_held_by_tracer(death, window_ns)) {
		ret->cause = CAUSE_SIGNAL;
		ret->injected = true;
		ret->incomplete |= EVIDENCE_DOSSIER;
	} else if (signal_is_forced(death)) {
		fault_judge(death, &death->signal_stack, ret);
	} else {
		fault_judge_by_signal(death, ret);
	}
}

/* The kernel's own code for what a thread did: only a fault has such a code. */
static bool is_of_a_fault(const struct death *death, const struct verdict *verdict)
{
	const struct kt_signal *signal = &death->signal;
	bool can_be = signal->number == SIGSEGV || signal->number == SIGBUS ||
		      signal->number == SIGILL || signal->number == SIGFPE ||
		      signal->number == SIGTRAP || signal->number == SIGSYS;

	return can_be && verdict->cause == CAUSE_KERNEL_SIGNAL && !verdict->request &&
	       signal->siginfo_kind == KT_SIGINFO_FULL && signal->code > 0;
}

/* A signal after a fault that the program handled: the fault is the cause. */
static void judge_after_fault(const struct death *death, struct verdict *ret)
{
	bool raised = ret->cause == CAUSE_SIGNAL && death->signal.number == death->fault.number;
	bool crashed = is_of_a_fault(death, ret);

	if (is_echo_of_abort(death)) {
		judge_echo_of_abort(death, ret);
	} else if (ret->cause == CAUSE_ABORT) {
		ret->shows_fault = true;
		fault_read(death, ret);
	} else if (raised || crashed) {
		fault_judge(death, NULL, ret);
		ret->handler_crashed = crashed;
		ret->routine = false;
	}
}

/* Sent by the process itself, as the echo of a signal that is not in the record: its sender is
 * not known. */
static bool is_echo_of_the_unknown(const struct death *death)
{
	return !death->is_echo && (death->signal.flags & KT_SIGNAL_IN_PRIOR_HANDLER) &&
	       !(death->signal.flags & KT_SIGNAL_IN_FAULT_HANDLER);
}

static void judge_signal(const struct death *death, uint64_t window_ns, struct verdict *ret)
{
	bool self = death->signal.flags & KT_SIGNAL_SELF;

	if (death->has_trapped_call && self && death->signal.siginfo_kind == KT_SIGINFO_FULL) {
		judge_trapped_call(ret);
		return;
	}
	if (signal_is_forced(death)) {
		judge_forced(death, window_ns, ret);
		return;
	}
	if (is_oom_kill(death)) {
		oom_judge(death, ret);
		return;
	}
	sent_judge(death, ret);
	if (death->is_echo || !self)
		return;
	if (is_echo_of_the_unknown(death)) {
		ret->cause = CAUSE_SIGNAL;
		ret->sender = SENDER_NONE;
		ret->routine = false;
		ret->incomplete |= EVIDENCE_DOSSIER;
	} else if (follows_handled_fault(death, window_ns)) {
		judge_after_fault(death, ret);
	} else if (is_of_a_fault(death, ret)) {
		judge_forced(death, window_ns, ret);
	} else if ((death->signal.flags & KT_SIGNAL_IN_FAULT_HANDLER) && !death->has_fault) {
		ret->incomplete |= EVIDENCE_DOSSIER;
	}
}

/* The process exited with an error, after a fault or a signal that its own handler took. */
static bool is_exit_after_signal(const struct death *death, uint64_t window_ns)
{
	const struct kt_fault *fault = &death->fault;
	uint32_t status = death->record.status >> 8 & 0xff;

	if (!death->is_echo || !death->has_fault || !(fault->flags & KT_FAULT_HANDLED) ||
	    status == 128 + (uint32_t)death->signal.number)
		return death->is_echo;
	/* some programs live on faults: a fault of theirs is the reason only if it is the newer one
	 */
	return !(fault->flags & KT_FAULT_HANDLER_RUNS) &&
	       (fault->handled_count > 1 || fault->time_ns < death->signal.time_ns ||
		death->record.time_ns - fault->time_ns > window_ns);
}

/* The signal that a handler took is not in the record. */
static bool is_exit_after_the_unknown(const struct death *death)
{
	return !death->is_echo && (death->record.flags & KT_DEATH_AFTER_SIGNAL) &&
	       !(death->has_fault && (death->fault.flags & KT_FAULT_HANDLER_RUNS));
}

static void judge_exit(const struct death *death, uint64_t window_ns, struct verdict *ret)
{
	if (death->has_trapped_call) {
		judge_trapped_call(ret);
	} else if (is_exit_after_signal(death, window_ns)) {
		sent_judge(death, ret);
		if (ret->cause == CAUSE_SIGNAL || ret->cause == CAUSE_ABORT)
			ret->cause = CAUSE_SIGNAL_EXIT;
	} else if (is_exit_after_the_unknown(death)) {
		ret->cause = CAUSE_SIGNAL_EXIT;
		ret->incomplete |= EVIDENCE_DOSSIER;
	} else if (is_echo_of_abort(death)) {
		judge_echo_of_abort(death, ret);
	} else if (death->has_fault) {
		ret->cause = CAUSE_RUNTIME_CRASH;
		ret->shows_fault = true;
		fault_read(death, ret);
	} else {
		/* such an exit is reported because of a fault or a signal, and there was no signal
		 */
		ret->cause = CAUSE_RUNTIME_CRASH;
		ret->incomplete |= EVIDENCE_DOSSIER;
	}
}

/* abort(), and its handler crashed or ended the process. An earlier fault is the reason for the
 * abort. */
static void judge_own_abort(const struct death *death, uint64_t window_ns, struct verdict *ret)
{
	ret->cause = CAUSE_ABORT;
	ret->sender = SENDER_PROCESS;
	ret->handler_crashed = death->record.status & KT_STATUS_SIGNAL;
	ret->shows_fault = follows_handled_fault(death, window_ns);
	if (ret->shows_fault)
		fault_read(death, ret);
}

/* The thread left without get_signal(): a signal that was once queued under the same number is not
 * the cause. */
static bool is_older_signal(const struct death *death, int number)
{
	return is_direct_exit(death, number) && !(death->signal.flags & KT_SIGNAL_COMMITTED) &&
	       !signal_is_forced(death);
}

void verdict_reach(const struct death *death, uint64_t runtime_window_ns, struct verdict *ret)
{
	int number = (int)(death->record.status & KT_STATUS_SIGNAL);

	*ret = (struct verdict){ .cause = CAUSE_KERNEL_SIGNAL };
	ret->thread_only = death->record.kind == KT_RECORD_THREAD_DEATH;
	ret->stuck = death->record.kind == KT_RECORD_STUCK;
	if (death->has_own_abort) {
		judge_own_abort(death, runtime_window_ns, ret);
	} else if (!number) {
		judge_exit(death, runtime_window_ns, ret);
	} else if (death->has_signal && !is_older_signal(death, number)) {
		judge_signal(death, runtime_window_ns, ret);
	} else {
		judge_without_signal(death, number, ret);
	}
	ret->shows_rlimit = death->has_rlimit &&
			    (ret->cause == CAUSE_RLIMIT_CPU || ret->cause == CAUSE_RLIMIT_FSIZE ||
			     ret->cause == CAUSE_RLIMIT_RTTIME);
	ret->incomplete = evidence_missing(death, ret);
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
