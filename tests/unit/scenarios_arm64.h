/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Deaths on arm64: the evidence of Linux 5.10 to 7.2 there. Included by scenarios.h, and uses its
 * macros.
 */
#ifndef KT_SCENARIOS_ARM64_H
#define KT_SCENARIOS_ARM64_H

/* ESR_EL1: exception class, instruction length bit, and the bits of the class. */
#define ESR(class, more) ((__u32)((class) << 26 | 0x02000000 | (more)))
#define ESR_WRITE 0x40
#define TRAP_OF(class, more) .trap_number = (class), .error_code = ESR(class, more)
#define DATA_ABORT(more) TRAP_OF(0x24U, more)
#define INSTRUCTION_ABORT(more) TRAP_OF(0x20U, more)
#define NO_SYNDROME .trap_number = 0, .error_code = 0
#define TRANSLATION 0x06U
#define PERMISSION 0x0fU
/* The thread's trap state is from an earlier page fault. */
#define STALE_ABORT FAULT_VALID(0), DATA_ABORT(ESR_WRITE | TRANSLATION), .address = 0x5555000
#define ON_ARM64 .arch = KT_ARCH_ARM64

static const struct scenario arm64_scenarios[] = {
	{ .name = "arm64-null-write",
	  ON_ARM64,
	  IN_SERVICE,
	  FORCED(SIGSEGV, SEGV_MAPERR, FAULT_VALID(0), DATA_ABORT(ESR_WRITE | TRANSLATION),
		 .address = 0x8, .flags = KT_FAULT_ADDRESS_LOW),
	  .stack = "__send_signal_locked force_sig_info_to_task force_sig_fault "
		   "arm64_force_sig_fault do_page_fault do_translation_fault do_mem_abort el0_da "
		   "el0t_64_sync_handler el0t_64_sync",
	  SEGFAULT(FAULT_KIND_NULL_DEREFERENCE, WRITE) },
	{ .name = "arm64-null-call",
	  ON_ARM64,
	  FORCED(SIGSEGV, SEGV_MAPERR, FAULT_VALID(0), INSTRUCTION_ABORT(TRANSLATION), .address = 0,
		 .flags = KT_FAULT_ADDRESS_LOW | KT_FAULT_IP_IS_ADDRESS),
	  SEGFAULT(FAULT_KIND_NULL_DEREFERENCE, EXEC) },
	{ .name = "arm64-unmapped",
	  ON_ARM64,
	  FORCED(SIGSEGV, SEGV_MAPERR, FAULT_VALID(0), DATA_ABORT(TRANSLATION),
		 .address = 0xffff80001000, .flags = KT_FAULT_VMA_WALKED),
	  SEGFAULT(FAULT_KIND_UNMAPPED, READ) },
	{ .name = "arm64-unmapped-with-five-levels", /* status of the level before the first */
	  ON_ARM64,
	  FORCED(SIGSEGV, SEGV_MAPERR, FAULT_VALID(0), DATA_ABORT(0x2bU), .address = 0xffff80001000,
		 .flags = KT_FAULT_VMA_WALKED),
	  SEGFAULT(FAULT_KIND_UNMAPPED, READ) },
	{ .name = "arm64-cache-maintenance", /* the write bit is always set then, and means nothing
					      */
	  ON_ARM64,
	  FORCED(SIGSEGV, SEGV_MAPERR, FAULT_VALID(0), DATA_ABORT(0x100U | ESR_WRITE | TRANSLATION),
		 .address = 0xffff80001000, .flags = KT_FAULT_VMA_WALKED),
	  SEGFAULT(FAULT_KIND_UNMAPPED, READ) },
	{ .name = "arm64-write-to-read-only",
	  ON_ARM64,
	  FORCED(SIGSEGV, SEGV_ACCERR, MAPPED(KT_VMA_READ), DATA_ABORT(ESR_WRITE | PERMISSION),
		 .address = 0x402000, .flags = CONTAINED),
	  SEGFAULT(FAULT_KIND_WRITE_TO_READ_ONLY, WRITE) },
	{ .name = "arm64-write-to-read-only-unmapped-meanwhile", /* that the page was there is known
								  */
	  ON_ARM64,
	  FORCED(SIGSEGV, SEGV_ACCERR, FAULT_VALID(0), DATA_ABORT(ESR_WRITE | PERMISSION),
		 .address = 0x402000),
	  SEGFAULT(FAULT_KIND_WRITE_TO_READ_ONLY, WRITE) },
	{ .name = "arm64-exec-of-data",
	  ON_ARM64,
	  FORCED(SIGSEGV, SEGV_ACCERR, MAPPED(KT_VMA_READ | KT_VMA_WRITE),
		 INSTRUCTION_ABORT(PERMISSION), .address = 0x401136,
		 .flags = CONTAINED | KT_FAULT_IP_IS_ADDRESS),
	  SEGFAULT(FAULT_KIND_EXEC_OF_NON_EXECUTABLE, EXEC) },
	{ .name = "arm64-kernel-address", /* for its own the kernel reports only level 0 */
	  ON_ARM64,
	  FORCED(SIGSEGV, SEGV_MAPERR, FAULT_VALID(0), DATA_ABORT(0x04U),
		 .address = 0xffff800080000000, .flags = KT_FAULT_ADDRESS_KERNEL),
	  SEGFAULT(FAULT_KIND_KERNEL_ADDRESS, READ) },
	{ .name = "arm64-permission-overlay",
	  ON_ARM64,
	  FORCED(SIGSEGV, 4, MAPPED(KT_VMA_READ | KT_VMA_WRITE), DATA_ABORT(PERMISSION),
		 .address = 0xffff80001000, .flags = CONTAINED),
	  SEGFAULT(FAULT_KIND_PROTECTION_KEY, READ) },
	{ .name = "arm64-memory-tag", /* SEGV_MTESERR */
	  ON_ARM64,
	  FORCED(SIGSEGV, 9, FAULT_VALID(0), DATA_ABORT(0x11U), .address = 0xffff80001000),
	  EXPECT(CAUSE_SEGFAULT, TRAPPED) },
	{ .name = "arm64-memory-tag-noticed-late", /* SEGV_MTEAERR: nothing is recorded */
	  ON_ARM64,
	  FORCED(SIGSEGV, 8, STALE_ABORT),
	  EXPECT(CAUSE_SEGFAULT, .shows_fault = true) },
	{ .name = "arm64-control-stack",
	  ON_ARM64,
	  FORCED(SIGSEGV, 10, TRAP_VALID, TRAP_OF(0x2dU, 0)),
	  EXPECT(CAUSE_CONTROL_PROTECTION, TRAPPED) },
	{ .name = "arm64-undefined-instruction",
	  ON_ARM64,
	  FORCED(SIGILL, ILL_ILLOPC, TRAP_VALID, NO_SYNDROME),
	  .stack = "force_sig_info_to_task force_sig_fault arm64_notify_die force_signal_inject "
		   "do_el0_undef el0_undef el0t_64_sync_handler el0t_64_sync",
	  EXPECT(CAUSE_ILLEGAL_INSTRUCTION, TRAPPED) },
	{ .name = "arm64-branch-target",
	  ON_ARM64,
	  FORCED(SIGILL, ILL_ILLOPC, TRAP_VALID, TRAP_OF(0x0dU, 2)),
	  EXPECT(CAUSE_ILLEGAL_INSTRUCTION, TRAPPED) },
	{ .name = "arm64-pointer-authentication",
	  ON_ARM64,
	  FORCED(SIGILL, ILL_ILLOPN, TRAP_VALID, TRAP_OF(0x1cU, 0)),
	  EXPECT(CAUSE_ILLEGAL_INSTRUCTION, TRAPPED) },
	{ .name = "arm64-brk", /* no trap is recorded: known by the code */
	  ON_ARM64,
	  FORCED(SIGTRAP, TRAP_BRKPT, STALE_ABORT, .instruction = KT_INSTRUCTION_BRK),
	  .stack = "force_sig_info_to_task force_sig_fault arm64_force_sig_fault send_user_sigtrap "
		   "do_el0_brk64 el0_brk64 el0t_64_sync_handler el0t_64_sync",
	  EXPECT(CAUSE_BREAKPOINT, .shows_fault = true) },
	{ .name = "arm64-step",
	  ON_ARM64,
	  FORCED(SIGTRAP, TRAP_TRACE, STALE_ABORT),
	  EXPECT(CAUSE_BREAKPOINT, .shows_fault = true) },
	{ .name = "arm64-perf-trap",
	  ON_ARM64,
	  FORCED(SIGTRAP, 6, STALE_ABORT),
	  EXPECT(CAUSE_KERNEL_SIGNAL, .shows_fault = true) },
	{ .name = "arm64-floating-point", /* traps where a processor has them; nothing is noted */
	  ON_ARM64,
	  FORCED(SIGFPE, FPE_FLTDIV, STALE_ABORT),
	  EXPECT(CAUSE_FLOATING_POINT, .shows_fault = true) },
	{ .name = "arm64-alignment",
	  ON_ARM64,
	  FORCED(SIGBUS, BUS_ADRALN, FAULT_VALID(0), DATA_ABORT(0x21U), .address = 0x40200e),
	  EXPECT(CAUSE_ALIGNMENT_CHECK, TRAPPED) },
	{ .name = "arm64-pc-alignment",
	  ON_ARM64,
	  FORCED(SIGBUS, BUS_ADRALN, TRAP_VALID, TRAP_OF(0x22U, 0)),
	  EXPECT(CAUSE_ALIGNMENT_CHECK, TRAPPED) },
	{ .name = "arm64-sp-alignment",
	  ON_ARM64,
	  FORCED(SIGBUS, BUS_ADRALN, TRAP_VALID, TRAP_OF(0x26U, 0)),
	  EXPECT(CAUSE_ALIGNMENT_CHECK, TRAPPED) },
	{ .name = "arm64-bus-beyond-file",
	  ON_ARM64,
	  FORCED(SIGBUS, BUS_ADRERR, MAPPED(KT_VMA_READ), DATA_ABORT(TRANSLATION),
		 .address = 0xffff80001000, .flags = CONTAINED | KT_FAULT_BEYOND_FILE),
	  EXPECT(CAUSE_BUS_ERROR, TRAPPED, .access = FAULT_ACCESS_READ) },
	{ .name = "arm64-external-abort",
	  ON_ARM64,
	  FORCED(SIGBUS, BUS_OBJERR, FAULT_VALID(0), DATA_ABORT(0x10U), .address = 0xffff80001000),
	  EXPECT(CAUSE_BUS_ERROR, TRAPPED) },
	{ .name = "arm64-poisoned-page",
	  ON_ARM64,
	  FORCED(SIGBUS, BUS_MCEERR_AR, MAPPED(KT_VMA_READ), DATA_ABORT(TRANSLATION),
		 .address = 0xffff80001000, .flags = CONTAINED),
	  .stack = "force_sig_info_to_task force_sig_mceerr arm64_force_sig_mceerr do_page_fault "
		   "do_translation_fault do_mem_abort el0_da",
	  EXPECT(CAUSE_MEMORY_FAILURE, TRAPPED, .access = FAULT_ACCESS_READ),
	  WITHOUT_NAMES(CAUSE_MEMORY_FAILURE, .shows_fault = true) },
	{ .name = "arm64-poison-found-by-firmware", /* forced by work that it left: nothing is noted
						     */
	  ON_ARM64,
	  FORCED(SIGBUS, BUS_MCEERR_AR, STALE_ABORT),
	  .stack = "force_sig_info_to_task force_sig_mceerr kill_proc memory_failure "
		   "memory_failure_cb task_work_run",
	  EXPECT(CAUSE_MEMORY_FAILURE, .shows_fault = true) },
	{ .name = "arm64-bad-sigreturn",
	  ON_ARM64,
	  .status = SIGSEGV,
	  FORCED_SIGNAL(SIGSEGV, SEGV_ACCERR),
	  .fault = &(const struct kt_fault){ .time_ns = SIGNAL_NS,
					     .number = SIGSEGV,
					     .code = SEGV_ACCERR,
					     .tid = BUILDER_TGID,
					     .syscall_nr = 139,
					     TRAP_VALID,
					     NO_SYNDROME },
	  .stack = "force_sig_info_to_task force_sig_fault arm64_notify_die force_signal_inject "
		   "arm64_notify_segfault __arm64_sys_rt_sigreturn invoke_syscall.constprop.0",
	  EXPECT(CAUSE_SIGFRAME_FAILED, .shows_fault = true) },
	{ .name = "arm64-emulated-instruction", /* the kernel emulated it, at a bad address */
	  ON_ARM64,
	  FORCED(SIGSEGV, SEGV_MAPERR, TRAP_VALID, NO_SYNDROME),
	  .stack = "force_sig_info_to_task force_sig_fault arm64_notify_die force_signal_inject "
		   "arm64_notify_segfault user_cache_maint_handler do_el0_sys el0_sys",
	  EXPECT(CAUSE_SEGFAULT, .shows_fault = true),
	  WITHOUT_NAMES(CAUSE_KERNEL_SIGNAL, .shows_fault = true, LACKING(STACKS)) },
	{ .name = "arm64-sigframe-failed",
	  ON_ARM64,
	  FORCED(SIGSEGV, CODE_KERNEL, STALE_ABORT),
	  .stack = "force_sig_info_to_task force_sigsegv signal_setup_done do_signal "
		   "do_notify_resume",
	  EXPECT(CAUSE_SIGFRAME_FAILED, .shows_fault = true),
	  WITHOUT_NAMES(CAUSE_KERNEL_SIGNAL, .shows_fault = true, LACKING(STACKS)) },
	{ .name = "arm64-exec-failed-in-the-system-call",
	  ON_ARM64,
	  .status = SIGSEGV,
	  SIGNAL(.number = SIGSEGV, .code = CODE_KERNEL, .siginfo_kind = KT_SIGINFO_FULL,
		 .flags = KT_SIGNAL_SELF, .valid = KT_SIGNAL_HAS_CODE, BY_ITSELF),
	  .fault = &(const struct kt_fault){ .time_ns = SIGNAL_NS,
					     .number = SIGSEGV,
					     .code = CODE_KERNEL,
					     .tid = BUILDER_TGID,
					     .syscall_nr = 221,
					     STALE_ABORT },
	  EXPECT(CAUSE_EXEC_FAILED) },
	/* Numbers of system calls: 220 is clone, 56 is openat, 64 is write, 1 is io_setup. */
	{ .name = "arm64-fork-in-a-killed-cgroup",
	  ON_ARM64,
	  SENT_NOINFO(SIGKILL, KT_SIGNAL_GROUP, BY_KILLER_IN(220)),
	  EXPECT(CAUSE_CGROUP_KILL) },
	{ .name = "arm64-no-fork",
	  ON_ARM64,
	  SENT_NOINFO(SIGKILL, KT_SIGNAL_GROUP, BY_KILLER_IN(56)),
	  EXPECT(CAUSE_SIGKILL, FROM_PROCESS) },
	{ .name = "arm64-cgroup-kill-of-itself",
	  ON_ARM64,
	  SENT_NOINFO(SIGKILL, KT_SIGNAL_SELF, BY_ITSELF_IN(64)),
	  EXPECT(CAUSE_CGROUP_KILL, FROM_PROCESS) },
	{ .name = "arm64-not-by-write",
	  ON_ARM64,
	  SENT_NOINFO(SIGKILL, KT_SIGNAL_SELF, BY_ITSELF_IN(1)),
	  EXPECT(CAUSE_KERNEL_SIGNAL) },
	{ .name = "arm64-seccomp",
	  ON_ARM64,
	  .status = SIGSYS,
	  SIGNAL(.number = SIGSYS, .code = 1, .siginfo_kind = KT_SIGINFO_FULL,
		 .flags = KT_SIGNAL_SELF | KT_SIGNAL_IMMUTABLE,
		 .valid = KT_SIGNAL_HAS_CODE | KT_SIGNAL_HAS_SECCOMP | KT_SIGNAL_HAS_SYSCALL,
		 .seccomp_syscall = 172, .seccomp_arch = 0xc00000b7, BY_ITSELF_IN(172)),
	  FORCED_AT(SIGNAL_NS, SIGSYS, 1, STALE_ABORT),
	  EXPECT(CAUSE_SECCOMP, .shows_seccomp = true) },
	{ .name = "an-architecture-of-the-future", /* its numbers are not mistaken for another's */
	  .arch = 99,
	  FORCED(SIGSEGV, SEGV_MAPERR, FAULT_VALID(0), .trap_number = 14, .error_code = 6,
		 .address = 0x8, .flags = KT_FAULT_ADDRESS_LOW),
	  EXPECT(CAUSE_SEGFAULT, .shows_fault = true) },
};

#endif
