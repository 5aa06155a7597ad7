// SPDX-License-Identifier: BSD-2-Clause
#include "explain/fault.h"

#include <signal.h>

#include "base/cleanup.h"
#include "explain/fault_kind.h"
#include "explain/kernel_path.h"

#define CODE_KERNEL 128 /* SI_KERNEL */
#define CODE_CONTROL_PROTECTION 10
#define CODE_USER_DISPATCH 2
#define TRAP_DIVIDE 0
#define TRAP_DEBUG 1
#define TRAP_BREAKPOINT 3
#define TRAP_OVERFLOW 4
#define TRAP_INVALID_OPCODE 6
#define TRAP_NOT_PRESENT 11
#define TRAP_STACK_SEGMENT 12
#define TRAP_CONTROL_PROTECTION 21
#define CODE_PERF 6 /* TRAP_PERF: no trap at all */
#define TRAP_BOUND 5
#define TRAP_INVALID_TSS 10
#define TRAP_GENERAL_PROTECTION 13
#define TRAP_PAGE_FAULT 14
#define TRAP_X87 16
#define TRAP_ALIGNMENT 17
#define TRAP_SIMD 19
#define NR_RT_SIGRETURN 15
#define NR_EXECVE 59
#define NR_EXECVEAT 322

static bool any(const struct kernel_stack *stack, const char *const *names, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (kernel_path_has(stack, names[i]))
			return true;
	return false;
}

/*
 * SIGSEGV with SI_KERNEL: a #GP, or the kernel could not go on with the program (a signal frame
 * that cannot be written or read back, an exec past its point of no return). thread.trap_nr is
 * stale in all but the first, so that the way through the kernel decides; without its names, that
 * an exception enters with no system call number and a frame fails in the context of the last one.
 */
static enum cause cause_of_kernel_segv(const struct death *death)
{
	static const char *const exec[] = { "bprm_execve", "load_elf_binary", "begin_new_exec",
					    "exec_binprm", "__do_execve_file" };
	static const char *const frame[] = { "signal_setup_done",
					     "force_sigsegv",
					     "__x64_sys_rt_sigreturn",
					     "__do_sys_rt_sigreturn",
					     "__ia32_sys_rt_sigreturn",
					     "__ia32_compat_sys_sigreturn",
					     "signal_fault",
					     "badframe" };
	static const char *const trap[] = { "exc_general_protection", "do_general_protection",
					    "exc_overflow", "exc_bounds", "exc_invalid_tss" };
	static const char *const other[] = { "__rseq_handle_notify_resume", "rseq_syscall",
					     "emulate_vsyscall" };
	const struct kernel_stack *stack = &death->signal_stack;
	const struct kt_fault *fault = &death->fault;

	if (any(stack, other, ARRAY_SIZE(other)))
		return CAUSE_KERNEL_SIGNAL;
	if (any(stack, exec, ARRAY_SIZE(exec)) || fault->syscall_nr == NR_EXECVE ||
	    fault->syscall_nr == NR_EXECVEAT)
		return CAUSE_EXEC_FAILED;
	if (any(stack, trap, ARRAY_SIZE(trap)))
		return fault->trap_number == TRAP_GENERAL_PROTECTION ? CAUSE_GENERAL_PROTECTION
								     : CAUSE_KERNEL_SIGNAL;
	if (any(stack, frame, ARRAY_SIZE(frame)) || fault->syscall_nr >= 0)
		return CAUSE_SIGFRAME_FAILED;
	if (kernel_path_is_named(stack))
		return CAUSE_KERNEL_SIGNAL; /* a way that is none of the above */
	if (fault->trap_number == TRAP_GENERAL_PROTECTION)
		return CAUSE_GENERAL_PROTECTION;
	if (fault->trap_number == TRAP_OVERFLOW || fault->trap_number == TRAP_BOUND ||
	    fault->trap_number == TRAP_INVALID_TSS)
		return CAUSE_KERNEL_SIGNAL;
	return CAUSE_SIGFRAME_FAILED;
}

