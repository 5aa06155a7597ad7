/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The parts of arch.bpf.h on x86-64. */
#ifndef KT_ARCH_X86_BPF_H
#define KT_ARCH_X86_BPF_H

#include "vmlinux.h"
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>

#include "direct.bpf.h"
#include "maps.bpf.h"
#include "signals.bpf.h"

#define KT_ARCH KT_ARCH_X86_64

#define X86_KERNEL_HALF (1ULL << 63)
#define X86_THREAD_SIZE (4 * 4096)
#define X86_TRAP_PAGE_FAULT 14
#define X86_COMPAT 0x2 /* TS_COMPAT in thread_info.status: an i386 system call */
#define X86_X32_BIT 0x40000000

/* pt_regs of the user side stand at the top of the kernel stack. bpf_task_pt_regs() came in 5.15
 * (commit dd6e10fbd9fb); before that the place is the same and there is no FRED padding. */
static __always_inline bool x86_has_task_pt_regs(void)
{
	return bpf_core_enum_value_exists(enum bpf_func_id, BPF_FUNC_task_pt_regs);
}

static __always_inline struct pt_regs *x86_old_user_regs(struct task_struct *task)
{
	return (struct pt_regs *)(BPF_CORE_READ(task, stack) + X86_THREAD_SIZE -
				  bpf_core_type_size(struct pt_regs));
}

/* A user register of the current task. The barrier as in TASK_READ(). */
#define X86_USER_REG(task, name)                                                       \
	({                                                                             \
		struct pt_regs *__regs;                                                \
		__u64 __value;                                                         \
                                                                                       \
		if (x86_has_task_pt_regs()) {                                          \
			__regs = (void *)bpf_task_pt_regs(bpf_get_current_task_btf()); \
			__value = __regs->name;                                        \
			barrier_var(__value);                                          \
		} else {                                                               \
			__regs = x86_old_user_regs(task);                              \
			__value = BPF_CORE_READ(__regs, name);                         \
		}                                                                      \
		__value;                                                               \
	})

/* These three of the current task only. */
static __always_inline __u64 arch_user_ip(struct task_struct *task)
{
	return X86_USER_REG(task, ip);
}

static __always_inline __u64 arch_user_sp(struct task_struct *task)
{
	return X86_USER_REG(task, sp);
}

static __always_inline void arch_read_user_context(struct task_struct *task,
						   struct user_context *ret)
{
	bool is_compat = CURRENT_READ(task, thread_info.status) & X86_COMPAT;

	ret->ip = arch_user_ip(task);
	ret->sp = arch_user_sp(task);
	/* orig_ax is the system call's number, and -1 after an exception (entry_64.S). */
	ret->syscall_nr = (__s64)X86_USER_REG(task, orig_ax) & ~(__s64)X86_X32_BIT;
	ret->argument = (__s64)(is_compat ? X86_USER_REG(task, bx) : X86_USER_REG(task, di));
	/* the program chose that register: other numbers are not system calls */
	if (ret->syscall_nr < 0 || ret->syscall_nr > 0xffff)
		ret->syscall_nr = -1;
}

/* rt_sigqueueinfo, rt_tgsigqueueinfo, pidfd_send_signal: the caller gives the siginfo. */
static __always_inline bool arch_gives_siginfo(struct task_struct *task, __s64 syscall_nr)
{
	if (CURRENT_READ(task, thread_info.status) & X86_COMPAT)
		return syscall_nr == 178 || syscall_nr == 335 || syscall_nr == 424;
	return syscall_nr == 129 || syscall_nr == 297 || syscall_nr == 424;
}

static __always_inline bool arch_is_kill(struct task_struct *task, __s64 syscall_nr)
{
	return syscall_nr == (CURRENT_READ(task, thread_info.status) & X86_COMPAT ? 37 : 62);
}

/* exit, exit_group */
static __always_inline bool arch_is_exit(struct task_struct *task, __s64 syscall_nr)
{
	if (CURRENT_READ(task, thread_info.status) & X86_COMPAT)
		return syscall_nr == 1 || syscall_nr == 252;
	return syscall_nr == 60 || syscall_nr == 231;
}

/* write, writev, sendfile, sendto, sendmsg, sendmmsg: the first argument is the file that is
 * written to */
static __always_inline bool arch_is_write(struct task_struct *task, __s64 syscall_nr)
{
	if (CURRENT_READ(task, thread_info.status) & X86_COMPAT)
		return syscall_nr == 4 || syscall_nr == 146 || syscall_nr == 187 ||
		       syscall_nr == 239 || syscall_nr == 369 || syscall_nr == 370 ||
		       syscall_nr == 345;
	return syscall_nr == 1 || syscall_nr == 20 || syscall_nr == 40 || syscall_nr == 44 ||
	       syscall_nr == 46 || syscall_nr == 307;
}

/* thread.{trap_nr,error_code,cr2} are written just before force_sig*() (arch/x86/kernel/traps.c,
 * mm/fault.c) and never cleared: valid only in the faulting task's own exception. */
