/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The parts of arch.bpf.h on x86-64. */
#ifndef KT_ARCH_X86_BPF_H
#define KT_ARCH_X86_BPF_H

#include "vmlinux.h"
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>

#include "maps.bpf.h"

#define KT_ARCH KT_ARCH_X86_64

#define X86_KERNEL_HALF (1ULL << 63)
#define X86_THREAD_SIZE (4 * 4096)
#define X86_TRAP_PAGE_FAULT 14
#define X86_COMPAT 0x2 /* TS_COMPAT in thread_info.status: an i386 system call */
#define X86_X32_BIT 0x40000000

/* pt_regs of the user side stand at the top of the kernel stack. bpf_task_pt_regs() came in 5.15
 * (commit dd6e10fbd9fb); before that the place is the same and there is no FRED padding. */
static __always_inline struct pt_regs *arch_user_regs(struct task_struct *task)
{
	if (bpf_core_enum_value_exists(enum bpf_func_id, BPF_FUNC_task_pt_regs))
		return (struct pt_regs *)bpf_task_pt_regs(bpf_get_current_task_btf());
	return (struct pt_regs *)(BPF_CORE_READ(task, stack) + X86_THREAD_SIZE -
				  bpf_core_type_size(struct pt_regs));
}

/* Of the current task only. */
static __always_inline void arch_read_user_context(struct task_struct *task,
						   struct user_context *ret)
{
	struct pt_regs *regs = arch_user_regs(task);

	ret->ip = BPF_CORE_READ(regs, ip);
	ret->sp = BPF_CORE_READ(regs, sp);
	/* orig_ax is the system call's number, and -1 after an exception (entry_64.S). */
	ret->syscall_nr = (__s64)BPF_CORE_READ(regs, orig_ax) & ~(__s64)X86_X32_BIT;
	/* the program chose that register: what is no number of a call says nothing */
	if (ret->syscall_nr < 0 || ret->syscall_nr > 0xffff)
		ret->syscall_nr = -1;
}

/* rt_sigqueueinfo, rt_tgsigqueueinfo, pidfd_send_signal: the caller gives the siginfo. */
static __always_inline bool arch_gives_siginfo(struct task_struct *task, __s64 syscall_nr)
{
	if (BPF_CORE_READ(task, thread_info.status) & X86_COMPAT)
		return syscall_nr == 178 || syscall_nr == 335 || syscall_nr == 424;
	return syscall_nr == 129 || syscall_nr == 297 || syscall_nr == 424;
}

/* thread.{trap_nr,error_code,cr2} are written just before force_sig*() (arch/x86/kernel/traps.c,
 * mm/fault.c) and never cleared: valid only in the faulting task's own exception. */
static __always_inline void arch_read_trap(struct task_struct *task, struct kt_fault *fault)
{
	fault->trap_number = (__u32)BPF_CORE_READ(task, thread.trap_nr);
	fault->error_code = (__u32)BPF_CORE_READ(task, thread.error_code);
	fault->address = BPF_CORE_READ(task, thread.cr2);
}

static __always_inline bool arch_is_page_fault(struct kt_fault *fault)
{
	return fault->trap_number == X86_TRAP_PAGE_FAULT;
}

static __always_inline bool arch_is_kernel_address(__u64 address)
{
	return address >= X86_KERNEL_HALF;
}

/* Of the registers that a tracepoint hands out. */
static __always_inline __u64 arch_ip(struct pt_regs *regs)
{
	return regs->ip;
}

#endif
