/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The parts of arch.bpf.h on arm64. Its types are in vmlinux/arm64. */
#ifndef KT_ARCH_ARM64_BPF_H
#define KT_ARCH_ARM64_BPF_H

#include "vmlinux.h"
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>

#include "knobs.bpf.h"
#include "maps.bpf.h"
#include "signals.bpf.h"

#define KT_ARCH KT_ARCH_ARM64

/* Bit 55 chooses between the two halves; the eight bits above it can be a tag. */
#define ARM64_KERNEL_HALF (1ULL << 55)
#define ARM64_LEAST_THREAD_SIZE (4 * 4096ULL)
#define ARM64_TIF_32BIT (1UL << 22) /* in thread_info.flags: an AArch32 program */
#define ARM64_EXCEPTION_CLASS(esr) (((esr) >> 26) & 0x3f)
#define ARM64_INSTRUCTION_ABORT 0x20 /* from user mode */
#define ARM64_DATA_ABORT 0x24
#define ARM64_CODE_BREAKPOINT 1 /* TRAP_BRKPT */

/* pt_regs of the user side stand at the top of the kernel stack, whose size is a page where pages
 * are larger. bpf_task_pt_regs() came in 5.15 (commit dd6e10fbd9fb). */
static __always_inline struct pt_regs___on_arm64 *arch_user_regs(struct task_struct *task)
{
	__u64 stack_bytes = knob_page_bytes > ARM64_LEAST_THREAD_SIZE ? knob_page_bytes
								      : ARM64_LEAST_THREAD_SIZE;

	if (bpf_core_enum_value_exists(enum bpf_func_id, BPF_FUNC_task_pt_regs))
		return (void *)bpf_task_pt_regs(bpf_get_current_task_btf());
	return (void *)(BPF_CORE_READ(task, stack) + stack_bytes -
			bpf_core_type_size(struct pt_regs));
}

/* These three of the current task only. */
static __always_inline __u64 arch_user_ip(struct task_struct *task)
{
	struct pt_regs___on_arm64 *regs = arch_user_regs(task);

	return BPF_CORE_READ(regs, pc);
}

static __always_inline __u64 arch_user_sp(struct task_struct *task)
{
	struct pt_regs___on_arm64 *regs = arch_user_regs(task);

	return BPF_CORE_READ(regs, sp);
}

static __always_inline void arch_read_user_context(struct task_struct *task,
						   struct user_context *ret)
{
	struct pt_regs___on_arm64 *regs = arch_user_regs(task);

	ret->ip = BPF_CORE_READ(regs, pc);
	ret->sp = BPF_CORE_READ(regs, sp);
	/* -1 after an exception, and once sigreturn has put other registers there (entry.S,
	 * signal.c) */
	ret->syscall_nr = BPF_CORE_READ(regs, syscallno);
	ret->argument = (__s64)BPF_CORE_READ(regs, orig_x0);
	/* the program chose that register: other numbers are not system calls */
	if (ret->syscall_nr < 0 || ret->syscall_nr > 0xffff)
		ret->syscall_nr = -1;
}

/* rt_sigqueueinfo, rt_tgsigqueueinfo, pidfd_send_signal: the caller gives the siginfo. */
static __always_inline bool arch_gives_siginfo(struct task_struct *task, __s64 syscall_nr)
{
	if (BPF_CORE_READ(task, thread_info.flags) & ARM64_TIF_32BIT)
		return syscall_nr == 178 || syscall_nr == 363 || syscall_nr == 424;
	return syscall_nr == 138 || syscall_nr == 240 || syscall_nr == 424;
}

static __always_inline bool arch_is_kill(struct task_struct *task, __s64 syscall_nr)
{
	return syscall_nr == (BPF_CORE_READ(task, thread_info.flags) & ARM64_TIF_32BIT ? 37 : 129);
}

/* exit, exit_group */
static __always_inline bool arch_is_exit(struct task_struct *task, __s64 syscall_nr)
{
	if (BPF_CORE_READ(task, thread_info.flags) & ARM64_TIF_32BIT)
		return syscall_nr == 1 || syscall_nr == 248;
	return syscall_nr == 93 || syscall_nr == 94;
}

