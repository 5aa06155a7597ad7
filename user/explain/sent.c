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

/* Timers, hang-up, and what a terminal makes of Ctrl-C. */
static bool is_routine_notice(int number)
{
	return number == SIGPIPE || number == SIGHUP || number == SIGALRM || number == SIGPROF ||
	       number == SIGVTALRM || number == SIGIO || number == SIGINT || number == SIGQUIT;
}

static void judge_by_process(const struct death *death, struct verdict *ret)
{
	const struct kt_signal *signal = &death->signal;
	bool self = signal->flags & KT_SIGNAL_SELF;

	/* earlyoom and nohang ask first, and kill what does not end */
	if ((signal->number == SIGKILL || signal->number == SIGTERM) &&
	    killer_is_oom_daemon(death)) {
		by_process(CAUSE_OOM_USERSPACE, ret);
	} else if (signal->number == SIGKILL) {
		by_process(CAUSE_SIGKILL, ret);
	} else if (signal->number == SIGABRT && self) {
		by_process(CAUSE_ABORT, ret);
	} else {
		by_process(CAUSE_SIGNAL, ret);
		ret->routine = is_routine_request(signal->number);
	}
}

/* The sender, and not by an exception. */
static bool is_in_a_call(const struct kt_signal *signal)
{
	return (signal->valid & KT_SIGNAL_HAS_SYSCALL) && signal->syscall_nr >= 0;
}

/* rt_sigqueueinfo() and its like: everybody may claim to be a timer towards others, and anything
 * towards itself. */
static bool is_queued_by_process(const struct death *death)
{
	static const char *const queues[] = { "do_rt_sigqueueinfo",
					      "do_rt_tgsigqueueinfo",
					      "__do_sys_pidfd_send_signal",
					      "__x64_sys_pidfd_send_signal",
					      "__arm64_sys_pidfd_send_signal",
					      "do_pidfd_send_signal" };
	const struct kt_signal *signal = &death->signal;
	const struct arch *arch = arch_of(death);

	if (kernel_path_has_any(&death->signal_stack, queues, ARRAY_SIZE(queues)))
		return true;
	return !kernel_path_is_named(&death->signal_stack) && is_in_a_call(signal) &&
	       (signal->syscall_nr == arch->call.rt_sigqueueinfo ||
		signal->syscall_nr == arch->call.rt_tgsigqueueinfo ||
		signal->syscall_nr == arch->call.pidfd_send_signal);
}

/* With siginfo: kill(2) and its relatives, and timers. */
static void judge_full(const struct death *death, struct verdict *ret)
{
	const struct kt_signal *signal = &death->signal;
	bool self = signal->flags & KT_SIGNAL_SELF;

	if (is_queued_by_process(death) || (signal->code <= 0 && signal->code != SI_TIMER)) {
		judge_by_process(death, ret);
	} else if (signal->number == SIGBUS && signal->code == BUS_MCEERR_AO && !self) {
		ret->cause = CAUSE_MEMORY_FAILURE;
	} else if (signal->code == SI_TIMER || !self ||
		   (signal->code == SI_KERNEL && kernel_path_is_named(&death->signal_stack))) {
		ret->cause = CAUSE_KERNEL_SIGNAL;
		ret->routine = signal->number != SIGKILL &&
			       (signal->code == SI_TIMER || is_routine_notice(signal->number));
	} else {
		judge_by_process(death, ret);
	}
}

static enum cause cause_of_cpu_limit(const struct death *death, bool hard)
{
	const struct kt_rlimit *rlimit = &death->rlimit;
	uint64_t cpu = hard ? rlimit->cpu_hard : rlimit->cpu_soft;
	uint64_t rttime = hard ? rlimit->rttime_hard : rlimit->rttime_soft;

	if (!death->has_rlimit)
		return CAUSE_RLIMIT_CPU;
	/* the real-time limit counts without sleep, and hits long before the other one can */
	if (rttime != KT_RLIMIT_INFINITY &&
	    (cpu == KT_RLIMIT_INFINITY || ((rlimit->valid & KT_RLIMIT_HAS_CPU_USED) &&
					   rlimit->cpu_used_ns / (uint64_t)NS_PER_S < cpu)))
		return CAUSE_RLIMIT_RTTIME;
	return CAUSE_RLIMIT_CPU;
}

/* kernel/time/posix-cpu-timers.c:check_process_timers() sends SIGKILL in the process's own context;
 * nothing else of the kernel's does, but the OOM killer, which is told before. */
