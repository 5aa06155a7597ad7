// SPDX-License-Identifier: BSD-2-Clause
#include "explain/sent.h"

#include <signal.h>
#include <string.h>

#include "base/clock.h"
#include "base/cleanup.h"
#include "explain/arch.h"
#include "explain/kernel_path.h"
#include "explain/killer.h"

static void by_process(enum cause cause, struct verdict *ret)
{
	ret->cause = cause;
	ret->sender = SENDER_PROCESS;
}

static bool is_routine_request(int number)
{
	return number == SIGTERM || number == SIGINT || number == SIGHUP || number == SIGQUIT;
}

/*
 * Hang-up, the signals of Ctrl-C in a terminal, a pipe without a reader, and alarm(2), with which
 * programs and scripts set themselves a deadline. SIGPROF, SIGVTALRM and SIGIO are not used to end
 * a program on purpose.
 */
static bool is_routine_notice(int number)
{
	return number == SIGPIPE || number == SIGHUP || number == SIGALRM || number == SIGINT ||
	       number == SIGQUIT;
}

/* timer_create(2): a deadline, if its signal is one with which deadlines usually end programs. */
static bool is_routine_deadline(int number)
{
	return number == SIGALRM || is_routine_request(number);
}

static void judge_by_process(const struct death *death, struct verdict *ret)
{
	const struct kt_signal *signal = &death->signal;
	bool self = signal->flags & KT_SIGNAL_SELF;

	/* earlyoom and nohang first ask a process to end, and kill it if it does not */
	if ((signal->number == SIGKILL || signal->number == SIGTERM) &&
	    killer_is_oom_daemon(death)) {
		by_process(CAUSE_OOM_USERSPACE, ret);
	} else if (signal->number == SIGKILL) {
		by_process(CAUSE_SIGKILL, ret);
	} else if (signal->number == SIGABRT && self) {
		by_process(CAUSE_ABORT, ret);
	} else {
		by_process(CAUSE_SIGNAL, ret);
		ret->routine = is_routine_request(signal->number) &&
			       !killer_may_be_oom_daemon(death);
	}
}

/* The sender is in a system call, not in an exception. */
static bool is_in_a_call(const struct kt_signal *signal)
{
	return (signal->valid & KT_SIGNAL_HAS_SYSCALL) && signal->syscall_nr >= 0;
}

/* rt_sigqueueinfo() and the like: any process may claim to be a timer towards others, and anything
 * towards itself. */
static bool is_queued_by_process(const struct death *death)
{
	static const char *const queues[] = { "do_rt_sigqueueinfo",
					      "do_rt_tgsigqueueinfo",
					      "__x64_sys_rt_sigqueueinfo",
					      "__x64_sys_rt_tgsigqueueinfo",
					      "__ia32_compat_sys_rt_*",
					      "__arm64_sys_rt_sigqueueinfo",
					      "__arm64_sys_rt_tgsigqueueinfo",
					      "__arm64_compat_sys_rt_*",
					      "__do_sys_pidfd_send_signal",
					      "__x64_sys_pidfd_send_signal",
					      "__arm64_sys_pidfd_send_signal",
					      "do_pidfd_send_signal" };
	const struct kernel_stack *stack = kernel_path_of_signal(death);
	const struct kt_signal *signal = &death->signal;
	const struct arch *arch = arch_of(death);

	if (kernel_path_has_any(stack, queues, ARRAY_SIZE(queues)))
		return true;
	return !kernel_path_is_named(stack) && is_in_a_call(signal) &&
	       (signal->syscall_nr == arch->call.rt_sigqueueinfo ||
		signal->syscall_nr == arch->call.rt_tgsigqueueinfo ||
		signal->syscall_nr == arch->call.pidfd_send_signal);
}

enum sent_request sent_request_of(const struct kt_signal *signal)
{
	bool own_codes = signal->number == SIGILL || signal->number == SIGFPE ||
			 signal->number == SIGSEGV || signal->number == SIGBUS ||
			 signal->number == SIGTRAP || signal->number == SIGCHLD ||
			 signal->number == SIGSYS;

