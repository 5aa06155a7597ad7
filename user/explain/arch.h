/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What differs between processor architectures: traps, and numbers of system calls. A record says
 * which architecture it is from; that need not be the one on which this runs.
 */
#ifndef KT_EXPLAIN_ARCH_H
#define KT_EXPLAIN_ARCH_H

#include "explain/verdict.h"

/* What the error code of a page fault says. */
enum page_fault_bits {
	PAGE_FAULT_WRITE = 1 << 0,
	PAGE_FAULT_EXEC = 1 << 1,
	PAGE_FAULT_PRESENT = 1 << 2, /* the page was there, but forbade the access */
	PAGE_FAULT_PROTECTION_KEY = 1 << 3,
};

#define ARCH_MOST_FORKS 8

struct arch {
	/* Of trap_number and error_code in the output; NULL: x86-64, which is not written. */
	const char *name;

	/* "page-fault"; NULL: no name is known. Only for a fresh trap, like the two that follow. */
	const char *(*trap_name)(uint32_t trap, uint32_t error_code);
	bool (*is_page_fault)(const struct kt_fault *fault);
	/* enum page_fault_bits */
	unsigned int (*page_fault_bits)(const struct kt_fault *fault);

	/* SIGTRAP: an instruction or a step that traps, and not an event that was requested. */
	bool (*is_breakpoint)(const struct kt_fault *fault);

	/* SIGSEGV that is no page fault; CAUSE_COUNT: the architecture has no cause of its own for
	 * it. `stack` is where the fault forced it, and empty if that is not known. */
	enum cause (*cause_of_segv)(const struct kt_fault *fault, const struct kernel_stack *stack);

	/*
	 * Whether trap number, error code and address were written by this fault. The exception
	 * handlers write them just before they force some signals; other code that forces signals
	 * leaves older values in place. `cause` is the cause of the fault.
	 */
	bool (*trap_is_fresh)(const struct kt_fault *fault, const struct kernel_stack *stack,
			      enum cause cause);

	/* Numbers of system calls. */
	struct {
		int execve, execveat, write, writev, rt_sigreturn;
		int rt_sigqueueinfo, rt_tgsigqueueinfo, pidfd_send_signal;
		/* with those of the 32-bit interface; 0 ends them (no architecture uses it for a
		 * fork) */
		int forks[ARCH_MOST_FORKS];
	} call;
};

extern const struct arch arch_x86, arch_arm64;

/* Never NULL. For an architecture that this program does not know, no trap is ever fresh and no
 * call has a number. */
const struct arch *arch_of(const struct death *death);

#endif
