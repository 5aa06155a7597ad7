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

/*
 * SIGSEGV with SI_KERNEL that is no trap: the kernel could not go on with the program (a signal frame
 * that cannot be written or read back, an exec past its point of no return). The way through the
 * kernel decides; without its names, that a frame fails in the context of the last system call.
 */
static enum cause cause_of_kernel_segv(const struct arch *arch, const struct death *death)
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
	static const char *const other[] = { "rseq_*", "__rseq_*", "emulate_vsyscall",
					     "syscall_user_dispatch*" };
	const struct kernel_stack *stack = &death->signal_stack;
	const struct kt_fault *fault = &death->fault;

	if (kernel_path_has_any(stack, other, ARRAY_SIZE(other)))
		return CAUSE_KERNEL_SIGNAL;
	if (kernel_path_has_any(stack, exec, ARRAY_SIZE(exec)) ||
	    (fault->syscall_nr >= 0 &&
	     (fault->syscall_nr == arch->call.execve || fault->syscall_nr == arch->call.execveat)))
		return CAUSE_EXEC_FAILED;
	if (kernel_path_has_any(stack, frame, ARRAY_SIZE(frame)) || fault->syscall_nr >= 0)
		return CAUSE_SIGFRAME_FAILED;
	/* a way that is none of the above */
	return kernel_path_is_named(stack) ? CAUSE_KERNEL_SIGNAL : CAUSE_SIGFRAME_FAILED;
}

static enum cause cause_of_segv(const struct arch *arch, const struct death *death)
{
	enum cause own = arch->cause_of_segv(death);

	if (own != CAUSE_COUNT)
		return own;
	if (death->fault.code == CODE_CONTROL_PROTECTION)
		return CAUSE_CONTROL_PROTECTION;
	return death->fault.code == CODE_KERNEL ? cause_of_kernel_segv(arch, death)
						: CAUSE_SEGFAULT;
}

static enum cause cause_of_bus(const struct death *death)
{
	switch (death->fault.code) {
	case CODE_KERNEL:
		/* arch/x86/kernel/cpu/mce/core.c: hardware that could not be repaired, 5.8 to 7.3 */
		return kernel_path_has(&death->signal_stack, "kill_me_*") ? CAUSE_MEMORY_FAILURE
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

/* Seccomp's has its own code, but where a vsyscall is emulated. The rest is syscall user dispatch, or a
 * selector of it that is none (kernel/entry/syscall_user_dispatch.c, since 5.11). */
static enum cause cause_of_sys(const struct death *death)
{
	const struct kt_record *record = &death->record;

	if (death->fault.code == CODE_SECCOMP)
		return CAUSE_SECCOMP;
	if (death->fault.code != CODE_KERNEL)
		return CAUSE_KERNEL_SIGNAL;
	if (kernel_path_is_named(&death->signal_stack))
		return kernel_path_has(&death->signal_stack, "emulate_vsyscall")
			       ? CAUSE_SECCOMP
			       : CAUSE_KERNEL_SIGNAL;
	return (record->valid & KT_VALID_SECCOMP_MODE) && record->seccomp_mode
		       ? CAUSE_SECCOMP
		       : CAUSE_KERNEL_SIGNAL;
}

static enum cause cause_of_fault(const struct arch *arch, const struct death *death)
{
	const struct kt_fault *fault = &death->fault;

	switch (fault->number) {
	case SIGSEGV:
		return cause_of_segv(arch, death);
	case SIGBUS:
		return cause_of_bus(death);
	case SIGILL:
		return CAUSE_ILLEGAL_INSTRUCTION;
	case SIGFPE:
		return fault->code == FPE_INTDIV ? CAUSE_DIVIDE_ERROR : CAUSE_FLOATING_POINT;
	case SIGTRAP:
		return arch->is_breakpoint(fault) ? CAUSE_BREAKPOINT : CAUSE_KERNEL_SIGNAL;
	case SIGSYS:
		return cause_of_sys(death);
	default:
		return CAUSE_KERNEL_SIGNAL;
	}
}

static void read_with_cause(const struct arch *arch, const struct death *death, enum cause cause,
			    struct verdict *ret)
{
	const struct kt_fault *fault = &death->fault;

	ret->trap_is_fresh = (fault->valid & KT_FAULT_HAS_TRAP_NUMBER) &&
			     arch->trap_is_fresh(death, cause);
	if (!ret->trap_is_fresh || !arch->is_page_fault(fault))
		return;
	ret->fault_kind = fault_kind_of(arch, fault);
	ret->access = fault_access_of(arch, fault);
}

void fault_read(const struct death *death, struct verdict *ret)
{
	const struct arch *arch = arch_of(death);

	if (death->has_fault)
		read_with_cause(arch, death, cause_of_fault(arch, death), ret);
}

void fault_judge(const struct death *death, struct verdict *ret)
{
	const struct arch *arch = arch_of(death);

	ret->cause = cause_of_fault(arch, death);
	ret->shows_seccomp = ret->cause == CAUSE_SECCOMP;
	/* where an exec failed, the instruction pointer is that of a program that is gone */
	ret->shows_fault = !ret->shows_seccomp && ret->cause != CAUSE_EXEC_FAILED;
	read_with_cause(arch, death, ret->cause, ret);
	if (death->fault.flags & KT_FAULT_FRAME_FAILED)
		ret->cause = CAUSE_SIGFRAME_FAILED;
}