	if (signal->siginfo_kind != KT_SIGINFO_FULL || !(signal->valid & KT_SIGNAL_HAS_CODE))
		return SENT_UNASKED;
	switch (signal->code) {
	case SI_TIMER:
		return SENT_BY_TIMER;
	case SI_MESGQ:
		return SENT_BY_QUEUE;
	case SI_ASYNCIO:
		return SENT_BY_ASYNC_IO;
	case SI_ASYNCNL:
		return SENT_BY_NAME_LOOKUP;
	case SI_SIGIO:
		return SENT_BY_FILE;
	default:
		return !own_codes && signal->code >= POLL_IN && signal->code <= POLL_HUP
			       ? SENT_BY_FILE
			       : SENT_UNASKED;
	}
}

/*
 * If a tracer injects a signal while it is blocked, the signal is queued again, in the context of
 * the tracee and in the name of its tracer (kernel/signal.c:ptrace_signal()).
 */
static bool is_injected(const struct death *death)
{
	const uint32_t of_tracee = KT_SIGNAL_TARGET_PTRACED | KT_SIGNAL_SELF;
	const struct kt_signal *signal = &death->signal;

	return (signal->flags & of_tracee) == of_tracee && (signal->valid & KT_SIGNAL_HAS_PID) &&
	       signal->code == SI_USER && !is_in_a_call(signal) &&
	       (death->record.valid & KT_VALID_NS_PID) &&
	       signal->claimed_pid != death->record.ns_pid;
}

/*
 * With siginfo: kill(2) and its relatives, timers, and requests of the process itself. If the
 * signal comes from a message queue or a file, the current process only wrote to it.
 */
static void judge_full(const struct death *death, struct verdict *ret)
{
	const struct kt_signal *signal = &death->signal;
	bool self = signal->flags & KT_SIGNAL_SELF, queued = is_queued_by_process(death);

	if (!queued && sent_request_of(signal) != SENT_UNASKED) {
		ret->cause = CAUSE_KERNEL_SIGNAL;
		ret->request = sent_request_of(signal);
		ret->routine = ret->request == SENT_BY_TIMER && is_routine_deadline(signal->number);
	} else if (is_injected(death)) {
		ret->cause = CAUSE_SIGNAL;
		ret->injected = true;
	} else if (queued || signal->code <= 0) {
		judge_by_process(death, ret);
	} else if (signal->number == SIGBUS && signal->code == BUS_MCEERR_AO && !self) {
		ret->cause = CAUSE_MEMORY_FAILURE;
	} else {
		ret->cause = CAUSE_KERNEL_SIGNAL;
		ret->routine = is_routine_notice(signal->number);
	}
}

static bool is_by_bpf(const struct death *death)
{
	return kernel_path_has(kernel_path_of_signal(death), "do_bpf_send_signal") ||
	       kernel_path_has(kernel_path_of_signal(death), "bpf_send_signal*");
}

/* CPU timers run up to a second late if they count in ticks. */
static bool is_used_up(const struct kt_rlimit *rlimit, uint64_t limit)
{
	return limit != KT_RLIMIT_INFINITY &&
	       (!(rlimit->valid & KT_RLIMIT_HAS_CPU_USED) ||
		rlimit->cpu_used_ns / (uint64_t)NS_PER_S + 1 >= limit);
}

/*
 * Whether a limit is set: without any, it is the overrun of a SCHED_DEADLINE task
 * (check_dl_overrun()), which gets the same SIGXCPU.
 */
static enum cause cause_of_cpu_limit(const struct death *death, bool hard)
{
	const struct kt_rlimit *rlimit = &death->rlimit;
	uint64_t cpu = hard ? rlimit->cpu_hard : rlimit->cpu_soft;
	uint64_t rttime = hard ? rlimit->rttime_hard : rlimit->rttime_soft;

	if (!death->has_rlimit)
		return CAUSE_KERNEL_SIGNAL;
	/* the real-time limit counts time without sleep, and is reached long before the other one
	 */
	if (rttime != KT_RLIMIT_INFINITY &&
	    (cpu == KT_RLIMIT_INFINITY || ((rlimit->valid & KT_RLIMIT_HAS_CPU_USED) &&
					   rlimit->cpu_used_ns / (uint64_t)NS_PER_S < cpu)))
		return CAUSE_RLIMIT_RTTIME;
	return is_used_up(rlimit, cpu) ? CAUSE_RLIMIT_CPU : CAUSE_KERNEL_SIGNAL;
}

/* kernel/time/posix-cpu-timers.c:check_process_timers() sends SIGKILL in the process's own context.
 * Nothing else in the kernel does, except the OOM killer, which is checked before. */