static __always_inline void arch_read_trap(struct task_struct *task, struct kt_fault *fault)
{
	fault->trap_number = (__u32)CURRENT_READ(task, thread.trap_nr);
	fault->error_code = (__u32)CURRENT_READ(task, thread.error_code);
	fault->address = CURRENT_READ(task, thread.cr2);
}

static __always_inline bool arch_is_page_fault(struct kt_fault *fault)
{
	return fault->trap_number == X86_TRAP_PAGE_FAULT;
}

static __always_inline bool arch_is_kernel_address(__u64 address)
{
	return address >= X86_KERNEL_HALF;
}

#define X86_TRAP_DIVIDE 0
#define X86_TRAP_INVALID_OPCODE 6
#define X86_TRAP_X87 16
#define X86_TRAP_SIMD 19
#define X86_CODE_PKUERR 4 /* the last code of a page fault */
#define X86_CODE_INTDIV 1
#define X86_CODE_ILLOPN 2
#define X86_TRAP_BREAKPOINT 3
#define X86_TRAP_GENERAL_PROTECTION 13
#define X86_CODE_KERNEL 128 /* SI_KERNEL */
#define X86_USER_CS 0x33    /* of 64-bit code */
#define X86_INSTRUCTION_BYTES 15
#define X86_PREFIXES 4 /* that are skipped; compilers emit fewer */

/* Whether signal code and trap say by themselves that the trap forced the signal, however the
 * kernel got there: then no path through the kernel changes the cause. */
static __always_inline bool arch_trap_decides(struct kt_fault *fault)
{
	__u32 trap = fault->trap_number;

	if (fault->number == SIGSEGV)
		return trap == X86_TRAP_PAGE_FAULT && fault->code <= X86_CODE_PKUERR;
	if (fault->number == SIGILL)
		return trap == X86_TRAP_INVALID_OPCODE && fault->code == X86_CODE_ILLOPN;
	if (fault->number == SIGFPE)
		return fault->code == X86_CODE_INTDIV
			       ? trap == X86_TRAP_DIVIDE
			       : (trap == X86_TRAP_X87 || trap == X86_TRAP_SIMD) &&
					 fault->code < X86_CODE_KERNEL;
	return false;
}

/* Whether the instruction that was executed says more about the signal than the trap does. */
static __always_inline bool arch_stops_at_instruction(struct kt_fault *fault)
{
	if (fault->number == SIGILL)
		return true;
	if (fault->code != X86_CODE_KERNEL)
		return false;
	return (fault->number == SIGTRAP && fault->trap_number == X86_TRAP_BREAKPOINT) ||
	       (fault->number == SIGSEGV && fault->trap_number == X86_TRAP_GENERAL_PROTECTION);
}

static __always_inline bool x86_is_prefix(__u8 byte, bool is_64)
{
	return byte == 0x66 || byte == 0x67 || byte == 0xf0 || byte == 0xf2 || byte == 0xf3 ||
	       byte == 0x2e || byte == 0x36 || byte == 0x3e || byte == 0x26 || byte == 0x64 ||
	       byte == 0x65 || (is_64 && (byte & 0xf0) == 0x40);
}

/* 0x0f, 0x00 and 0x0f, 0x01 (Intel SDM volume 2, A.4.2, groups 6 and 7): programs may execute most
 * of these (xgetbv, rdpkru, rdtscp, xend, sldt ...), which then fail for other reasons. */
static __always_inline bool x86_is_privileged_group(const __u8 *code)
{
	__u8 operation = (code[2] >> 3) & 7;

	if (code[1] == 0x00)
		return operation == 2 || operation == 3; /* lldt, ltr */
	if (code[2] < 0xc0)                              /* of memory: lgdt, lidt, lmsw, invlpg */
		return operation == 2 || operation == 3 || operation >= 6;
	return operation == 6 || code[2] == 0xd1 || code[2] == 0xf8; /* lmsw, xsetbv, swapgs */
}

/* Two bytes, the first of which is 0x0f. `code` has two more. */
static __always_inline __u32 x86_class_of_two(const __u8 *code, bool is_repeat)
{
	switch (code[1]) {
	case 0x0b:
		return KT_INSTRUCTION_UD2;
	case 0xb9:
		return KT_INSTRUCTION_UD1;
	case 0xff:
		return KT_INSTRUCTION_UD0;
	case 0x38:
	case 0x3a:
		return KT_INSTRUCTION_LEGACY;
	case 0xb8:
		return is_repeat ? KT_INSTRUCTION_LEGACY : KT_INSTRUCTION_OTHER;
	case 0x00:
	case 0x01:
		return x86_is_privileged_group(code) ? KT_INSTRUCTION_PRIVILEGED
						     : KT_INSTRUCTION_OTHER;
	case 0x06: /* clts */
	case 0x08: /* invd */
	case 0x09: /* wbinvd */
	case 0x20: /* mov to and from control and debug registers */
	case 0x21:
	case 0x22:
	case 0x23:
	case 0x30: /* wrmsr */
	case 0x32: /* rdmsr */
		return KT_INSTRUCTION_PRIVILEGED;
	default:
		return KT_INSTRUCTION_OTHER;
	}
}

