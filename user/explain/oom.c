// SPDX-License-Identifier: BSD-2-Clause
#include "explain/oom.h"

#include "base/cleanup.h"
#include "explain/kernel_path.h"

struct scope_frame {
	const char *function;
	enum cause cause;
};

/* Callers of out_of_memory(), 5.8 to 7.2; the first that is found decides. */
static const struct scope_frame scopes[] = {
	{ "moom_callback", CAUSE_OOM_SYSRQ },
	{ "mem_cgroup_out_of_memory", CAUSE_OOM_MEMCG },
	{ "mem_cgroup_oom*", CAUSE_OOM_MEMCG },
	{ "try_charge*", CAUSE_OOM_MEMCG },
	{ "memory_max_write", CAUSE_OOM_MEMCG },
	{ "__alloc_pages*", CAUSE_OOM_GLOBAL },
	{ "__alloc_frozen_pages*", CAUSE_OOM_GLOBAL },
	{ "alloc_pages*", CAUSE_OOM_GLOBAL },
	{ "pagefault_out_of_memory", CAUSE_OOM_GLOBAL },
};

static bool scope_from_stack(const struct kernel_stack *stack, enum cause *ret)
{
	for (size_t i = 0; i < ARRAY_SIZE(scopes); i++) {
		if (kernel_path_has(stack, scopes[i].function)) {
			*ret = scopes[i].cause;
			return true;
		}
	}
	return false;
}

static bool scope_from_control(const struct death *death, enum cause *ret)
{
	static const enum cause causes[] = {
		[KT_OOM_SCOPE_GLOBAL] = CAUSE_OOM_GLOBAL,
		[KT_OOM_SCOPE_MEMCG] = CAUSE_OOM_MEMCG,
		[KT_OOM_SCOPE_CPUSET] = CAUSE_OOM_CPUSET,
		[KT_OOM_SCOPE_MEMPOLICY] = CAUSE_OOM_MEMPOLICY,
		[KT_OOM_SCOPE_SYSRQ] = CAUSE_OOM_SYSRQ,
	};

	if (!death->has_oom || !(death->oom.flags & KT_OOM_CONTROL) ||
	    death->oom.scope == KT_OOM_SCOPE_UNKNOWN || death->oom.scope >= ARRAY_SIZE(causes))
		return false;
	*ret = causes[death->oom.scope];
	return true;
}

/*
 * The limits of the victim's memory cgroups. If none was reached, the node ran out of memory, but
 * only if two things are certain: the OOM killer chose this process (mark_victim), and it was not a
 * worker of sysrq-f, which looks the same.
 */
static bool scope_from_state(const struct death *death, enum cause *ret)
{
	const uint32_t limit_hit = KT_OOM_LIMIT_LOCKED | KT_OOM_LIMIT_FULL;
	const uint32_t chosen = KT_OOM_MARKED | KT_OOM_SHARED_MM;
	uint32_t flags = death->has_oom ? death->oom.flags : 0;

	if (!(flags & KT_OOM_LIMIT_WALKED))
		return false;
	if (flags & limit_hit) {
		*ret = CAUSE_OOM_MEMCG;
		return true;
	}
	if ((flags & KT_OOM_LIMIT_PRESUMED) || death->oom.limit_bytes || !(flags & chosen) ||
	    !death->has_signal || (death->signal.flags & KT_SIGNAL_SENDER_KTHREAD))
		return false;
	*ret = CAUSE_OOM_GLOBAL;
	return true;
}

void oom_judge(const struct death *death, struct verdict *ret)
{
	ret->shows_oom = death->has_oom;
	ret->sender = death->has_signal ? SENDER_TRIGGER : SENDER_NONE;
	if (scope_from_control(death, &ret->cause)) {
		ret->scope_source = SCOPE_SOURCE_OOM_CONTROL;
	} else if (scope_from_stack(kernel_path_of_signal(death), &ret->cause)) {
		ret->scope_source = SCOPE_SOURCE_KERNEL_STACK;
	} else if (scope_from_state(death, &ret->cause)) {
		ret->scope_source = SCOPE_SOURCE_MEMCG_STATE;
	} else {
		ret->cause = CAUSE_KERNEL_SIGNAL;
		ret->oom_scope_unknown = true;
	}
}

bool oom_is_cause(enum cause cause)
{
	return cause == CAUSE_OOM_GLOBAL || cause == CAUSE_OOM_MEMCG || cause == CAUSE_OOM_CPUSET ||
	       cause == CAUSE_OOM_MEMPOLICY || cause == CAUSE_OOM_SYSRQ;
}

bool oom_is_limited(const struct kt_oom *oom)
{
	/* page_counter's "none" is LONG_MAX rounded down to a page, and the largest page is 64 KiB
	 */
	return oom->limit_bytes < INT64_MAX - 65536;
}