static bool is_cpu_limit_kill(const struct death *death)
{
	const struct kernel_stack *stack = &death->signal_stack;

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
	return death->rlimit.cpu_hard != KT_RLIMIT_INFINITY &&
	       (!(death->rlimit.valid & KT_RLIMIT_HAS_CPU_USED) ||
		death->rlimit.cpu_used_ns / (uint64_t)NS_PER_S + 1 >= death->rlimit.cpu_hard);
}

/* SEND_SIG_PRIV, to the process: whoever is current need not have asked for it. */
static void judge_kernel_kill_group(const struct death *death, struct verdict *ret)
{
	const struct kt_signal *signal = &death->signal;

	if (kernel_path_has(&death->signal_stack, "zap_pid_ns_processes") ||
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

	if (kernel_path_has(&death->signal_stack, "exit_ptrace") ||
	    ((signal->flags & tracer_left) == tracer_left &&
	     (signal->flags & KT_SIGNAL_SENDER_EXITING)))
		by_process(CAUSE_PTRACE_EXITKILL, ret);
	else if (kernel_path_has(&death->signal_stack, "memory_failure*") ||
		 kernel_path_has(&death->signal_stack, "kill_procs"))
		ret->cause = CAUSE_MEMORY_FAILURE;
	else
		ret->cause = CAUSE_KERNEL_SIGNAL;
}

/* copy_process() in a cgroup that is being killed: the parent is current, and no culprit. */
static bool is_fork_in_killed_cgroup(const struct death *death)
{
	const struct kt_signal *signal = &death->signal;
	const int *fork = arch_of(death)->call.forks;

	if (signal->number != SIGKILL)
		return false;
	if (kernel_path_is_named(&death->signal_stack))
		return kernel_path_has(&death->signal_stack, "copy_process") ||
		       kernel_path_has(&death->signal_stack, "cgroup_post_fork");
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

/* A security module ends a thread in its own context just so (AppArmor's kill mode); who writes
 * cgroup.kill is in write(2). */
static bool is_cgroup_kill(const struct death *death)
{
	const struct kt_signal *signal = &death->signal;
	const struct arch *arch = arch_of(death);

	if (!(signal->flags & KT_SIGNAL_SELF))
		return true;
	if (kernel_path_is_named(&death->signal_stack))
		return kernel_path_has(&death->signal_stack, "__cgroup_kill") ||
		       kernel_path_has(&death->signal_stack, "cgroup_kill_write");
	return is_in_a_call(signal) &&
	       (signal->syscall_nr == arch->call.write || signal->syscall_nr == arch->call.writev);
}

/* SEND_SIG_NOINFO to one thread: cgroup.kill, or the tracer's PTRACE_KILL; SIGPIPE and SIGXFSZ are
 * what a thread gets for its own write. */
static void judge_thread_without_info(const struct death *death, struct verdict *ret)
{
	const uint32_t traced = KT_SIGNAL_TARGET_PTRACED | KT_SIGNAL_SENDER_IS_TRACER;
	const struct kt_signal *signal = &death->signal;

	if (signal->number == SIGXFSZ)
		ret->cause = CAUSE_RLIMIT_FSIZE;
	else if (signal->number != SIGKILL)
		ret->routine = is_routine_notice(signal->number);
	else if (!kernel_path_has(&death->signal_stack, "__cgroup_kill") &&
		 !kernel_path_has(&death->signal_stack, "cgroup_kill_write") &&
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

/* SEND_SIG_PRIV: the kernel's own doing. */
static void judge_kernel(const struct death *death, struct verdict *ret)
{
	const struct kt_signal *signal = &death->signal;

	if (signal->number == SIGXCPU)
		ret->cause = cause_of_cpu_limit(death, false);
	else if (signal->number != SIGKILL)
		ret->routine = is_routine_notice(signal->number);
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
	switch (number) {
	case SIGSYS:
		ret->cause = CAUSE_SECCOMP;
		break;
	case SIGSEGV:
	case SIGBUS:
	case SIGILL:
	case SIGFPE:
	case SIGTRAP:
		/* the kernel's own in all likelihood: which fault it was is not known */
		ret->cause = CAUSE_KERNEL_SIGNAL;
		break;
	default:
		ret->cause = CAUSE_SIGNAL;
		ret->routine = is_routine_request(number);
	}
}
