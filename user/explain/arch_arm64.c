// SPDX-License-Identifier: BSD-2-Clause
/*
 * arm64: the error code is the syndrome register ESR_EL1, the trap number is the exception class in
 * it. Abstracts of arch/arm64/mm/fault.c, kernel/traps.c and kernel/debug-monitors.c, 5.10 to 7.2.
 */
#include "explain/arch.h"

#include <signal.h>

#include "base/cleanup.h"
#include "explain/kernel_path.h"

/* arch/arm64/include/asm/esr.h */
#define CLASS_UNKNOWN 0x00 /* also an undefined instruction */
#define CLASS_BRANCH_TARGET 0x0d
#define CLASS_SYSTEM 0x18
#define CLASS_POINTER_AUTHENTICATION 0x1c
#define CLASS_INSTRUCTION_ABORT 0x20
#define CLASS_PC_ALIGNMENT 0x22
#define CLASS_DATA_ABORT 0x24
#define CLASS_SP_ALIGNMENT 0x26
#define CLASS_MEMORY_COPY 0x27
#define CLASS_CONTROL_STACK 0x2d

/* In the syndrome of an abort. */
#define ABORT_STATUS 0x3f
#define ABORT_WRITE 0x40
#define ABORT_CACHE_MAINTENANCE 0x100 /* then WRITE is always set */
#define STATUS_FIRST_TRANSLATION 0x04
#define STATUS_FIRST_PERMISSION 0x0c
#define STATUS_LAST_PERMISSION 0x0f
#define STATUS_EXTERNAL 0x10
#define STATUS_TAG_CHECK 0x11
#define STATUS_FIRST_WALK_EXTERNAL 0x13
#define STATUS_LAST_PARITY 0x1f
#define STATUS_ALIGNMENT 0x21
#define STATUS_TRANSLATION_LEVEL_MINUS_1 0x2b

#define CODE_MTE_SYNCHRONOUS 9 /* SEGV_MTESERR */
#define CODE_CONTROL_PROTECTION 10
#define CODE_PROTECTION_KEY 4 /* SEGV_PKUERR */

static bool is_abort(uint32_t trap)
{
	return trap == CLASS_INSTRUCTION_ABORT || trap == CLASS_DATA_ABORT;
}

/* A translation, access flag or permission fault. */
static bool is_page_fault_status(uint32_t status)
{
	return (status >= STATUS_FIRST_TRANSLATION && status <= STATUS_LAST_PERMISSION) ||
	       status == STATUS_TRANSLATION_LEVEL_MINUS_1;
}

static const char *abort_name(uint32_t trap, uint32_t status)
{
	if (is_page_fault_status(status))
		return "page-fault";
	if (status == STATUS_ALIGNMENT)
		return "alignment-fault";
	if (status == STATUS_TAG_CHECK)
		return "tag-check";
	if (status == STATUS_EXTERNAL ||
	    (status >= STATUS_FIRST_WALK_EXTERNAL && status <= STATUS_LAST_PARITY))
		return "external-abort";
	return trap == CLASS_DATA_ABORT ? "data-abort" : "instruction-abort";
}

static const char *trap_name(uint32_t trap, uint32_t error_code)
{
	if (is_abort(trap))
		return abort_name(trap, error_code & ABORT_STATUS);
	switch (trap) {
	case CLASS_UNKNOWN:
		return "undefined-instruction";
	case CLASS_BRANCH_TARGET:
		return "branch-target";
	case CLASS_SYSTEM:
		return "system-instruction";
	case CLASS_POINTER_AUTHENTICATION:
		return "pointer-authentication";
	case CLASS_PC_ALIGNMENT:
		return "pc-alignment";
	case CLASS_SP_ALIGNMENT:
		return "sp-alignment";
	case CLASS_MEMORY_COPY:
		return "memory-copy";
	case CLASS_CONTROL_STACK:
		return "guarded-control-stack";
	default:
		return NULL;
	}
}

static uint32_t abort_status(const struct kt_fault *fault)
{
	return fault->error_code & ABORT_STATUS;
}

static bool is_page_fault(const struct kt_fault *fault)
{
	return is_abort(fault->trap_number) && is_page_fault_status(abort_status(fault));
}

