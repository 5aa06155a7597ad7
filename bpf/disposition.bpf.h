/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The target's disposition of a signal, and what its siginfo says. */
#ifndef KT_DISPOSITION_BPF_H
#define KT_DISPOSITION_BPF_H

#include "arch.bpf.h"
#include "compat.bpf.h"
#include "direct.bpf.h"
#include "signals.bpf.h"

#define IMMUTABLE 0x00800000 /* SA_IMMUTABLE, 5.15 stable and later */
#define SEND_SIG_PRIV 1      /* include/linux/sched/signal.h */
#define SI_KERNEL 128
#define SYS_SECCOMP 1

/* The target's disposition of the signal; NULL: not a signal's number. */
static __always_inline struct k_sigaction *find_action(struct event *event)
{
	struct task_struct *target = event->target;
	__u64 sighand = (__u64)BPF_CORE_READ(target, sighand);

	if (!sighand || event->number < 1 || event->number > 64)
		return 0;
	return (struct k_sigaction *)(sighand +
				      bpf_core_field_offset(struct sighand_struct, action) +
				      (event->number - 1) * bpf_core_type_size(struct k_sigaction));
}

static __always_inline bool is_immutable(struct event *event)
{
	struct k_sigaction *action = find_action(event);

	return action && (BPF_CORE_READ(action, sa.sa_flags) & IMMUTABLE);
}

#define NO_DEFER 0x40000000 /* SA_NODEFER */

/* What a handler adds to the blocked signals while it runs (signal_delivered()). */
static __always_inline __u64 handler_blocks(struct k_sigaction *action, __u32 number)
{
	__u64 mask = BPF_CORE_READ(action, sa.sa_mask.sig[0]);

	if (!(BPF_CORE_READ(action, sa.sa_flags) & NO_DEFER))
		mask |= BIT((number - 1) & 63);
	return mask;
}

/* sigset_t is one word on the 64-bit architectures. */
static __always_inline __u64 read_blocked(struct task_struct *task)
{
	return TASK_READ(is_own_task(task), task, blocked.sig[0]);
}

static __always_inline bool is_blocked(struct event *event)
{
	return event->number < 65 && (read_blocked(event->target) & BIT((event->number - 1) & 63));
}

/* `address` is that of a struct kernel_siginfo, greater than SEND_SIG_PRIV. */
static __always_inline __s32 read_code(__u64 address)
{
	struct kernel_siginfo *info = (void *)address;

	return BPF_CORE_READ(info, si_code);
}

/*
 * A process may send any siginfo to itself, even one that looks like that of a fault. If seccomp
 * forbids that very system call, nothing is sent: the kernel forces SIGSYS during the call.
 */
static __always_inline bool is_forged(struct event *event, struct user_context *user)
{
	struct task_struct *target = event->target;

	if (!arch_gives_siginfo(target, user->syscall_nr))
		return false;
	if (event->number != SIGSYS)
		return true;
	return !is_immutable(event) &&
	       !(compat_has_seccomp_mode() && BPF_CORE_READ(target, seccomp.mode));
}

#endif