static bool is_cpu_limit_kill(const struct death *death)
{
	const struct kernel_stack *stack = kernel_path_of_signal(death);

	if (!(death->signal.flags & KT_SIGNAL_SELF) || !death->has_rlimit)
		return false;
	if (kernel_path_is_named(stack))
		return kernel_path_has(stack, "check_rlimit") ||
		       kernel_path_has(stack, "check_process_timers") ||
		       kernel_path_has(stack, "check_thread_timers") ||
		       kernel_path_has(stack, "run_posix_cpu_timers") ||
		       kernel_path_has(stack, "handle_posix_cpu_timers") ||
		       kernel_path_has(stack, "posix_cpu_timers_work");
	/* bpf_send_signal() looks the same */
	if (death->rlimit.rttime_hard != KT_RLIMIT_INFINITY)
		return true;
	return is_used_up(&death->rlimit, death->rlimit.cpu_hard);
}

/* SEND_SIG_PRIV, to the process: the current process need not have asked for it. */
static void judge_kernel_kill_group(const struct death *death, struct verdict *ret)
{
	const struct kt_signal *signal = &death->signal;

	if (kernel_path_has(kernel_path_of_signal(death), "zap_pid_ns_processes") ||
	    ((signal->flags & KT_SIGNAL_SENDER_IS_REAPER) &&
	     (signal->flags & KT_SIGNAL_SENDER_EXITING)))
		by_process(CAUSE_PIDNS_TEARDOWN, ret);
	else if (is_cpu_limit_kill(death))
		ret->cause = cause_of_cpu_limit(death, true);
	else
		ret->cause = CAUSE_KERNEL_SIGNAL;
}

/* SEND_SIG_PRIV, to one thread (send_sig(..., 1)). */
static void judge_kernel_kill_thread(const struct death *death, struct verdict *ret)
{
	const uint32_t tracer_left = KT_SIGNAL_TARGET_PTRACED | KT_SIGNAL_SENDER_IS_TRACER;
	const struct kt_signal *signal = &death->signal;

	if (kernel_path_has(kernel_path_of_signal(death), "exit_ptrace") ||
	    ((signal->flags & tracer_left) == tracer_left &&
	     (signal->flags & KT_SIGNAL_SENDER_EXITING)))
		by_process(CAUSE_PTRACE_EXITKILL, ret);
	else if (kernel_path_has(kernel_path_of_signal(death), "memory_failure*") ||
		 kernel_path_has(kernel_path_of_signal(death), "kill_procs"))
		ret->cause = CAUSE_MEMORY_FAILURE;
	else
		ret->cause = CAUSE_KERNEL_SIGNAL;
}

/* copy_process() in a cgroup that is being killed: the parent is current, but did not ask for it.
 */
static bool is_fork_in_killed_cgroup(const struct death *death)
{
	const struct kt_signal *signal = &death->signal;
	const int *fork = arch_of(death)->call.forks;

	if (signal->number != SIGKILL)
		return false;
	if (kernel_path_is_named(kernel_path_of_signal(death)))
		return kernel_path_has(kernel_path_of_signal(death), "copy_process") ||
		       kernel_path_has(kernel_path_of_signal(death), "cgroup_post_fork");
	for (; is_in_a_call(signal) && *fork; fork++)
		if (signal->syscall_nr == *fork)
			return true;
	return false;
}

static bool is_parent_death_signal(const struct kt_signal *signal)
{
	const uint32_t needed = KT_SIGNAL_GROUP | KT_SIGNAL_IS_PDEATH_SIGNAL |
				KT_SIGNAL_SENDER_EXITING;

	return (signal->flags & needed) == needed;
}

/* A security module ends a thread in its own context in the same way (AppArmor's kill mode), but
 * a writer of cgroup.kill is in write(2). */
static bool is_cgroup_kill(const struct death *death)
{
	const struct kt_signal *signal = &death->signal;
	const struct arch *arch = arch_of(death);

	if (!(signal->flags & KT_SIGNAL_SELF))
		return true;
	if (kernel_path_is_named(kernel_path_of_signal(death)))
		return kernel_path_has(kernel_path_of_signal(death), "__cgroup_kill") ||
		       kernel_path_has(kernel_path_of_signal(death), "cgroup_kill_write");
	return is_in_a_call(signal) &&
	       (signal->syscall_nr == arch->call.write || signal->syscall_nr == arch->call.writev);
}

