/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The resource limits for which the kernel kills, and how much CPU time was used. */
#ifndef KT_RLIMIT_BPF_H
#define KT_RLIMIT_BPF_H

#include "vmlinux.h"
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>

#include "event.h"

/* include/uapi/asm-generic/resource.h */
#define RLIMIT_CPU 0
#define RLIMIT_FSIZE 1
#define RLIMIT_STACK 3
#define RLIMIT_RTTIME 15

static __always_inline __u64 read_limit(struct task_struct *task, __u32 which, bool hard)
{
	struct rlimit *limits = (void *)BPF_CORE_READ(task, signal) +
				bpf_core_field_offset(struct signal_struct, rlim) +
				which * sizeof(struct rlimit);

	return hard ? BPF_CORE_READ(limits, rlim_max) : BPF_CORE_READ(limits, rlim_cur);
}

static __always_inline void read_rlimits(struct kt_rlimit *ret, struct task_struct *task)
{
	__builtin_memset(ret, 0, sizeof(*ret));
	ret->cpu_soft = read_limit(task, RLIMIT_CPU, false);
	ret->cpu_hard = read_limit(task, RLIMIT_CPU, true);
	ret->rttime_soft = read_limit(task, RLIMIT_RTTIME, false);
	ret->rttime_hard = read_limit(task, RLIMIT_RTTIME, true);
	ret->fsize_soft = read_limit(task, RLIMIT_FSIZE, false);
	ret->fsize_hard = read_limit(task, RLIMIT_FSIZE, true);
	/* Only counts while a CPU timer is armed, which is the case that matters. */
	ret->cpu_used_ns =
		(__u64)BPF_CORE_READ(task, signal, cputimer.cputime_atomic.utime.counter) +
		(__u64)BPF_CORE_READ(task, signal, cputimer.cputime_atomic.stime.counter);
	ret->valid = KT_RLIMIT_HAS_CPU | KT_RLIMIT_HAS_RTTIME | KT_RLIMIT_HAS_FSIZE |
		     (ret->cpu_used_ns ? KT_RLIMIT_HAS_CPU_USED : 0);
}

#endif
