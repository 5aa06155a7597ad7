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

static __always_inline bool has_direct_loads(void)
{
	return bpf_core_enum_value_exists(enum bpf_func_id, BPF_FUNC_get_current_task_btf);
}

/*
 * As BPF_CORE_READ(task, ...), for what is not a pointer: the verifier does not let one of a known
 * type be passed to a global function. `own`: that is the current task, and there are direct loads.
 * The barrier keeps the compiler from making one load of the two ways, with two kinds of pointers.
 */
#define TASK_READ(own, task, ...)                                                      \
	({                                                                             \
		typeof(___arrow((task), ##__VA_ARGS__)) __value;                       \
                                                                                       \
		if (own) {                                                             \
			__value = ___arrow(bpf_get_current_task_btf(), ##__VA_ARGS__); \
			barrier_var(__value);                                          \
		} else {                                                               \
			__value = BPF_CORE_READ((task), ##__VA_ARGS__);                \
		}                                                                      \
		__value;                                                               \
	})

static __always_inline bool is_own_task(struct task_struct *task)
{
	return has_direct_loads() && (__u64)task == bpf_get_current_task();
}

/* Of the current task, in any case. */
#define CURRENT_READ(task, ...) TASK_READ(has_direct_loads(), task, ##__VA_ARGS__)

#endif
