// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Extra tier: fentry on oops_enter(), where the kernel allows it. It runs right after the kernel
 * has failed, before the first word is printed and before the stack of the thread is discarded
 * (rewind_stack_and_make_dead()). Only here can the failing function be seen.
 */
#include "knobs.bpf.h"
#include "task.bpf.h"
#include <bpf/bpf_tracing.h>

SEC("?fentry/oops_enter")
int BPF_PROG(oops_enter)
{
	__u32 tid = (__u32)bpf_get_current_pid_tgid();
	struct oops oops = { .time_ns = bpf_ktime_get_boot_ns() };

	/* a second oops in the same thread is an echo of the first */
	if (knob_kernel_stack && !bpf_map_lookup_elem(&oopses, &tid)) {
		read_kernel_stack(ctx, &oops.stack);
		bpf_map_update_elem(&oopses, &tid, &oops, BPF_ANY);
	}
	return 0;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
