/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The current task by a pointer that the verifier knows the type of (bpf_get_current_task_btf(),
 * 5.11, commit 3ca1032ab7ab): each member is one load, where BPF_CORE_READ() calls a helper for
 * each. A load from an address that is not mapped gives zero, as there. For the hooks that run
 * often.
 */
#ifndef KT_DIRECT_BPF_H
#define KT_DIRECT_BPF_H

#include "vmlinux.h"
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>

/* Makes the verifier forget what it knows about a number: it would look separately at all that
 * follows for each value that it has seen. `unknown`: any number of which it knows nothing. */
#define FORGET(value, unknown) \
	asm volatile("%0 ^= %1\n\t%0 ^= %1" : "+r"(value) : "r"((__u64)(unknown)))

static __always_inline bool has_direct_loads(void)
{
	return bpf_core_enum_value_exists(enum bpf_func_id, BPF_FUNC_get_current_task_btf);
}

/*
 * As BPF_CORE_READ(task, member), for what is not a pointer: the verifier does not let one of a
 * known type be passed to a global function. Not through a pointer in the task either: since 6.2
 * the verifier searches all types of the kernel for each such load, several times, which takes
 * longer than all else that it does (kernel/bpf/btf.c:btf_nested_type_is_trusted()). `own`: that is
 * the current task, and there are direct loads.
 * The barrier keeps the compiler from making one load of the two ways, with two kinds of pointers.
 */
#define TASK_READ(own, task, member)                                  \
	({                                                            \
		typeof((task)->member) __value;                       \
                                                                      \
		if (own) {                                            \
			__value = bpf_get_current_task_btf()->member; \
			barrier_var(__value);                         \
		} else {                                              \
			__value = BPF_CORE_READ((task), member);      \
		}                                                     \
		__value;                                              \
	})

static __always_inline bool is_own_task(struct task_struct *task)
{
	return has_direct_loads() && (__u64)task == bpf_get_current_task();
}

/* Of the current task, in any case. */
#define CURRENT_READ(task, member) TASK_READ(has_direct_loads(), task, member)

#endif