static enum cause cause_of_bus(const struct kt_fault *fault)
{
	switch (fault->code) {
	case BUS_MCEERR_AR:
	case BUS_MCEERR_AO:
		return CAUSE_MEMORY_FAILURE;
	case BUS_ADRALN:
		return CAUSE_ALIGNMENT_CHECK;
	default:
		return CAUSE_BUS_ERROR;
	}
}

static bool is_trap_instruction(const struct kt_fault *fault)
{
	return fault->code != CODE_PERF &&
	       (fault->trap_number == TRAP_BREAKPOINT || fault->trap_number == TRAP_DEBUG);
}

static enum cause cause_of_fault(const struct death *death)
{
	const struct kt_fault *fault = &death->fault;

	switch (fault->number) {
	case SIGSEGV:
		if (fault->code == CODE_CONTROL_PROTECTION)
			return CAUSE_CONTROL_PROTECTION;
		return fault->code == CODE_KERNEL ? cause_of_kernel_segv(death) : CAUSE_SEGFAULT;
	case SIGBUS:
		return cause_of_bus(fault);
	case SIGILL:
		return CAUSE_ILLEGAL_INSTRUCTION;
	case SIGFPE:
		return fault->code == FPE_INTDIV ? CAUSE_DIVIDE_ERROR : CAUSE_FLOATING_POINT;
	case SIGTRAP:
		return is_trap_instruction(fault) ? CAUSE_BREAKPOINT : CAUSE_KERNEL_SIGNAL;
	case SIGSYS:
		return fault->code == CODE_USER_DISPATCH ? CAUSE_KERNEL_SIGNAL : CAUSE_SECCOMP;
	default:
		return CAUSE_KERNEL_SIGNAL;
	}
}

/*
 * Whether thread.trap_nr was written by this fault. Each exception handler writes it just before it
 * forces one of few signals (arch/x86/kernel/traps.c, mm/fault.c); everything else that forces
 * signals leaves an older value behind.
 */
static bool segv_trap_is_fresh(const struct kt_fault *fault, enum cause cause)
{
	uint32_t trap = fault->trap_number;

	if (fault->code == CODE_CONTROL_PROTECTION)
		return trap == TRAP_CONTROL_PROTECTION;
	if (fault->code != CODE_KERNEL)
		return trap == TRAP_PAGE_FAULT;
	return cause == CAUSE_GENERAL_PROTECTION ||
	       (cause == CAUSE_KERNEL_SIGNAL &&
		(trap == TRAP_OVERFLOW || trap == TRAP_BOUND || trap == TRAP_INVALID_TSS));
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

static bool trap_is_fresh(const struct kt_fault *fault, enum cause cause)
{
	uint32_t trap = fault->trap_number;

	if (!(fault->valid & KT_FAULT_HAS_TRAP_NUMBER))
		return false;
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
		return is_trap_instruction(fault);
	default:
		return false; /* SIGSYS: a system call, no trap */
	}
}

static void read_with_cause(const struct death *death, enum cause cause, struct verdict *ret)
{
	const struct kt_fault *fault = &death->fault;

	ret->trap_is_fresh = trap_is_fresh(fault, cause);
	if (!ret->trap_is_fresh || fault->trap_number != TRAP_PAGE_FAULT)
		return;
	ret->fault_kind = fault_kind_of(fault);
	ret->access = fault_access_of(fault);
}

void fault_read(const struct death *death, struct verdict *ret)
{
	if (death->has_fault)
		read_with_cause(death, cause_of_fault(death), ret);
}

void fault_judge(const struct death *death, struct verdict *ret)
{
	ret->cause = cause_of_fault(death);
	ret->shows_seccomp = ret->cause == CAUSE_SECCOMP;
	/* where an exec failed, the instruction pointer is that of a program that is gone */
	ret->shows_fault = !ret->shows_seccomp && ret->cause != CAUSE_EXEC_FAILED;
	read_with_cause(death, ret->cause, ret);
	if (death->fault.flags & KT_FAULT_FRAME_FAILED)
		ret->cause = CAUSE_SIGFRAME_FAILED;
}
