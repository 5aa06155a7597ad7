// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * exceptions:page_fault_user and page_fault_kernel: the raw address and error code of the last page
 * fault per CPU. They fire on every fault, before it is handled, so only a few stores may happen
 * here.
 */
#include "arch.bpf.h"
#include "maps.bpf.h"
#include <bpf/bpf_core_read.h>

#define LOW_ADDRESS 0x10000UL
/* mm/maccess.c:copy_from_kernel_nofault() switches page faults off once itself, 5.8 to 7.3 */
#define BY_THIS_READ 1

SEC("?raw_tp/page_fault_user")
int page_fault_user(struct bpf_raw_tracepoint_args *ctx)
{
	__u32 zero = 0;
	struct last_fault *last = bpf_map_lookup_elem(&user_faults, &zero);

	if (!last)
		return 0;
	last->address = ctx->args[0];
	last->error_code = ctx->args[2];
	last->tid = (__u32)bpf_get_current_pid_tgid();
	return 0;
}

/*
 * The kernel faults on user memory all day long, on purpose. It never faults on purpose on an
 * address of its own that is not mapped, or on one next to NULL, unless it is prepared for that and
 * has switched page faults off. It does the latter when it reads its own code to print an oops,
 * after the fault that caused the oops.
 */
SEC("?raw_tp/page_fault_kernel")
int page_fault_kernel(struct bpf_raw_tracepoint_args *ctx)
{
	const __u64 address = ctx->args[0];
	struct task_struct *task = (struct task_struct *)bpf_get_current_task();
	__u32 tid = (__u32)bpf_get_current_pid_tgid();
	struct last_fault last = { .tid = tid };

	if (address >= LOW_ADDRESS && (long)address > 0)
		return 0;
	if (BPF_CORE_READ(task, pagefault_disabled) > BY_THIS_READ)
		return 0;
	last.address = address;
	last.error_code = ctx->args[2];
	last.ip = arch_ip((struct pt_regs *)ctx->args[1]);
	last.time_ns = bpf_ktime_get_boot_ns();
	bpf_map_update_elem(&kernel_faults, &tid, &last, BPF_ANY);
	return 0;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