static unsigned int page_fault_bits(const struct kt_fault *fault)
{
	const uint32_t write = ABORT_WRITE | ABORT_CACHE_MAINTENANCE;
	uint32_t status = abort_status(fault);

	return (fault->trap_number == CLASS_INSTRUCTION_ABORT ? PAGE_FAULT_EXEC : 0U) |
	       ((fault->error_code & write) == ABORT_WRITE ? PAGE_FAULT_WRITE : 0U) |
	       (status >= STATUS_FIRST_PERMISSION && status <= STATUS_LAST_PERMISSION
			? PAGE_FAULT_PRESENT
			: 0U);
}

/* BRK, a step, a hardware breakpoint: known by the signal code, since no trap is noted. */
static bool is_breakpoint(const struct kt_fault *fault)
{
	return fault->code == TRAP_BRKPT || fault->code == TRAP_TRACE || fault->code == TRAP_HWBKPT;
}

static bool has_address_code(const struct kt_fault *fault)
{
	return fault->code == SEGV_MAPERR || fault->code == SEGV_ACCERR;
}

/*
 * arm64_notify_segfault() forces SIGSEGV without any syndrome: if a signal frame cannot be read
 * back, and rarely if the kernel does the work of an instruction.
 */
static enum cause cause_of_segv(const struct kt_fault *fault, const struct kernel_stack *stack)
{
	static const char *const frame[] = { "__arm64_sys_rt_sigreturn",
					     "__arm64_compat_sys_sigreturn",
					     "__arm64_compat_sys_rt_sigreturn" };

	bool has_trap = fault->valid & KT_FAULT_HAS_TRAP_NUMBER;

	if (!has_address_code(fault) || (has_trap && fault->trap_number != CLASS_UNKNOWN))
		return CAUSE_COUNT;
	if (fault->syscall_nr == arch_arm64.call.rt_sigreturn ||
	    kernel_path_has_any(stack, frame, ARRAY_SIZE(frame)))
		return CAUSE_SIGFRAME_FAILED;
	return has_trap && !kernel_path_is_named(stack) ? CAUSE_KERNEL_SIGNAL : CAUSE_COUNT;
}

static bool segv_trap_is_fresh(const struct kt_fault *fault)
{
	if (fault->code == CODE_CONTROL_PROTECTION)
		return fault->trap_number == CLASS_CONTROL_STACK;
	return (has_address_code(fault) || fault->code == CODE_PROTECTION_KEY ||
		fault->code == CODE_MTE_SYNCHRONOUS) &&
	       is_abort(fault->trap_number);
}

static bool bus_trap_is_fresh(const struct kt_fault *fault, const struct kernel_stack *stack)
{
	switch (fault->code) {
	case BUS_ADRALN:
		return fault->trap_number == CLASS_PC_ALIGNMENT ||
		       fault->trap_number == CLASS_SP_ALIGNMENT ||
		       (is_abort(fault->trap_number) && abort_status(fault) == STATUS_ALIGNMENT);
	case BUS_MCEERR_AR: /* also forced by work that a report of the firmware left behind */
		return is_abort(fault->trap_number) && kernel_path_has(stack, "do_page_fault");
	case BUS_ADRERR:
		return is_page_fault(fault);
	case BUS_OBJERR:
		return is_abort(fault->trap_number);
	default:
		return false;
	}
}

static bool trap_is_fresh(const struct kt_fault *fault, const struct kernel_stack *stack,
			  enum cause cause)
{
	(void)cause;
	switch (fault->number) {
	case SIGSEGV:
		return segv_trap_is_fresh(fault);
	case SIGBUS:
		return bus_trap_is_fresh(fault, stack);
	case SIGILL: /* force_signal_inject() always writes */
		return fault->code == ILL_ILLOPC || fault->code == ILL_ILLOPN;
	default:
		return false;
	}
}

const struct arch arch_arm64 = {
	.name = "aarch64",
	.trap_name = trap_name,
	.is_page_fault = is_page_fault,
	.page_fault_bits = page_fault_bits,
	.is_breakpoint = is_breakpoint,
	.cause_of_segv = cause_of_segv,
	.trap_is_fresh = trap_is_fresh,
	.call = {
		.execve = 221,
		.execveat = 281,
		.write = 64,
		.writev = 66,
		.rt_sigreturn = 139,
		.rt_sigqueueinfo = 138,
		.rt_tgsigqueueinfo = 240,
		.pidfd_send_signal = 424,
		.forks = { 220, 435, 2, 120, 190 },
	},
};