/* Sent only if a limit is set (fs/read_write.c, fs/attr.c). */
static void judge_file_limit(const struct death *death, struct verdict *ret)
{
	if (!death->has_rlimit)
		ret->incomplete |= EVIDENCE_DOSSIER;
	else if (death->rlimit.fsize_soft != KT_RLIMIT_INFINITY)
		ret->cause = CAUSE_RLIMIT_FSIZE;
}

/* SEND_SIG_NOINFO to one thread: cgroup.kill, or the tracer's PTRACE_KILL. A thread gets SIGPIPE
 * and SIGXFSZ for its own write. */
static void judge_thread_without_info(const struct death *death, struct verdict *ret)
{
	const uint32_t traced = KT_SIGNAL_TARGET_PTRACED | KT_SIGNAL_SENDER_IS_TRACER;
	const struct kt_signal *signal = &death->signal;

	if (signal->number == SIGXFSZ)
		judge_file_limit(death, ret);
	else if (signal->number != SIGKILL)
		ret->routine = is_routine_notice(signal->number);
	else if (!kernel_path_has(kernel_path_of_signal(death), "__cgroup_kill") &&
		 !kernel_path_has(kernel_path_of_signal(death), "cgroup_kill_write") &&
		 (signal->flags & traced) == traced)
		by_process(CAUSE_SIGKILL, ret);
	else if (is_cgroup_kill(death))
		by_process(killer_is_oom_daemon(death) ? CAUSE_OOM_USERSPACE : CAUSE_CGROUP_KILL,
			   ret);
}

/* SEND_SIG_NOINFO: on behalf of current. Since 7.3 plain kill(2) is one of these. */
static void judge_without_info(const struct death *death, struct verdict *ret)
{
	if (!(death->signal.flags & KT_SIGNAL_GROUP))
		judge_thread_without_info(death, ret);
	else if (is_parent_death_signal(&death->signal))
		by_process(CAUSE_PARENT_DEATH_SIGNAL, ret);
	else if (is_fork_in_killed_cgroup(death))
		ret->cause = CAUSE_CGROUP_KILL;
	else
		judge_by_process(death, ret);
}

static void judge_cpu_limit(const struct death *death, struct verdict *ret)
{
	ret->cause = cause_of_cpu_limit(death, false);
	if (!death->has_rlimit)
		ret->incomplete |= EVIDENCE_DOSSIER;
	else if (ret->cause == CAUSE_KERNEL_SIGNAL)
		ret->request = SENT_BY_DEADLINE;
}

/* By setitimer(2) and alarm(2), and by files without F_SETSIG. bpf_send_signal() looks the same. */
static enum sent_request request_of_kernel(const struct death *death)
{
	if ((death->signal.flags & KT_SIGNAL_SELF) &&
	    !kernel_path_is_named(kernel_path_of_signal(death)))
		return SENT_UNASKED;
	switch (death->signal.number) {
	case SIGALRM:
	case SIGVTALRM:
	case SIGPROF:
		return SENT_BY_TIMER;
	case SIGIO:
		return SENT_BY_FILE;
	default:
		return SENT_UNASKED;
	}
}

static void judge_notice(const struct death *death, struct verdict *ret)
{
	if (is_by_bpf(death))
		return;
	ret->request = request_of_kernel(death);
	ret->routine = is_routine_notice(death->signal.number);
}

/* SEND_SIG_PRIV: from the kernel itself. */
static void judge_kernel(const struct death *death, struct verdict *ret)
{
	const struct kt_signal *signal = &death->signal;

	if (signal->number == SIGXCPU && !is_by_bpf(death))
		judge_cpu_limit(death, ret);
	else if (signal->number != SIGKILL)
		judge_notice(death, ret);
	else if (signal->flags & KT_SIGNAL_GROUP)
		judge_kernel_kill_group(death, ret);
	else
		judge_kernel_kill_thread(death, ret);
}

void sent_judge(const struct death *death, struct verdict *ret)
{
	switch (death->signal.siginfo_kind) {
	case KT_SIGINFO_FULL:
		judge_full(death, ret);
		break;
	case KT_SIGINFO_NONE:
		judge_without_info(death, ret);
		break;
	default:
		judge_kernel(death, ret);
	}
}

void sent_judge_number(int number, struct verdict *ret)
{
	ret->cause = number == SIGKILL ? CAUSE_SIGKILL : CAUSE_SIGNAL;
}
