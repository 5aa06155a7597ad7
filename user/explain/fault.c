// SPDX-License-Identifier: BSD-2-Clause
#include "explain/fault.h"

#include <signal.h>

#include "base/cleanup.h"
#include "explain/arch.h"
#include "explain/fault_kind.h"
#include "explain/kernel_path.h"

#define CODE_KERNEL 128 /* SI_KERNEL */
#define CODE_CONTROL_PROTECTION 10
#define CODE_SECCOMP 1

/* A fault, and where it forced its signal, if known. */
struct evidence {
	const struct arch *arch;
	const struct kt_fault *fault;
	const struct kernel_stack *stack;
};

/*
 * SIGSEGV with SI_KERNEL without a trap: the kernel could not continue the program (a signal frame
 * that cannot be written or read back, an exec past its point of no return). The system call or the
 * kernel path decides. Without names of kernel functions, only an invalid stack pointer
 * distinguishes a failed frame from other reasons (such as a broken rseq area).
 */
static enum cause cause_of_kernel_segv(const struct evidence *known, struct verdict *ret)
{
	static const char *const exec[] = { "bprm_execve", "load_elf_binary", "begin_new_exec",
					    "exec_binprm", "__do_execve_file" };
	static const char *const frame[] = {
		"signal_setup_done",          "signal_fault",          "badframe",
		"__x64_sys_rt_sigreturn",     "__do_sys_rt_sigreturn", "__ia32_sys_rt_sigreturn",
		"__ia32_compat_sys_sigreturn"
	};
	/* signal_setup_done() can be missing if it ends in force_sigsegv() */
	static const char *const delivery[] = { "arch_do_signal*", "do_signal", "handle_signal" };
	static const char *const other[] = { "rseq_*", "__rseq_*", "emulate_vsyscall",
					     "syscall_user_dispatch*" };
	const struct kernel_stack *stack = known->stack;
	const struct kt_fault *fault = known->fault;
	const struct arch *arch = known->arch;

	if (kernel_path_has_any(stack, other, ARRAY_SIZE(other)))
		return CAUSE_KERNEL_SIGNAL;
	if (kernel_path_has_any(stack, exec, ARRAY_SIZE(exec)) ||
	    (fault->syscall_nr >= 0 &&
	     (fault->syscall_nr == arch->call.execve || fault->syscall_nr == arch->call.execveat)))
		return CAUSE_EXEC_FAILED;
	if (kernel_path_has_any(stack, frame, ARRAY_SIZE(frame)) ||
	    (fault->syscall_nr >= 0 && fault->syscall_nr == arch->call.rt_sigreturn))
		return CAUSE_SIGFRAME_FAILED;
	if (kernel_path_is_named(stack))
		return kernel_path_has(stack, "force_sigsegv") &&
				       kernel_path_has_any(stack, delivery, ARRAY_SIZE(delivery))
			       ? CAUSE_SIGFRAME_FAILED
			       : CAUSE_KERNEL_SIGNAL;
	ret->incomplete |= EVIDENCE_STACKS;
	return fault->flags & KT_FAULT_SP_UNMAPPED ? CAUSE_SIGFRAME_FAILED : CAUSE_KERNEL_SIGNAL;
}

static enum cause cause_of_segv(const struct evidence *known, struct verdict *ret)
{
	enum cause own = known->arch->cause_of_segv(known->fault, known->stack);

	if (own != CAUSE_COUNT) {
		/* the trap number can be an older one */
		if (own != CAUSE_SIGFRAME_FAILED && !kernel_path_is_named(known->stack) &&
		    !(known->fault->flags & KT_FAULT_HANDLED))
			ret->incomplete |= EVIDENCE_STACKS;
		return own;
	}
	if (known->fault->code == CODE_CONTROL_PROTECTION)
		return CAUSE_CONTROL_PROTECTION;
	return known->fault->code == CODE_KERNEL ? cause_of_kernel_segv(known, ret)
						 : CAUSE_SEGFAULT;
}

static enum cause cause_of_bus(const struct evidence *known)
{
	switch (known->fault->code) {
	case CODE_KERNEL:
		/* arch/x86/kernel/cpu/mce/core.c: an error that the hardware could not repair, 5.8
		 * to 7.3 */
		return kernel_path_has(known->stack, "kill_me_*") ? CAUSE_MEMORY_FAILURE
								  : CAUSE_BUS_ERROR;
	case BUS_MCEERR_AR:
	case BUS_MCEERR_AO:
		return CAUSE_MEMORY_FAILURE;
	case BUS_ADRALN:
		return CAUSE_ALIGNMENT_CHECK;
	default:
		return CAUSE_BUS_ERROR;
	}
}

