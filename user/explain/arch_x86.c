// SPDX-License-Identifier: BSD-2-Clause
/* x86-64: the trap number is that of the exception vector. */
#include "explain/arch.h"

#include <signal.h>

#include "base/cleanup.h"
#include "explain/kernel_path.h"

/* arch/x86/include/asm/trapnr.h */
#define TRAP_DIVIDE 0
#define TRAP_DEBUG 1
#define TRAP_BREAKPOINT 3
#define TRAP_OVERFLOW 4
#define TRAP_BOUND 5
#define TRAP_INVALID_OPCODE 6
#define TRAP_INVALID_TSS 10
#define TRAP_NOT_PRESENT 11
#define TRAP_STACK_SEGMENT 12
#define TRAP_GENERAL_PROTECTION 13
#define TRAP_PAGE_FAULT 14
#define TRAP_X87 16
#define TRAP_ALIGNMENT 17
#define TRAP_SIMD 19
#define TRAP_CONTROL_PROTECTION 21

/* arch/x86/include/asm/trap_pf.h */
#define ERROR_PRESENT 0x1
#define ERROR_WRITE 0x2
#define ERROR_EXEC 0x10
#define ERROR_PROTECTION_KEY 0x20

#define CODE_KERNEL 128 /* SI_KERNEL */
#define CODE_CONTROL_PROTECTION 10
#define CODE_PERF 6 /* TRAP_PERF: not a trap */

static const char *trap_name(uint32_t trap, uint32_t error_code)
{
	static const char *const names[] = {
		[TRAP_DIVIDE] = "divide-error",
		[TRAP_DEBUG] = "debug",
		[2] = "nmi",
		[TRAP_BREAKPOINT] = "breakpoint",
		[TRAP_OVERFLOW] = "overflow",
		[TRAP_BOUND] = "bound-range",
		[TRAP_INVALID_OPCODE] = "invalid-opcode",
		[7] = "device-not-available",
		[8] = "double-fault",
		[TRAP_INVALID_TSS] = "invalid-tss",
		[TRAP_NOT_PRESENT] = "segment-not-present",
		[TRAP_STACK_SEGMENT] = "stack-segment",
		[TRAP_GENERAL_PROTECTION] = "general-protection",
		[TRAP_PAGE_FAULT] = "page-fault",
		[TRAP_X87] = "x87-floating-point",
		[TRAP_ALIGNMENT] = "alignment-check",
		[18] = "machine-check",
		[TRAP_SIMD] = "simd-floating-point",
		[TRAP_CONTROL_PROTECTION] = "control-protection",
	};

	(void)error_code;
	return trap < ARRAY_SIZE(names) ? names[trap] : NULL;
}

static bool is_page_fault(const struct kt_fault *fault)
{
	return fault->trap_number == TRAP_PAGE_FAULT;
}

static unsigned int page_fault_bits(const struct kt_fault *fault)
{
	return (fault->error_code & ERROR_WRITE ? PAGE_FAULT_WRITE : 0U) |
	       (fault->error_code & ERROR_EXEC ? PAGE_FAULT_EXEC : 0U) |
	       (fault->error_code & ERROR_PRESENT ? PAGE_FAULT_PRESENT : 0U) |
	       (fault->error_code & ERROR_PROTECTION_KEY ? PAGE_FAULT_PROTECTION_KEY : 0U);
}

static bool is_breakpoint(const struct kt_fault *fault)
{
	return fault->code != CODE_PERF &&
	       (fault->trap_number == TRAP_BREAKPOINT || fault->trap_number == TRAP_DEBUG);
}

static bool is_other_segv_trap(uint32_t trap)
{
	return trap == TRAP_OVERFLOW || trap == TRAP_BOUND || trap == TRAP_INVALID_TSS;
}

/*
 * SI_KERNEL comes from a #GP, and from anything else that keeps the kernel from continuing a
 * program, where the trap number is an older one: the kernel path decides. Without names of kernel
 * functions, an exception is recognized by the missing system call number.
 */
static enum cause cause_of_segv(const struct kt_fault *fault, const struct kernel_stack *stack)
{
	static const char *const traps[] = { "exc_general_protection", "do_general_protection",
					     "exc_overflow", "exc_bounds", "exc_invalid_tss" };

	if (fault->code != CODE_KERNEL)
		return CAUSE_COUNT;
	if (kernel_path_has_any(stack, traps, ARRAY_SIZE(traps)))
		return fault->trap_number == TRAP_GENERAL_PROTECTION ? CAUSE_GENERAL_PROTECTION
								     : CAUSE_KERNEL_SIGNAL;
	if (kernel_path_is_named(stack) || fault->syscall_nr >= 0)
		return CAUSE_COUNT;
	if (fault->trap_number == TRAP_GENERAL_PROTECTION)
		return CAUSE_GENERAL_PROTECTION;
	return is_other_segv_trap(fault->trap_number) ? CAUSE_KERNEL_SIGNAL : CAUSE_COUNT;
}

static bool segv_trap_is_fresh(const struct kt_fault *fault, enum cause cause)
{
	uint32_t trap = fault->trap_number;

	if (fault->code == CODE_CONTROL_PROTECTION)
		return trap == TRAP_CONTROL_PROTECTION;
	if (fault->code != CODE_KERNEL)
		return trap == TRAP_PAGE_FAULT;
	return cause == CAUSE_GENERAL_PROTECTION ||
	       (cause == CAUSE_KERNEL_SIGNAL && is_other_segv_trap(trap));
}

static bool bus_trap_is_fresh(const struct kt_fault *fault)
{
	uint32_t trap = fault->trap_number;

	switch (fault->code) {
	case BUS_ADRALN:
		return trap == TRAP_ALIGNMENT;
	case BUS_MCEERR_AR:
		return trap == TRAP_PAGE_FAULT && (fault->flags & KT_FAULT_FROM_TRACEPOINT);
	case BUS_ADRERR:
		return trap == TRAP_PAGE_FAULT;
	default:
		return fault->code == CODE_KERNEL &&
		       (trap == TRAP_NOT_PRESENT || trap == TRAP_STACK_SEGMENT);
	}
}

/* arch/x86/kernel/traps.c, mm/fault.c */
static bool trap_is_fresh(const struct kt_fault *fault, const struct kernel_stack *stack,
			  enum cause cause)
{
	uint32_t trap = fault->trap_number;

	(void)stack;
	switch (fault->number) {
	case SIGSEGV:
		return segv_trap_is_fresh(fault, cause);
	case SIGBUS:
		return bus_trap_is_fresh(fault);
	case SIGFPE:
		return fault->code == FPE_INTDIV ? trap == TRAP_DIVIDE
						 : trap == TRAP_X87 || trap == TRAP_SIMD;
	case SIGILL:
		return trap == TRAP_INVALID_OPCODE && fault->code == ILL_ILLOPN;
	case SIGTRAP:
		return is_breakpoint(fault);
	default:
		return false; /* SIGSYS: a system call, not a trap */
	}
}

const struct arch arch_x86 = {
	.trap_name = trap_name,
	.is_page_fault = is_page_fault,
	.page_fault_bits = page_fault_bits,
	.is_breakpoint = is_breakpoint,
	.cause_of_segv = cause_of_segv,
	.trap_is_fresh = trap_is_fresh,
	.call = {
		.execve = 59,
		.execveat = 322,
		.write = 1,
		.writev = 20,
		.rt_sigreturn = 15,
		.rt_sigqueueinfo = 129,
		.rt_tgsigqueueinfo = 297,
		.pidfd_send_signal = 424,
		.forks = { 56, 57, 58, 435, 2, 120, 190 },
	},
};