/* Intel SDM volume 2, 2.1 to 2.7 and appendix A. In 32-bit code these first bytes are other
 * instructions unless what follows has no memory operand. */
static __always_inline __u32 x86_class_of_vector(const __u8 *code, bool is_64)
{
	__u8 map = code[1] & 0x1f;

	if (!is_64 && code[0] != 0x8f && (code[1] & 0xc0) != 0xc0)
		return KT_INSTRUCTION_OTHER;
	switch (code[0]) {
	case 0xc5:
		return KT_INSTRUCTION_VEX;
	case 0xc4:
		/* the tiles' configuration, loads and stores, products */
		if (is_64 && map == 2 &&
		    (code[3] == 0x49 || code[3] == 0x4b || (code[3] >= 0x5c && code[3] <= 0x5e) ||
		     code[3] == 0x6c))
			return KT_INSTRUCTION_AMX;
		return map >= 1 && map <= 7 ? KT_INSTRUCTION_VEX : KT_INSTRUCTION_OTHER;
	case 0x62:
		return KT_INSTRUCTION_EVEX;
	default: /* 0x8f, else a pop */
		return map >= 8 && map <= 10 ? KT_INSTRUCTION_XOP : KT_INSTRUCTION_OTHER;
	}
}

static __always_inline __u32 x86_class_of_one(__u8 byte)
{
	switch (byte) {
	case 0xf4:
		return KT_INSTRUCTION_HLT;
	case 0xfa: /* cli */
	case 0xfb: /* sti */
	case 0xe4: /* in, out */
	case 0xe5:
	case 0xe6:
	case 0xe7:
	case 0xec:
	case 0xed:
	case 0xee:
	case 0xef:
	case 0x6c: /* ins, outs */
	case 0x6d:
	case 0x6e:
	case 0x6f:
		return KT_INSTRUCTION_PRIVILEGED;
	default:
		return KT_INSTRUCTION_OTHER;
	}
}

static __always_inline __u32 x86_class_of(const __u8 *bytes, bool is_64)
{
	__u32 at = 0;
	bool is_repeat = false;
	const __u8 *code;

	for (int i = 0; i < X86_PREFIXES; i++) {
		if (!x86_is_prefix(bytes[at & 7], is_64))
			break;
		is_repeat = is_repeat || bytes[at & 7] == 0xf3;
		at++;
	}
	code = &bytes[at & 7];
	if (code[0] == 0x0f)
		return x86_class_of_two(code, is_repeat);
	if (code[0] == 0xc4 || code[0] == 0xc5 || code[0] == 0x62 || code[0] == 0x8f)
		return x86_class_of_vector(code, is_64);
	return x86_class_of_one(code[0]);
}

/* The enum kt_instruction of the instruction at `ip` of the current task. Its bytes are wiped
 * before this returns. */
static __always_inline __u32 arch_read_instruction(__u64 ip, __u32 trap)
{
	struct task_struct *task = (struct task_struct *)bpf_get_current_task();
	struct signal_scratch *scratch = get_signal_scratch();
	__u32 class = KT_INSTRUCTION_UNKNOWN, left;
	bool is_64;

	if (!scratch)
		return KT_INSTRUCTION_UNKNOWN;
	is_64 = (X86_USER_REG(task, cs) & 0xffff) == X86_USER_CS;
	__builtin_memset(scratch->code, 0, sizeof(scratch->code));
	/* a trap: ip is behind it, and it has two encodings */
	if (trap == X86_TRAP_BREAKPOINT) {
		if (bpf_probe_read_user(scratch->code, 2, (void *)(ip - 2)))
			return KT_INSTRUCTION_UNKNOWN;
		class = scratch->code[1] == 0xcc ||
					(scratch->code[0] == 0xcd && scratch->code[1] == 3)
				? KT_INSTRUCTION_INT3
				: KT_INSTRUCTION_OTHER;
		__builtin_memset(scratch->code, 0, sizeof(scratch->code));
		return class;
	}
	left = 4096 - (ip & 4095);
	if (left > X86_INSTRUCTION_BYTES)
		left = X86_INSTRUCTION_BYTES;
	asm volatile("" : "+r"(left)); /* so that the value that is checked is passed on */
	if (left < 1 || left > X86_INSTRUCTION_BYTES)
		return KT_INSTRUCTION_UNKNOWN;
	if (!bpf_probe_read_user(scratch->code, X86_INSTRUCTION_BYTES, (void *)ip) ||
	    !bpf_probe_read_user(scratch->code, left, (void *)ip))
		class = x86_class_of(scratch->code, is_64);
	__builtin_memset(scratch->code, 0, sizeof(scratch->code));
	/* other instructions fail there for what they access */
	if (trap == X86_TRAP_GENERAL_PROTECTION && class != KT_INSTRUCTION_HLT &&
	    class != KT_INSTRUCTION_PRIVILEGED && class != KT_INSTRUCTION_UNKNOWN)
		class = KT_INSTRUCTION_OTHER;
	return class;
}

/* Of the registers that a tracepoint hands out. */
static __always_inline __u64 arch_ip(struct pt_regs *regs)
{
	return BPF_CORE_READ(regs, ip);
}

#endif