/* SIGSYS of seccomp has its own code, except where a vsyscall is emulated. Anything else is syscall
 * user dispatch, or its invalid selector (kernel/entry/syscall_user_dispatch.c, since 5.11). */
static enum cause cause_of_sys(const struct evidence *known, struct verdict *ret)
{
	if (known->fault->code == CODE_SECCOMP)
		return CAUSE_SECCOMP;
	if (known->fault->code != CODE_KERNEL)
		return CAUSE_KERNEL_SIGNAL;
	if (kernel_path_has(known->stack, "emulate_vsyscall"))
		return CAUSE_SECCOMP;
	if (!kernel_path_is_named(known->stack))
		ret->incomplete |= EVIDENCE_STACKS;
	return CAUSE_KERNEL_SIGNAL;
}

static enum cause cause_of_fault(const struct evidence *known, struct verdict *ret)
{
	const struct kt_fault *fault = known->fault;

	switch (fault->number) {
	case SIGSEGV:
		return cause_of_segv(known, ret);
	case SIGBUS:
		return cause_of_bus(known);
	case SIGILL:
		return CAUSE_ILLEGAL_INSTRUCTION;
	case SIGFPE:
		return fault->code == FPE_INTDIV ? CAUSE_DIVIDE_ERROR : CAUSE_FLOATING_POINT;
	case SIGTRAP:
		return known->arch->is_breakpoint(fault) ? CAUSE_BREAKPOINT : CAUSE_KERNEL_SIGNAL;
	case SIGSYS:
		return cause_of_sys(known, ret);
	default:
		return CAUSE_KERNEL_SIGNAL;
	}
}

static void read_with_cause(const struct evidence *known, enum cause cause, struct verdict *ret)
{
	const struct kt_fault *fault = known->fault;

	ret->trap_is_fresh = (fault->valid & KT_FAULT_HAS_TRAP_NUMBER) &&
			     known->arch->trap_is_fresh(fault, known->stack, cause);
	if (!ret->trap_is_fresh || !known->arch->is_page_fault(fault))
		return;
	ret->fault_kind = fault_kind_of(known->arch, fault);
	ret->access = fault_access_of(known->arch, fault);
}

static const struct kernel_stack unknown_stack;

void fault_read(const struct death *death, struct verdict *ret)
{
	struct evidence known = { arch_of(death), &death->fault, &unknown_stack };
	struct verdict alone = { 0 };

	if (death->has_fault)
		read_with_cause(&known, cause_of_fault(&known, &alone), ret);
}

bool fault_handler_trap_is_fresh(const struct death *death)
{
	const struct kt_fault *fault = &death->handler_fault;
	struct evidence known = { arch_of(death), fault,
				  death->has_own_abort ? &death->signal_stack
						       : kernel_path_of_signal(death) };
	struct verdict alone = { 0 };

	return death->has_handler_fault && (fault->valid & KT_FAULT_HAS_TRAP_NUMBER) &&
	       known.arch->trap_is_fresh(fault, known.stack, cause_of_fault(&known, &alone));
}

void fault_judge(const struct death *death, const struct kernel_stack *stack, struct verdict *ret)
{
	struct evidence known = { arch_of(death), &death->fault, stack ? stack : &unknown_stack };

	ret->cause = cause_of_fault(&known, ret);
	ret->shows_seccomp = ret->cause == CAUSE_SECCOMP;
	/* if an exec failed, the instruction pointer is from a program that is gone */
	ret->shows_fault = !ret->shows_seccomp && ret->cause != CAUSE_EXEC_FAILED;
	read_with_cause(&known, ret->cause, ret);
	if (death->fault.flags & KT_FAULT_FRAME_FAILED)
		ret->cause = CAUSE_SIGFRAME_FAILED;
}

void fault_judge_by_signal(const struct death *death, struct verdict *ret)
{
	const struct kt_signal *signal = &death->signal;
	const struct kt_fault fault = { .number = signal->number,
					.code = signal->code,
					.syscall_nr = signal->valid & KT_SIGNAL_HAS_SYSCALL
							      ? signal->syscall_nr
							      : -1 };
	struct evidence known = { arch_of(death), &fault, kernel_path_of_signal(death) };

	ret->cause = cause_of_fault(&known, ret);
	ret->shows_seccomp = ret->cause == CAUSE_SECCOMP;
	ret->incomplete |= EVIDENCE_DOSSIER;
}