/* write, writev, sendfile, sendto, sendmsg, sendmmsg: the first argument is the file that is
 * written to */
static __always_inline bool arch_is_write(struct task_struct *task, __s64 syscall_nr)
{
	if (BPF_CORE_READ(task, thread_info.flags) & ARM64_TIF_32BIT)
		return syscall_nr == 4 || syscall_nr == 146 || syscall_nr == 187 ||
		       syscall_nr == 239 || syscall_nr == 290 || syscall_nr == 296 ||
		       syscall_nr == 374;
	return syscall_nr == 64 || syscall_nr == 66 || syscall_nr == 71 || syscall_nr == 206 ||
	       syscall_nr == 211 || syscall_nr == 269;
}

/*
 * thread.{fault_address,fault_code} are written just before most signals are forced
 * (arch/arm64/mm/fault.c:set_thread_esr(), kernel/traps.c:arm64_notify_die()) and never cleared:
 * valid only in the faulting task's own exception. fault_code is the syndrome register (ESR_EL1),
 * and its exception class serves as the number of the trap. 0 is an undefined instruction, or a
 * signal that the kernel forces by arm64_notify_segfault().
 */
static __always_inline void arch_read_trap(struct task_struct *task, struct kt_fault *fault)
{
	struct task_struct___on_arm64 *arm64 = (void *)task;
	__u64 esr = BPF_CORE_READ(arm64, thread.fault_code);

	fault->trap_number = (__u32)ARM64_EXCEPTION_CLASS(esr);
	fault->error_code = (__u32)esr;
	fault->address = BPF_CORE_READ(arm64, thread.fault_address);
}

/* Whether the trap has an address: external aborts and misaligned accesses share the class. */
static __always_inline bool arch_is_page_fault(struct kt_fault *fault)
{
	return fault->trap_number == ARM64_INSTRUCTION_ABORT ||
	       fault->trap_number == ARM64_DATA_ABORT;
}

static __always_inline bool arch_is_kernel_address(__u64 address)
{
	return address & ARM64_KERNEL_HALF;
}

/* Whether signal code and trap say by themselves that the trap forced the signal: the exception
 * class can be an older one (user/explain/arch_arm64.c). */
static __always_inline bool arch_trap_decides(struct kt_fault *fault)
{
	(void)fault;
	return false;
}

/* Whether the instruction that was executed says more about the signal than the trap does. */
static __always_inline bool arch_stops_at_instruction(struct kt_fault *fault)
{
	return (fault->number == SIGILL && !fault->trap_number) ||
	       (fault->number == SIGTRAP && fault->code == ARM64_CODE_BREAKPOINT);
}

/* The enum kt_instruction of the instruction at `ip` of the current task: Arm ARM, C4.1.
 * Instructions are always little-endian. None of their bytes are kept. */
static __always_inline __u32 arch_read_instruction(__u64 ip, __u32 trap)
{
	struct task_struct *task = (struct task_struct *)bpf_get_current_task();
	__u32 code;

	(void)trap;
	if ((BPF_CORE_READ(task, thread_info.flags) & ARM64_TIF_32BIT) ||
	    bpf_probe_read_user(&code, sizeof(code), (void *)ip))
		return KT_INSTRUCTION_UNKNOWN;
	if ((code & 0xffe0001f) == 0xd4200000)
		return KT_INSTRUCTION_BRK;
	if (!(code & 0xffff0000))
		return KT_INSTRUCTION_UDF;
	if ((code & 0x1e000000) == 0x04000000)
		return KT_INSTRUCTION_SVE;
	if ((code & 0x9e000000) == 0x80000000)
		return KT_INSTRUCTION_SME;
	return KT_INSTRUCTION_OTHER;
}

/* Of the registers that a tracepoint hands out. */
static __always_inline __u64 arch_ip(struct pt_regs *regs)
{
	return BPF_CORE_READ((struct pt_regs___on_arm64 *)regs, pc);
}

#endif
