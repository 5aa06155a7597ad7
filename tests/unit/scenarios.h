/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Every way to die that killtrace distinguishes, and those that are easily mistaken for another.
 * The evidence is that of Linux 5.8 to 7.2 on x86-64; scenarios_arm64.h has that of arm64. Used by
 * the unit tests, and as synthetic recordings by the golden tests: those contain order and names.
 */
#ifndef KT_SCENARIOS_H
#define KT_SCENARIOS_H

#include <signal.h>

#include "scenario.h"

#define SIGNAL_NS 100000000000ULL
#define KILLER 77
#define CODE_KERNEL 128

/* Signals: their senders and ways. */

#define SIGNAL(...)                               \
	.signal = &(const struct kt_signal)       \
	{                                         \
		.time_ns = SIGNAL_NS, __VA_ARGS__ \
	}

#define BUS_FAULT(how, error)                                                             \
	FORCED(SIGBUS, BUS_ADRERR, MAPPED(KT_VMA_READ | KT_VMA_WRITE), .trap_number = 14, \
	       .error_code = (error), .address = 0x7f0000001000, .flags = CONTAINED),     \
		EXPECT(CAUSE_BUS_ERROR, TRAPPED, .access = FAULT_ACCESS_##how)

#define BUS(...)                            \
	.bus = &(const struct kt_bus_error) \
	{                                   \
		__VA_ARGS__                 \
	}

#define BY_ITSELF_IN(syscall)                                                               \
	.target_tid = BUILDER_TGID, .sender_pid = BUILDER_TGID, .sender_tid = BUILDER_TGID, \
	.sender_uid = 1000, .sender_comm = "victim", .target_comm = "victim", .threads = 1, \
	.syscall_nr = (syscall)

#define BY_ITSELF BY_ITSELF_IN(-1)

#define BY_ITS_THREAD                                                                              \
	.target_tid = BUILDER_TGID + 1, .sender_pid = BUILDER_TGID,                                \
	.sender_tid = BUILDER_TGID + 1, .sender_uid = 1000, .sender_comm = "victim", .threads = 3, \
	.syscall_nr = -1

#define BY_KILLER                                                                                \
	.target_tid = BUILDER_TGID, .sender_pid = KILLER, .sender_tid = KILLER, .sender_uid = 0, \
	.sender_comm = "killer", .target_comm = "victim", .threads = 3

#define BY_DAEMON(comm_)                                                                         \
	.target_tid = BUILDER_TGID, .sender_pid = KILLER, .sender_tid = KILLER, .sender_uid = 0, \
	.sender_comm = comm_, .target_comm = "victim", .threads = 1

#define BY_KILLER_IN(syscall)                                                                    \
	.target_tid = BUILDER_TGID, .sender_pid = KILLER, .sender_tid = KILLER, .sender_uid = 0, \
	.sender_comm = "killer", .target_comm = "victim", .threads = 1, .syscall_nr = (syscall)

#define BY_KWORKER                                                                     \
	.target_tid = BUILDER_TGID, .sender_pid = 9, .sender_tid = 9, .sender_uid = 0, \
	.sender_comm = "kworker/0:1", .target_comm = "victim", .threads = 1

#define SENT(nr, si, flags_, ...)                                                                \
	.status = (nr),                                                                          \
	SIGNAL(.number = (nr), .code = (si), .siginfo_kind = KT_SIGINFO_FULL, .flags = (flags_), \
	       .valid = KT_SIGNAL_HAS_CODE | KT_SIGNAL_HAS_PID | KT_SIGNAL_HAS_THREADS |         \
			KT_SIGNAL_HAS_SYSCALL,                                                   \
	       __VA_ARGS__)

/* SEND_SIG_PRIV and SEND_SIG_NOINFO */
#define SENT_PRIV(nr, flags_, ...)                                                \
	.status = (nr), SIGNAL(.number = (nr), .siginfo_kind = KT_SIGINFO_KERNEL, \
			       .valid = KT_SIGNAL_HAS_THREADS, .flags = (flags_), __VA_ARGS__)

#define SENT_NOINFO(nr, flags_, ...)                                                   \
	.status = (nr), SIGNAL(.number = (nr), .siginfo_kind = KT_SIGINFO_NONE,        \
			       .valid = KT_SIGNAL_HAS_THREADS | KT_SIGNAL_HAS_SYSCALL, \
			       .flags = (flags_), __VA_ARGS__)

/* Faults: the signal that was forced, and the CPU's data, recorded in the same call. */

#define TRAP_VALID                                                                      \
	.valid = KT_FAULT_HAS_TRAP_NUMBER | KT_FAULT_HAS_ERROR_CODE | KT_FAULT_HAS_IP | \
		 KT_FAULT_HAS_SP | KT_FAULT_HAS_MODULE,                                 \
	.ip = 0x401136, .sp = 0x7ffd1000, .module_offset = 0x1136, .module = "victim"

#define FAULT_VALID(more)                                                               \
	.valid = KT_FAULT_HAS_TRAP_NUMBER | KT_FAULT_HAS_ERROR_CODE | KT_FAULT_HAS_IP | \
		 KT_FAULT_HAS_SP | KT_FAULT_HAS_MODULE | KT_FAULT_HAS_ADDRESS | (more), \
	.ip = 0x401136, .sp = 0x7ffd1000, .module_offset = 0x1136, .module = "victim"

#define FORCED_AT(when, nr, si, ...)                                                  \
	.fault = &(const struct kt_fault)                                             \
	{                                                                             \
		.time_ns = (when), .number = (nr), .code = (si), .tid = BUILDER_TGID, \
		.syscall_nr = -1, __VA_ARGS__                                         \
	}

#define FORCED_SIGNAL(nr, si)                                                               \
	SIGNAL(.number = (nr), .code = (si), .siginfo_kind = KT_SIGINFO_FULL,               \
	       .flags = KT_SIGNAL_SELF,                                                     \
	       .valid = KT_SIGNAL_HAS_CODE | KT_SIGNAL_HAS_SYSCALL | KT_SIGNAL_HAS_THREADS, \
	       BY_ITSELF)

#define FORCED(nr, si, ...)                                        \
	.status = (nr), .user_stack = true, FORCED_SIGNAL(nr, si), \
	FORCED_AT(SIGNAL_NS, nr, si, __VA_ARGS__)

/* The same without a trap: the thread's trap state is from an earlier page fault. */
#define STALE_PAGE_FAULT FAULT_VALID(0), .trap_number = 14, .error_code = 6, .address = 0x5555000

#define PAGE_FAULT(si, error, address_, flags_, ...)                                         \
	FORCED(SIGSEGV, si, .trap_number = 14, .error_code = (error), .address = (address_), \
	       .flags = KT_FAULT_FROM_TRACEPOINT | (flags_), __VA_ARGS__)

/* Expectations */

#define EXPECT(cause_, ...) .expect = { .cause = (cause_), __VA_ARGS__ }
#define WITHOUT_NAMES(cause_, ...)              \
	.nameless = &(const struct expectation) \
	{                                       \
		.cause = (cause_), __VA_ARGS__  \
	}
#define TRAPPED .shows_fault = true, .fresh = true
#define SEGFAULT(kind_, access_) \
	EXPECT(CAUSE_SEGFAULT, TRAPPED, .kind = (kind_), .access = FAULT_ACCESS_##access_)
#define FROM_PROCESS .sender = SENDER_PROCESS
#define LACKING(gap) .incomplete = EVIDENCE_##gap

#define IN_SERVICE .cgroup = "/system.slice/shop.service", .exe = "shop"
#define KILLER_UNIT .sender_path = "/system.slice/killer.service"

#define MAPPED(vma) FAULT_VALID(KT_FAULT_HAS_VMA), .vma_flags = (vma)
#define CONTAINED (KT_FAULT_VMA_WALKED | KT_FAULT_VMA_CONTAINS)
#define AT_STACK (KT_FAULT_VMA_WALKED | KT_FAULT_NEAR_SP | KT_FAULT_VMA_ABOVE_IS_STACK)

static const struct scenario page_fault_scenarios[] = {
	{ .name = "null-write",
	  IN_SERVICE,
	  PAGE_FAULT(SEGV_MAPERR, 6, 0x8, KT_FAULT_ADDRESS_LOW, FAULT_VALID(0)),
	  .stack = "complete_signal __send_signal_locked force_sig_info_to_task force_sig_fault "
		   "bad_area_nosemaphore exc_page_fault asm_exc_page_fault",
	  SEGFAULT(FAULT_KIND_NULL_DEREFERENCE, WRITE) },
	{ .name = "null-write-killed-while-it-dumps-core",
	  IN_SERVICE,
	  .status = SIGKILL,
	  .flags = KT_DEATH_WHILE_DUMPING | KT_DEATH_SIGNALED,
	  FORCED_SIGNAL(SIGSEGV, SEGV_MAPERR),
	  FORCED_AT(SIGNAL_NS, SIGSEGV, SEGV_MAPERR, .trap_number = 14, .error_code = 6,
		    .address = 0x8, .flags = KT_FAULT_FROM_TRACEPOINT | KT_FAULT_ADDRESS_LOW,
		    FAULT_VALID(0)),
	  SEGFAULT(FAULT_KIND_NULL_DEREFERENCE, WRITE) },
	{ .name = "null-read",
	  PAGE_FAULT(SEGV_MAPERR, 4, 0, KT_FAULT_ADDRESS_LOW, FAULT_VALID(0)),
	  SEGFAULT(FAULT_KIND_NULL_DEREFERENCE, READ) },
	{ .name = "null-call",
	  PAGE_FAULT(SEGV_MAPERR, 0x14, 0, KT_FAULT_ADDRESS_LOW | KT_FAULT_IP_IS_ADDRESS,
		     FAULT_VALID(0)),
	  SEGFAULT(FAULT_KIND_NULL_DEREFERENCE, EXEC) },
	{ .name = "core-dumped",
	  PAGE_FAULT(SEGV_MAPERR, 6, 0x8, KT_FAULT_ADDRESS_LOW, FAULT_VALID(0)),
	  .core_dumped = true,
	  SEGFAULT(FAULT_KIND_NULL_DEREFERENCE, WRITE) },
	{ .name = "unmapped",
	  PAGE_FAULT(SEGV_MAPERR, 4, 0x7f0000001000, KT_FAULT_VMA_WALKED, FAULT_VALID(0)),
	  SEGFAULT(FAULT_KIND_UNMAPPED, READ) },
	{ .name = "unmapped-and-not-walked",
	  PAGE_FAULT(SEGV_MAPERR, 4, 0x7f0000001000, 0, FAULT_VALID(0)),
	  SEGFAULT(FAULT_KIND_UNMAPPED, READ) },
	{ .name = "guard-marker-in-a-mapping", /* VM_FAULT_SIGSEGV */
	  PAGE_FAULT(SEGV_MAPERR, 6, 0x7f0000001000, CONTAINED, MAPPED(KT_VMA_READ | KT_VMA_WRITE)),
	  SEGFAULT(FAULT_KIND_UNMAPPED, WRITE) },
	{ .name = "write-read-only",
	  PAGE_FAULT(SEGV_ACCERR, 7, 0x404000, CONTAINED, MAPPED(KT_VMA_READ)),
	  SEGFAULT(FAULT_KIND_WRITE_TO_READ_ONLY, WRITE) },
	{ .name = "write-read-only-never-touched",
	  PAGE_FAULT(SEGV_ACCERR, 6, 0x404000, CONTAINED, MAPPED(KT_VMA_READ | KT_VMA_EXEC)),
	  SEGFAULT(FAULT_KIND_WRITE_TO_READ_ONLY, WRITE) },
	{ .name = "write-read-only-and-not-walked",
	  PAGE_FAULT(SEGV_ACCERR, 7, 0x404000, 0, FAULT_VALID(0)),
	  SEGFAULT(FAULT_KIND_WRITE_TO_READ_ONLY, WRITE) },
	{ .name = "exec-data",
	  PAGE_FAULT(SEGV_ACCERR, 0x15, 0x404000, CONTAINED | KT_FAULT_IP_IS_ADDRESS,
		     MAPPED(KT_VMA_READ | KT_VMA_WRITE)),
	  SEGFAULT(FAULT_KIND_EXEC_OF_NON_EXECUTABLE, EXEC) },
	{ .name = "read-prot-none",
	  PAGE_FAULT(SEGV_ACCERR, 4, 0x7f0000001000, CONTAINED, MAPPED(0)),
	  SEGFAULT(FAULT_KIND_PERMISSION, READ) },
	{ .name = "write-prot-none",
	  PAGE_FAULT(SEGV_ACCERR, 6, 0x7f0000001000, CONTAINED, MAPPED(0)),
	  SEGFAULT(FAULT_KIND_PERMISSION, WRITE) },
	{ .name = "stack-overflow",
	  PAGE_FAULT(SEGV_MAPERR, 6, 0x7ffd0ff8, AT_STACK, FAULT_VALID(0)),
	  SEGFAULT(FAULT_KIND_STACK_OVERFLOW, WRITE) },
	{ .name = "stack-overflow-of-a-thread", /* its guard is a mapping without access */
	  PAGE_FAULT(SEGV_ACCERR, 6, 0x7ffd0ff8, AT_STACK | CONTAINED, MAPPED(0)),
	  SEGFAULT(FAULT_KIND_STACK_OVERFLOW, WRITE) },
	{ .name = "write-read-only-below-a-stack",
	  PAGE_FAULT(SEGV_ACCERR, 7, 0x7ffd0ff8, AT_STACK | CONTAINED, MAPPED(KT_VMA_READ)),
	  SEGFAULT(FAULT_KIND_WRITE_TO_READ_ONLY, WRITE) },
	{ .name = "jump-to-below-a-stack",
	  PAGE_FAULT(SEGV_MAPERR, 0x14, 0x7ffd0ff8, AT_STACK, FAULT_VALID(0)),
	  SEGFAULT(FAULT_KIND_UNMAPPED, EXEC) },
	{ .name = "near-the-stack-pointer-but-no-stack-above",
	  PAGE_FAULT(SEGV_MAPERR, 6, 0x7ffd0ff8, KT_FAULT_VMA_WALKED | KT_FAULT_NEAR_SP,
		     FAULT_VALID(0)),
	  SEGFAULT(FAULT_KIND_UNMAPPED, WRITE) },
	{ .name = "kernel-address",
	  PAGE_FAULT(SEGV_MAPERR, 5, 0xffffffff81000000, KT_FAULT_ADDRESS_KERNEL, FAULT_VALID(0)),
	  SEGFAULT(FAULT_KIND_KERNEL_ADDRESS, READ) },
	{ .name = "protection-key",
	  PAGE_FAULT(4, 0x25, 0x7f0000001000, CONTAINED, MAPPED(KT_VMA_READ | KT_VMA_WRITE)),
	  SEGFAULT(FAULT_KIND_PROTECTION_KEY, READ) },
	{ .name = "no-addresses", /* the hints are there, the addresses never left the kernel */
	  FORCED(SIGSEGV, SEGV_MAPERR, .trap_number = 14, .error_code = 6,
		 .flags = KT_FAULT_ADDRESS_LOW,
		 .valid = KT_FAULT_HAS_TRAP_NUMBER | KT_FAULT_HAS_ERROR_CODE),
	  SEGFAULT(FAULT_KIND_NULL_DEREFERENCE, WRITE) },
	{ .name = "segfault-without-a-trap-number",
	  FORCED(SIGSEGV, SEGV_MAPERR, .valid = KT_FAULT_HAS_IP | KT_FAULT_HAS_SP, .ip = 0x401136),
	  EXPECT(CAUSE_SEGFAULT, .shows_fault = true) },
};

static const struct scenario trap_scenarios[] = {
	{ .name = "general-protection",
	  FORCED(SIGSEGV, CODE_KERNEL, TRAP_VALID, .trap_number = 13),
	  .stack = "complete_signal __send_signal_locked force_sig_info_to_task force_sig "
		   "exc_general_protection asm_exc_general_protection",
	  EXPECT(CAUSE_GENERAL_PROTECTION, TRAPPED),
	  WITHOUT_NAMES(CAUSE_GENERAL_PROTECTION, TRAPPED, LACKING(STACKS)) },
	{ .name = "wild-pointer",
	  FORCED(SIGSEGV, CODE_KERNEL, TRAP_VALID, .trap_number = 13,
		 .instruction = KT_INSTRUCTION_OTHER),
	  .stack = "force_sig_info_to_task force_sig exc_general_protection "
		   "asm_exc_general_protection",
	  EXPECT(CAUSE_GENERAL_PROTECTION, TRAPPED),
	  WITHOUT_NAMES(CAUSE_GENERAL_PROTECTION, TRAPPED, LACKING(STACKS)) },
	{ .name = "bad-selector",
	  FORCED(SIGSEGV, CODE_KERNEL, TRAP_VALID, .trap_number = 13, .error_code = 0x18,
		 .instruction = KT_INSTRUCTION_OTHER),
	  .stack = "force_sig_info_to_task force_sig exc_general_protection "
		   "asm_exc_general_protection",
	  EXPECT(CAUSE_GENERAL_PROTECTION, TRAPPED),
	  WITHOUT_NAMES(CAUSE_GENERAL_PROTECTION, TRAPPED, LACKING(STACKS)) },
	{ .name = "hlt",
	  FORCED(SIGSEGV, CODE_KERNEL, TRAP_VALID, .trap_number = 13,
		 .instruction = KT_INSTRUCTION_HLT),
	  .stack = "force_sig_info_to_task force_sig exc_general_protection "
		   "asm_exc_general_protection",
	  EXPECT(CAUSE_GENERAL_PROTECTION, TRAPPED),
	  WITHOUT_NAMES(CAUSE_GENERAL_PROTECTION, TRAPPED, LACKING(STACKS)) },
	{ .name = "overflow-trap",
	  FORCED(SIGSEGV, CODE_KERNEL, TRAP_VALID, .trap_number = 4),
	  .stack = "force_sig_info_to_task force_sig do_error_trap exc_overflow asm_exc_overflow",
	  EXPECT(CAUSE_KERNEL_SIGNAL, TRAPPED),
	  WITHOUT_NAMES(CAUSE_KERNEL_SIGNAL, TRAPPED, LACKING(STACKS)) },
	{ .name = "bound-range",
	  FORCED(SIGSEGV, CODE_KERNEL, TRAP_VALID, .trap_number = 5),
	  .stack = "force_sig_info_to_task force_sig exc_bounds asm_exc_bounds",
	  EXPECT(CAUSE_KERNEL_SIGNAL, TRAPPED),
	  WITHOUT_NAMES(CAUSE_KERNEL_SIGNAL, TRAPPED, LACKING(STACKS)) },
	{ .name = "invalid-tss",
	  FORCED(SIGSEGV, CODE_KERNEL, TRAP_VALID, .trap_number = 10),
	  .stack = "force_sig_info_to_task force_sig exc_invalid_tss asm_exc_invalid_tss",
	  EXPECT(CAUSE_KERNEL_SIGNAL, TRAPPED),
	  WITHOUT_NAMES(CAUSE_KERNEL_SIGNAL, TRAPPED, LACKING(STACKS)) },
	{ .name = "segment-not-present",
	  FORCED(SIGBUS, CODE_KERNEL, TRAP_VALID, .trap_number = 11),
	  EXPECT(CAUSE_BUS_ERROR, TRAPPED) },
	{ .name = "stack-segment",
	  FORCED(SIGBUS, CODE_KERNEL, TRAP_VALID, .trap_number = 12),
	  EXPECT(CAUSE_BUS_ERROR, TRAPPED) },
	{ .name = "umip-fixup", /* #GP that the kernel turned into a memory fault */
	  PAGE_FAULT(SEGV_MAPERR, 6, 0x7f0000001000, KT_FAULT_VMA_WALKED, FAULT_VALID(0)),
	  SEGFAULT(FAULT_KIND_UNMAPPED, WRITE) },
	{ .name = "illegal-instruction",
	  FORCED(SIGILL, ILL_ILLOPN, TRAP_VALID, .trap_number = 6),
	  .stack = "force_sig_info_to_task force_sig_fault do_error_trap exc_invalid_op "
		   "asm_exc_invalid_op",
	  EXPECT(CAUSE_ILLEGAL_INSTRUCTION, TRAPPED) },
	{ .name = "ud2",
	  FORCED(SIGILL, ILL_ILLOPN, TRAP_VALID, .trap_number = 6,
		 .instruction = KT_INSTRUCTION_UD2),
	  EXPECT(CAUSE_ILLEGAL_INSTRUCTION, TRAPPED) },
	{ .name = "avx-512-missing",
	  FORCED(SIGILL, ILL_ILLOPN, TRAP_VALID, .trap_number = 6,
		 .instruction = KT_INSTRUCTION_EVEX),
	  EXPECT(CAUSE_ILLEGAL_INSTRUCTION, TRAPPED) },
	{ .name = "amx-denied", /* #NM writes no trap number */
	  FORCED(SIGILL, ILL_ILLOPC, STALE_PAGE_FAULT, .instruction = KT_INSTRUCTION_AMX),
	  .stack = "force_sig_info_to_task force_sig_fault exc_device_not_available "
		   "asm_exc_device_not_available",
	  EXPECT(CAUSE_ILLEGAL_INSTRUCTION, .shows_fault = true) },
	{ .name = "amx-without-memory",
	  FORCED(SIGSEGV, CODE_KERNEL, STALE_PAGE_FAULT),
	  .stack = "force_sig_info_to_task force_sig exc_device_not_available "
		   "asm_exc_device_not_available",
	  EXPECT(CAUSE_KERNEL_SIGNAL, .shows_fault = true),
	  WITHOUT_NAMES(CAUSE_KERNEL_SIGNAL, .shows_fault = true, LACKING(STACKS)) },
	{ .name = "divide",
	  FORCED(SIGFPE, FPE_INTDIV, TRAP_VALID, .trap_number = 0),
	  EXPECT(CAUSE_DIVIDE_ERROR, TRAPPED) },
	{ .name = "float-sse",
	  FORCED(SIGFPE, FPE_FLTDIV, TRAP_VALID, .trap_number = 19),
	  EXPECT(CAUSE_FLOATING_POINT, TRAPPED) },
	{ .name = "float-x87",
	  FORCED(SIGFPE, FPE_FLTINV, TRAP_VALID, .trap_number = 16),
	  EXPECT(CAUSE_FLOATING_POINT, TRAPPED) },
	{ .name = "int3",
	  FORCED(SIGTRAP, CODE_KERNEL, TRAP_VALID, .trap_number = 3,
		 .instruction = KT_INSTRUCTION_INT3),
	  EXPECT(CAUSE_BREAKPOINT, TRAPPED) },
	{ .name = "icebp",
	  FORCED(SIGTRAP, TRAP_BRKPT, TRAP_VALID, .trap_number = 1),
	  EXPECT(CAUSE_BREAKPOINT, TRAPPED) },
	{ .name = "single-step",
	  FORCED(SIGTRAP, TRAP_TRACE, TRAP_VALID, .trap_number = 1),
	  EXPECT(CAUSE_BREAKPOINT, TRAPPED) },
	{ .name = "perf-trap", /* TRAP_PERF: a requested event, not a trap */
	  FORCED(SIGTRAP, 6, STALE_PAGE_FAULT),
	  EXPECT(CAUSE_KERNEL_SIGNAL, .shows_fault = true) },
	{ .name = "perf-trap-after-a-breakpoint",
	  FORCED(SIGTRAP, 6, TRAP_VALID, .trap_number = 3),
	  EXPECT(CAUSE_KERNEL_SIGNAL, .shows_fault = true) },
	{ .name = "alignment",
	  FORCED(SIGBUS, BUS_ADRALN, TRAP_VALID, .trap_number = 17),
	  EXPECT(CAUSE_ALIGNMENT_CHECK, TRAPPED) },
	{ .name = "bus-lock", /* #DB: no trap number is written */
	  FORCED(SIGBUS, BUS_ADRALN, STALE_PAGE_FAULT),
	  EXPECT(CAUSE_ALIGNMENT_CHECK, .shows_fault = true) },
	{ .name = "control-protection",
	  FORCED(SIGSEGV, 10, TRAP_VALID, .trap_number = 21),
	  EXPECT(CAUSE_CONTROL_PROTECTION, TRAPPED) },
	{ .name = "bus-beyond-file",
	  FORCED(SIGBUS, BUS_ADRERR, MAPPED(KT_VMA_READ), .trap_number = 14, .error_code = 4,
		 .address = 0x7f0000001000, .flags = CONTAINED | KT_FAULT_BEYOND_FILE),
	  EXPECT(CAUSE_BUS_ERROR, TRAPPED, .access = FAULT_ACCESS_READ) },
	{ .name = "bus-io-error",
	  FORCED(SIGBUS, BUS_ADRERR, MAPPED(KT_VMA_READ), .trap_number = 14, .error_code = 4,
		 .address = 0x7f0000001000, .flags = CONTAINED),
	  EXPECT(CAUSE_BUS_ERROR, TRAPPED, .access = FAULT_ACCESS_READ) },
	{ .name = "bus-tmpfs-full",
	  BUS_FAULT(WRITE, 6),
	  BUS(.type = "tmpfs", .flags = KT_BUS_REGULAR | KT_BUS_TMPFS | KT_BUS_FULL,
	      .total = 1048576, .used = 917504) },
	{ .name = "bus-tmpfs-with-room",
	  BUS_FAULT(WRITE, 6),
	  BUS(.type = "tmpfs", .flags = KT_BUS_REGULAR | KT_BUS_TMPFS, .total = 1048576,
	      .used = 4096) },
	{ .name = "bus-no-huge-page",
	  BUS_FAULT(WRITE, 6),
	  BUS(.type = "hugetlbfs", .flags = KT_BUS_REGULAR | KT_BUS_HUGETLBFS, .unit_kib = 2048,
	      .total = 16, .used = 16) },
	{ .name = "bus-userfaultfd", BUS_FAULT(READ, 4), BUS(.flags = KT_BUS_USERFAULTFD) },
	{ .name = "bus-daemon-gone",
	  BUS_FAULT(READ, 4),
	  BUS(.type = "fuse", .flags = KT_BUS_REGULAR | KT_BUS_FUSE | KT_BUS_FUSE_GONE) },
	{ .name = "bus-daemon-error",
	  BUS_FAULT(READ, 4),
	  BUS(.type = "fuseblk", .flags = KT_BUS_REGULAR | KT_BUS_FUSE) },
	{ .name = "bus-read-failed",
	  BUS_FAULT(READ, 4),
	  BUS(.type = "ext4", .flags = KT_BUS_REGULAR) },
	{ .name = "bus-write-failed",
	  BUS_FAULT(WRITE, 6),
	  BUS(.type = "xfs", .flags = KT_BUS_REGULAR) },
	{ .name = "bus-of-a-device", /* its driver's reasons are unknown */
	  BUS_FAULT(READ, 4),
	  BUS(.type = "devtmpfs") },
	{ .name = "bus-of-a-hostile-module",
	  BUS_FAULT(READ, 4),
	  BUS(.type = "\033[2Jfs\n", .flags = KT_BUS_REGULAR) },
	{ .name = "poisoned-page",
	  FORCED(SIGBUS, BUS_MCEERR_AR, MAPPED(KT_VMA_READ), .trap_number = 14, .error_code = 4,
		 .address = 0x7f0000001000, .flags = CONTAINED | KT_FAULT_FROM_TRACEPOINT),
	  EXPECT(CAUSE_MEMORY_FAILURE, TRAPPED, .access = FAULT_ACCESS_READ) },
	{ .name = "machine-check", /* kill_me_maybe(): no trap number is written */
	  FORCED(SIGBUS, BUS_MCEERR_AR, TRAP_VALID, .trap_number = 0),
	  .stack = "force_sig_info_to_task force_sig_mceerr kill_proc memory_failure "
		   "kill_me_maybe task_work_run",
	  EXPECT(CAUSE_MEMORY_FAILURE, .shows_fault = true) },
	{ .name = "machine-check-kill-me-now",
	  FORCED(SIGBUS, CODE_KERNEL, STALE_PAGE_FAULT),
	  .stack = "force_sig_info_to_task force_sig kill_me_now task_work_run",
	  EXPECT(CAUSE_MEMORY_FAILURE, .shows_fault = true),
	  WITHOUT_NAMES(CAUSE_BUS_ERROR, .shows_fault = true) },
	{ .name = "poisoned-page-early", /* action optional: sent by the process that found it */
	  SENT(SIGBUS, BUS_MCEERR_AO, 0, BY_KWORKER),
	  EXPECT(CAUSE_MEMORY_FAILURE) },
	{ .name = "poisoned-page-could-not-be-unmapped",
	  SENT_PRIV(SIGKILL, 0, BY_KWORKER),
	  .stack = "do_send_sig_info kill_procs hwpoison_user_mappings memory_failure",
	  EXPECT(CAUSE_MEMORY_FAILURE),
	  WITHOUT_NAMES(CAUSE_KERNEL_SIGNAL) },
};

#define SECCOMP_SIGNAL(flags_)                                                                   \
	.status = SIGSYS,                                                                        \
	SIGNAL(.number = SIGSYS, .code = 1, .siginfo_kind = KT_SIGINFO_FULL,                     \
	       .flags = KT_SIGNAL_SELF | (flags_),                                               \
	       .valid = KT_SIGNAL_HAS_CODE | KT_SIGNAL_HAS_SYSCALL | KT_SIGNAL_HAS_SECCOMP |     \
			KT_SIGNAL_HAS_THREADS,                                                   \
	       BY_ITSELF, .seccomp_syscall = 39, .seccomp_arch = 0xc000003e, .seccomp_data = 7), \
	FORCED_AT(SIGNAL_NS, SIGSYS, 1, STALE_PAGE_FAULT)

static const struct scenario seccomp_scenarios[] = {
	{ .name = "seccomp-process",
	  SECCOMP_SIGNAL(KT_SIGNAL_IMMUTABLE),
	  .seccomp_mode = 3,
	  .stack = "force_sig_info_to_task force_sig_seccomp __seccomp_filter syscall_trace_enter",
	  EXPECT(CAUSE_SECCOMP, .shows_seccomp = true) },
	{ .name = "seccomp-trap",
	  SECCOMP_SIGNAL(0),
	  .seccomp_mode = 2,
	  EXPECT(CAUSE_SECCOMP, .shows_seccomp = true) },
	{ .name = "seccomp-without-a-signal", /* 5.8 and 5.10 */
	  .status = SIGSYS,
	  .flags = KT_DEATH_DIRECT | KT_DEATH_GROUP_EXIT,
	  .seccomp_mode = 2,
	  .exit_stack = "do_exit do_group_exit __seccomp_filter",
	  EXPECT(CAUSE_SECCOMP, .shows_seccomp = true) },
	{ .name = "sigsys-not-seen",
	  .status = SIGSYS,
	  .seccomp_mode = 2,
	  EXPECT(CAUSE_SIGNAL, LACKING(DOSSIER)) },
	{ .name = "seccomp-not-seen", /* the thread has seccomp's own mark */
	  .status = SIGSYS,
	  .seccomp_mode = 3,
	  EXPECT(CAUSE_SECCOMP, .shows_seccomp = true, LACKING(DOSSIER)) },
	{ .name = "seccomp-one-thread",
	  .kind = KT_RECORD_THREAD_DEATH,
	  .status = SIGSYS,
	  .flags = KT_DEATH_DIRECT | KT_DEATH_MULTITHREADED,
	  .seccomp_mode = 3,
	  .exit_stack = "do_exit __seccomp_filter syscall_trace_enter",
	  EXPECT(CAUSE_SECCOMP, .shows_seccomp = true) },
	{ .name = "seccomp-strict",
	  .status = SIGKILL,
	  .flags = KT_DEATH_DIRECT,
	  .seccomp_mode = 1,
	  .exit_stack = "do_exit __secure_computing syscall_trace_enter",
	  EXPECT(CAUSE_SECCOMP, .shows_seccomp = true),
	  WITHOUT_NAMES(CAUSE_KERNEL_SIGNAL) },
	{ .name = "seccomp-strict-dead",
	  .status = SIGKILL,
	  .flags = KT_DEATH_DIRECT,
	  .seccomp_mode = 3,
	  EXPECT(CAUSE_SECCOMP, .shows_seccomp = true) },
	{ .name = "oops-under-strict-seccomp",
	  .status = SIGKILL,
	  .flags = KT_DEATH_DIRECT,
	  .seccomp_mode = 1,
	  .exit_stack = "do_exit make_task_dead rewind_stack_and_make_dead",
	  EXPECT(CAUSE_OOPS),
	  WITHOUT_NAMES(CAUSE_KERNEL_SIGNAL) },
	{ .name = "user-dispatch",
	  FORCED(SIGSYS, 2, STALE_PAGE_FAULT),
	  EXPECT(CAUSE_KERNEL_SIGNAL, .shows_fault = true) },
	{ .name = "user-dispatch-selector",
	  FORCED(SIGSYS, CODE_KERNEL, STALE_PAGE_FAULT),
	  .stack = "force_sig_info_to_task force_exit_sig syscall_user_dispatch",
	  EXPECT(CAUSE_KERNEL_SIGNAL, .shows_fault = true),
	  WITHOUT_NAMES(CAUSE_KERNEL_SIGNAL, .shows_fault = true, LACKING(STACKS)) },
	{ .name = "user-dispatch-selector-5.15",
	  .status = SIGSYS,
	  .flags = KT_DEATH_DIRECT,
	  .exit_stack = "do_exit syscall_user_dispatch",
	  EXPECT(CAUSE_KERNEL_SIGNAL) },
	{ .name = "vsyscall",
	  FORCED(SIGSYS, CODE_KERNEL, STALE_PAGE_FAULT),
	  .seccomp_mode = 2,
	  .stack = "force_sig_info_to_task force_exit_sig emulate_vsyscall",
	  EXPECT(CAUSE_SECCOMP, .shows_seccomp = true),
	  WITHOUT_NAMES(CAUSE_KERNEL_SIGNAL, .shows_fault = true, LACKING(STACKS)) },
};

#define LIMITS(...)                                                                       \
	.rlimit = &(const struct kt_rlimit)                                               \
	{                                                                                 \
		.valid = KT_RLIMIT_HAS_CPU | KT_RLIMIT_HAS_RTTIME | KT_RLIMIT_HAS_FSIZE | \
			 KT_RLIMIT_HAS_CPU_USED,                                          \
		__VA_ARGS__                                                               \
	}
#define NO_CPU .cpu_soft = KT_RLIMIT_INFINITY, .cpu_hard = KT_RLIMIT_INFINITY
#define NO_RTTIME .rttime_soft = KT_RLIMIT_INFINITY, .rttime_hard = KT_RLIMIT_INFINITY
#define NO_FSIZE .fsize_soft = KT_RLIMIT_INFINITY, .fsize_hard = KT_RLIMIT_INFINITY
#define NO_LIMITS LIMITS(NO_CPU, NO_RTTIME, NO_FSIZE)
#define CPU_TIMER_STACK                                                                           \
	.stack = "complete_signal __send_signal_locked send_signal_locked __group_send_sig_info " \
		 "check_process_timers posix_cpu_timers_work task_work_run"
#define GROUP_SELF (KT_SIGNAL_GROUP | KT_SIGNAL_SELF)
#define LIMITED .shows_rlimit = true

static const struct scenario rlimit_scenarios[] = {
	{ .name = "rlimit-cpu-soft",
	  SENT_PRIV(SIGXCPU, GROUP_SELF, BY_ITSELF),
	  LIMITS(.cpu_soft = 1, .cpu_hard = 5, .cpu_used_ns = 1004000000, NO_RTTIME, NO_FSIZE),
	  CPU_TIMER_STACK,
	  EXPECT(CAUSE_RLIMIT_CPU, LIMITED) },
	{ .name = "rlimit-cpu-hard",
	  SENT_PRIV(SIGKILL, GROUP_SELF, BY_ITSELF),
	  LIMITS(.cpu_soft = 1, .cpu_hard = 1, .cpu_used_ns = 1004000000, NO_RTTIME, NO_FSIZE),
	  CPU_TIMER_STACK,
	  EXPECT(CAUSE_RLIMIT_CPU, LIMITED) },
	{ .name = "rlimit-rttime-soft",
	  SENT_PRIV(SIGXCPU, GROUP_SELF, BY_ITSELF),
	  LIMITS(NO_CPU, .rttime_soft = 100000, .rttime_hard = 5000000, .cpu_used_ns = 200000000,
		 NO_FSIZE),
	  CPU_TIMER_STACK,
	  EXPECT(CAUSE_RLIMIT_RTTIME, LIMITED) },
	{ .name = "rlimit-rttime-hard",
	  SENT_PRIV(SIGKILL, GROUP_SELF, BY_ITSELF),
	  LIMITS(NO_CPU, .rttime_soft = 100000, .rttime_hard = 100000, .cpu_used_ns = 200000000,
		 NO_FSIZE),
	  CPU_TIMER_STACK,
	  EXPECT(CAUSE_RLIMIT_RTTIME, LIMITED) },
	{ .name = "rlimit-cpu-with-both",
	  SENT_PRIV(SIGXCPU, GROUP_SELF, BY_ITSELF),
	  LIMITS(.cpu_soft = 1, .cpu_hard = 5, .cpu_used_ns = 1004000000, .rttime_soft = 100000,
		 .rttime_hard = 5000000, NO_FSIZE),
	  CPU_TIMER_STACK,
	  EXPECT(CAUSE_RLIMIT_CPU, LIMITED) },
	{ .name = "rlimit-rttime-with-both",
	  SENT_PRIV(SIGXCPU, GROUP_SELF, BY_ITSELF),
	  LIMITS(.cpu_soft = 60, .cpu_hard = 60, .cpu_used_ns = 200000000, .rttime_soft = 100000,
		 .rttime_hard = 5000000, NO_FSIZE),
	  CPU_TIMER_STACK,
	  EXPECT(CAUSE_RLIMIT_RTTIME, LIMITED) },
	{ .name = "deadline-overrun", /* no limit is set */
	  SENT_PRIV(SIGXCPU, GROUP_SELF, BY_ITSELF),
	  NO_LIMITS,
	  CPU_TIMER_STACK,
	  EXPECT(CAUSE_KERNEL_SIGNAL) },
	{ .name = "deadline-overrun-with-a-cpu-limit", /* far from being used up */
	  SENT_PRIV(SIGXCPU, GROUP_SELF, BY_ITSELF),
	  LIMITS(.cpu_soft = 60, .cpu_hard = 60, .cpu_used_ns = 200000000, NO_RTTIME, NO_FSIZE),
	  CPU_TIMER_STACK,
	  EXPECT(CAUSE_KERNEL_SIGNAL) },
	{ .name = "xcpu-without-its-limits",
	  SENT_PRIV(SIGXCPU, GROUP_SELF, BY_ITSELF),
	  CPU_TIMER_STACK,
	  EXPECT(CAUSE_KERNEL_SIGNAL, LACKING(DOSSIER)) },
	{ .name = "xcpu-by-a-process",
	  SENT(SIGXCPU, 0, KT_SIGNAL_GROUP, BY_KILLER),
	  LIMITS(.cpu_soft = 1, .cpu_hard = 5, .cpu_used_ns = 1, NO_RTTIME, NO_FSIZE),
	  EXPECT(CAUSE_SIGNAL, FROM_PROCESS) },
	{ .name = "rlimit-fsize",
	  SENT_NOINFO(SIGXFSZ, KT_SIGNAL_SELF, BY_ITSELF),
	  LIMITS(NO_CPU, NO_RTTIME, .fsize_soft = 4096, .fsize_hard = 8192),
	  .stack = "do_send_sig_info send_sig generic_write_checks vfs_write",
	  EXPECT(CAUSE_RLIMIT_FSIZE, LIMITED) },
	{ .name = "bpf-send-signal-with-a-cpu-limit", /* far from being used up */
	  SENT_PRIV(SIGKILL, GROUP_SELF, BY_ITSELF),
	  LIMITS(.cpu_soft = 100, .cpu_hard = 100, .cpu_used_ns = 1000000000, NO_RTTIME, NO_FSIZE),
	  .stack = "do_send_sig_info group_send_sig_info do_bpf_send_signal",
	  EXPECT(CAUSE_KERNEL_SIGNAL) },
	{ .name = "killed-with-a-cpu-limit",
	  SENT(SIGKILL, 0, KT_SIGNAL_GROUP, BY_KILLER),
	  LIMITS(.cpu_soft = 1, .cpu_hard = 1, .cpu_used_ns = 1, NO_RTTIME, NO_FSIZE),
	  EXPECT(CAUSE_SIGKILL, FROM_PROCESS) },
};

#define LIMIT_FOUND (KT_OOM_LIMIT_LOCKED | KT_OOM_LIMIT_FULL | KT_OOM_LIMIT_PRESUMED)
#define OOM(flags_)                                                                                \
	.oom = &(const struct kt_oom)                                                              \
	{                                                                                          \
		.time_ns = SIGNAL_NS, .flags = KT_OOM_HAS_FIGURES | (flags_),                      \
		.total_vm_bytes = 68 << 20, .anon_rss_bytes = 30 << 20, .file_rss_bytes = 4 << 20, \
		.page_tables_bytes = 196608, .score_adj = 200,                                     \
		.limit_bytes = (flags_)&LIMIT_FOUND ? 32 << 20 : 0,                                \
		.usage_bytes = (flags_)&LIMIT_FOUND ? 32 << 20 : 0                                 \
	}
#define OOM_KILLED(flags_, ...) \
	SENT_PRIV(SIGKILL, KT_SIGNAL_GROUP | (flags_), __VA_ARGS__), NO_LIMITS
#define MEMCG_STACK                                                                          \
	.stack = "complete_signal __send_signal_locked do_send_sig_info __oom_kill_process " \
		 "oom_kill_process out_of_memory mem_cgroup_out_of_memory try_charge_memcg " \
		 "charge_memcg do_anonymous_page exc_page_fault"
#define GLOBAL_STACK                                                                         \
	.stack = "complete_signal __send_signal_locked do_send_sig_info __oom_kill_process " \
		 "oom_kill_process out_of_memory __alloc_pages_slowpath.constprop.0 "        \
		 "__alloc_pages alloc_pages_vma"
#define OOM_SCOPE(scope_, state)                                                        \
	.oom = &(const struct kt_oom)                                                   \
	{                                                                               \
		.time_ns = SIGNAL_NS,                                                   \
		.flags = KT_OOM_MARKED | KT_OOM_HAS_FIGURES | KT_OOM_CONTROL | (state), \
		.scope = (scope_), .anon_rss_bytes = 31 << 20,                          \
		.limit_bytes = (state)&LIMIT_FOUND ? 32 << 20 : 0,                      \
		.usage_bytes = (state)&LIMIT_FOUND ? 32 << 20 : 0                       \
	}
#define BY_CONTROL .scope = SCOPE_SOURCE_OOM_CONTROL
#define LIMIT_PATH .limit_path = "/system.slice/shop.service"
#define TOLD_OOM .shows_oom = true, .sender = SENDER_TRIGGER
#define BY_STACK .scope = SCOPE_SOURCE_KERNEL_STACK
#define BY_STATE .scope = SCOPE_SOURCE_MEMCG_STATE
#define WALKED_LOCKED (KT_OOM_LIMIT_WALKED | KT_OOM_LIMIT_LOCKED)
#define WALKED_FULL (KT_OOM_LIMIT_WALKED | KT_OOM_LIMIT_FULL)

#define SMALL_VICTIM                                                                               \
	.oom = &(const struct kt_oom)                                                              \
	{                                                                                          \
		.time_ns = SIGNAL_NS, .flags = KT_OOM_HAS_FIGURES | KT_OOM_MARKED | WALKED_LOCKED, \
		.anon_rss_bytes = 1 << 20, .shmem_rss_bytes = 65536, .file_rss_bytes = 4 << 20,    \
		.limit_bytes = 32 << 20, .usage_bytes = 32 << 20                                   \
	}
#define LIMIT_MEMORY(source_, after_ns, ...)                                             \
	&(const struct kt_limit_memory)                                                  \
	{                                                                                \
		.time_ns = SIGNAL_NS + (after_ns), .cgroup_id = 62, .source = (source_), \
		.peak_bytes = 33 << 20, __VA_ARGS__                                      \
	}
#define ALL_FIGURES 0x1fe
#define COUNTERS(...)                                        \
	.limit_counters = LIMIT_MEMORY(KT_LIMIT_COUNTERS, 0, \
				       .valid = ALL_FIGURES | KT_LIMIT_HAS_PEAK, __VA_ARGS__)
#define ONLY_PEAK .limit_counters = LIMIT_MEMORY(KT_LIMIT_COUNTERS, 0, .valid = KT_LIMIT_HAS_PEAK)
#define FILES(...) \
	.limit_files = LIMIT_MEMORY(KT_LIMIT_FILES, 250000, .valid = ALL_FIGURES, __VA_ARGS__)
#define TOP(...)                                        \
	.limit_top = (const struct kt_process_memory[]) \
	{                                               \
		__VA_ARGS__,                            \
		{                                       \
			.pid = 0                        \
		}                                       \
	}

static const struct scenario oom_scenarios[] = {
	{ .name = "oom-memcg",
	  IN_SERVICE,
	  LIMIT_PATH,
	  OOM_KILLED(0, BY_KILLER),
	  OOM(KT_OOM_MARKED | WALKED_LOCKED),
	  MEMCG_STACK,
	  .flags = KT_DEATH_OOM_MARKED | KT_DEATH_SIGNALED,
	  EXPECT(CAUSE_OOM_MEMCG, TOLD_OOM, BY_STACK),
	  WITHOUT_NAMES(CAUSE_OOM_MEMCG, TOLD_OOM, BY_STATE) },
	{ .name = "oom-memcg-by-usage",
	  LIMIT_PATH,
	  OOM_KILLED(0, BY_KILLER),
	  OOM(KT_OOM_MARKED | WALKED_FULL),
	  EXPECT(CAUSE_OOM_MEMCG, TOLD_OOM, BY_STATE) },
	{ .name = "oom-memcg-by-itself", /* has a CPU limit as well: mark_victim decides */
	  LIMIT_PATH,
	  OOM_KILLED(KT_SIGNAL_SELF, BY_ITSELF),
	  OOM(KT_OOM_MARKED | WALKED_LOCKED),
	  MEMCG_STACK,
	  EXPECT(CAUSE_OOM_MEMCG, TOLD_OOM, BY_STACK),
	  WITHOUT_NAMES(CAUSE_OOM_MEMCG, TOLD_OOM, BY_STATE) },
	{ .name = "oom-memcg-limit-lowered",
	  LIMIT_PATH,
	  OOM_KILLED(0, BY_KILLER),
	  OOM(KT_OOM_MARKED | WALKED_FULL),
	  .stack = "do_send_sig_info __oom_kill_process out_of_memory memory_max_write vfs_write",
	  EXPECT(CAUSE_OOM_MEMCG, TOLD_OOM, BY_STACK),
	  WITHOUT_NAMES(CAUSE_OOM_MEMCG, TOLD_OOM, BY_STATE) },
	{ .name = "oom-memcg-group",
	  OOM_KILLED(0, BY_KILLER),
	  OOM(KT_OOM_MARKED | KT_OOM_GROUP | WALKED_LOCKED),
	  LIMIT_PATH,
	  EXPECT(CAUSE_OOM_MEMCG, TOLD_OOM, BY_STATE) },
	{ .name = "oom-memcg-shared", /* no mark_victim for processes that share the memory */
	  LIMIT_PATH,
	  OOM_KILLED(0, BY_KILLER),
	  .oom = &(const struct kt_oom){ .time_ns = SIGNAL_NS,
					 .flags = KT_OOM_SHARED_MM | WALKED_LOCKED,
					 .shared_with_pid = 4700,
					 .limit_bytes = 32 << 20,
					 .usage_bytes = 32 << 20 },
	  EXPECT(CAUSE_OOM_MEMCG, TOLD_OOM, BY_STATE) },
	{ .name = "oom-global",
	  OOM_KILLED(0, BY_KILLER),
	  OOM(KT_OOM_MARKED | KT_OOM_LIMIT_WALKED),
	  GLOBAL_STACK,
	  EXPECT(CAUSE_OOM_GLOBAL, TOLD_OOM, BY_STACK),
	  WITHOUT_NAMES(CAUSE_OOM_GLOBAL, TOLD_OOM, BY_STATE) },
	{ .name = "oom-global-swapped",
	  OOM_KILLED(0, BY_KILLER),
	  .oom = &(const struct kt_oom){ .time_ns = SIGNAL_NS,
					 .flags = KT_OOM_MARKED | KT_OOM_HAS_FIGURES |
						  KT_OOM_LIMIT_WALKED,
					 .anon_rss_bytes = 1 << 20,
					 .swap_bytes = 5ULL << 30,
					 .score_adj = -999 },
	  GLOBAL_STACK,
	  EXPECT(CAUSE_OOM_GLOBAL, TOLD_OOM, BY_STACK),
	  WITHOUT_NAMES(CAUSE_OOM_GLOBAL, TOLD_OOM, BY_STATE) },
	{ .name = "oom-of-unknown-scope",
	  OOM_KILLED(0, BY_KILLER),
	  OOM(KT_OOM_MARKED),
	  EXPECT(CAUSE_KERNEL_SIGNAL, TOLD_OOM, LACKING(OOM)) },
	{ .name = "oom-without-a-mark", /* then a limit that is not full proves nothing */
	  OOM_KILLED(0, BY_KILLER),
	  OOM(KT_OOM_LIMIT_WALKED),
	  .flags = KT_DEATH_OOM_MARKED,
	  EXPECT(CAUSE_KERNEL_SIGNAL, TOLD_OOM, LACKING(OOM)) },
	{ .name = "oom-with-a-limit-that-is-presumed",
	  LIMIT_PATH,
	  OOM_KILLED(0, BY_KILLER),
	  OOM(KT_OOM_MARKED | KT_OOM_LIMIT_WALKED | KT_OOM_LIMIT_PRESUMED),
	  EXPECT(CAUSE_KERNEL_SIGNAL, TOLD_OOM, LACKING(OOM)) },
	{ .name = "oom-sysrq",
	  OOM_KILLED(KT_SIGNAL_SENDER_KTHREAD, BY_KWORKER),
	  OOM(KT_OOM_MARKED | KT_OOM_LIMIT_WALKED),
	  .stack = "do_send_sig_info __oom_kill_process oom_kill_process out_of_memory "
		   "moom_callback process_one_work worker_thread kthread",
	  EXPECT(CAUSE_OOM_SYSRQ, TOLD_OOM, BY_STACK),
	  WITHOUT_NAMES(CAUSE_KERNEL_SIGNAL, TOLD_OOM, LACKING(OOM)) },
	{ .name = "oom-memcg-by-control", /* fentry on the OOM killer itself is best */
	  LIMIT_PATH,
	  OOM_KILLED(0, BY_KILLER),
	  OOM_SCOPE(KT_OOM_SCOPE_MEMCG, WALKED_LOCKED),
	  MEMCG_STACK,
	  EXPECT(CAUSE_OOM_MEMCG, TOLD_OOM, BY_CONTROL) },
	{ .name = "oom-global-by-control", /* even if limits are full as well */
	  OOM_KILLED(0, BY_KILLER),
	  OOM_SCOPE(KT_OOM_SCOPE_GLOBAL, WALKED_LOCKED),
	  GLOBAL_STACK,
	  EXPECT(CAUSE_OOM_GLOBAL, TOLD_OOM, BY_CONTROL) },
	{ .name = "oom-cpuset",
	  OOM_KILLED(0, BY_KILLER),
	  OOM_SCOPE(KT_OOM_SCOPE_CPUSET, KT_OOM_LIMIT_WALKED),
	  GLOBAL_STACK,
	  EXPECT(CAUSE_OOM_CPUSET, TOLD_OOM, BY_CONTROL) },
	{ .name = "oom-mempolicy",
	  OOM_KILLED(0, BY_KILLER),
	  OOM_SCOPE(KT_OOM_SCOPE_MEMPOLICY, KT_OOM_LIMIT_WALKED),
	  GLOBAL_STACK,
	  EXPECT(CAUSE_OOM_MEMPOLICY, TOLD_OOM, BY_CONTROL) },
	{ .name = "oom-sysrq-by-control",
	  OOM_KILLED(KT_SIGNAL_SENDER_KTHREAD, BY_KWORKER),
	  OOM_SCOPE(KT_OOM_SCOPE_SYSRQ, KT_OOM_LIMIT_WALKED),
	  EXPECT(CAUSE_OOM_SYSRQ, TOLD_OOM, BY_CONTROL) },
	{ .name = "oom-by-control-of-no-scope",
	  LIMIT_PATH,
	  OOM_KILLED(0, BY_KILLER),
	  OOM_SCOPE(KT_OOM_SCOPE_UNKNOWN, WALKED_LOCKED),
	  EXPECT(CAUSE_OOM_MEMCG, TOLD_OOM, BY_STATE) },
	{ .name = "oom-by-control-of-a-newer-scope",
	  LIMIT_PATH,
	  OOM_KILLED(0, BY_KILLER),
	  OOM_SCOPE(99, WALKED_LOCKED),
	  EXPECT(CAUSE_OOM_MEMCG, TOLD_OOM, BY_STATE) },
	{ .name = "oom-mark-not-heard", /* no mark_victim hook: the group is marked anyway */
	  LIMIT_PATH,
	  OOM_KILLED(0, BY_KILLER),
	  OOM(WALKED_LOCKED),
	  .flags = KT_DEATH_OOM_MARKED,
	  EXPECT(CAUSE_OOM_MEMCG, TOLD_OOM, BY_STATE) },
	{ .name = "oom-signal-not-seen",
	  .status = SIGKILL,
	  .flags = KT_DEATH_OOM_MARKED | KT_DEATH_SIGNALED,
	  NO_LIMITS,
	  EXPECT(CAUSE_SIGKILL, .incomplete = EVIDENCE_DOSSIER | EVIDENCE_OOM) },
	{ .name = "oom-marked-while-dying-of-sigterm", /* task_will_free_mem() */
	  SENT(SIGTERM, 0, KT_SIGNAL_GROUP, BY_KILLER),
	  .flags = KT_DEATH_OOM_MARKED,
	  EXPECT(CAUSE_SIGNAL, FROM_PROCESS, .routine = true) },
	{ .name = "oom-marked-while-dying-of-sigkill",
	  SENT(SIGKILL, 0, KT_SIGNAL_GROUP, BY_KILLER),
	  NO_LIMITS,
	  .flags = KT_DEATH_OOM_MARKED,
	  EXPECT(CAUSE_SIGKILL, FROM_PROCESS) },
	{ .name = "oom-marked-while-crashing",
	  PAGE_FAULT(SEGV_MAPERR, 6, 0x8, KT_FAULT_ADDRESS_LOW, FAULT_VALID(0)),
	  .flags = KT_DEATH_OOM_MARKED,
	  SEGFAULT(FAULT_KIND_NULL_DEREFERENCE, WRITE) },
	{ .name = "oom-memcg-group-member", /* the others of its group die with the chosen one */
	  LIMIT_PATH,
	  OOM_KILLED(0, BY_KILLER),
	  .oom = &(const struct kt_oom){ .time_ns = SIGNAL_NS,
					 .flags = KT_OOM_MARKED | KT_OOM_GROUP |
						  KT_OOM_GROUP_MEMBER | KT_OOM_HAS_FIGURES |
						  WALKED_LOCKED,
					 .shared_with_pid = 4700,
					 .anon_rss_bytes = 2 << 20,
					 .limit_bytes = 32 << 20,
					 .usage_bytes = 32 << 20 },
	  EXPECT(CAUSE_OOM_MEMCG, TOLD_OOM, BY_STATE) },
#define OOM_OF_OTHERS(name_)                                                 \
	.name = (name_), LIMIT_PATH, OOM_KILLED(0, BY_KILLER), SMALL_VICTIM, \
	EXPECT(CAUSE_OOM_MEMCG, TOLD_OOM, BY_STATE)
	{ OOM_OF_OTHERS("oom-memcg-full-of-tmpfs"),
	  COUNTERS(.anon_bytes = 1 << 20, .shmem_bytes = 29 << 20, .file_bytes = 30 << 20,
		   .kernel_bytes = 1 << 20, .slab_bytes = 65536) },
	{ OOM_OF_OTHERS("oom-memcg-full-of-page-cache"),
	  COUNTERS(.anon_bytes = 1 << 20, .shmem_bytes = 1 << 20, .file_bytes = 29 << 20,
		   .kernel_bytes = 1 << 20) },
	{ OOM_OF_OTHERS("oom-memcg-full-of-the-kernels"),
	  COUNTERS(.anon_bytes = 2 << 20, .file_bytes = 1 << 20, .kernel_bytes = 29 << 20,
		   .slab_bytes = 28 << 20, .page_tables_bytes = 65536) },
	{ OOM_OF_OTHERS("oom-memcg-full-of-sockets"),
	  COUNTERS(.anon_bytes = 2 << 20, .file_bytes = 1 << 20, .kernel_bytes = 1 << 20,
		   .sock_bytes = 28 << 20) },
	{ OOM_OF_OTHERS("oom-memcg-full-of-a-neighbours"),
	  COUNTERS(.anon_bytes = 30 << 20, .file_bytes = 1 << 20, .kernel_bytes = 1 << 20),
	  TOP({ .pid = 4712, .anon_bytes = 28 << 20, .comm = "java" },
	      { .pid = 4713, .anon_bytes = 2 << 20, .comm = "sidecar" }) },
	{ OOM_OF_OTHERS("oom-memcg-full-beside-a-newcomer"), /* what it holds counts where it was
								before */
	  COUNTERS(.anon_bytes = 30 << 20, .file_bytes = 1 << 20, .kernel_bytes = 1 << 20),
	  TOP({ .pid = 4712, .anon_bytes = 500 << 20, .comm = "java" }) },
	{ OOM_OF_OTHERS("oom-memcg-full-of-many"), /* none of which holds most */
	  COUNTERS(.anon_bytes = 30 << 20, .file_bytes = 1 << 20, .kernel_bytes = 1 << 20),
	  TOP({ .pid = 4711, .anon_bytes = 77, .comm = "victim" },
	      { .pid = 4712, .anon_bytes = 10 << 20, .comm = "one" },
	      { .pid = 4713, .anon_bytes = 9 << 20, .comm = "two" },
	      { .pid = 4714, .anon_bytes = 8 << 20, .comm = "three" },
	      { .pid = 4715, .anon_bytes = 2 << 20, .comm = "four" }) },
	{ OOM_OF_OTHERS("oom-memcg-full-of-tmpfs-by-files"), ONLY_PEAK,
	  FILES(.anon_bytes = 65536, .shmem_bytes = 29 << 20, .file_bytes = 30 << 20) },
	{ OOM_OF_OTHERS("oom-memcg-full-of-a-neighbours-by-files"), ONLY_PEAK,
	  FILES(.anon_bytes = 29 << 20, .file_bytes = 1 << 20) },
	{ OOM_OF_OTHERS("oom-memcg-with-old-counters"), /* from before it was filled */
	  COUNTERS(.anon_bytes = 2 << 20, .file_bytes = 3 << 20, .shmem_bytes = 3 << 20) },
	{ OOM_OF_OTHERS("oom-memcg-with-old-counters-and-files"),
	  COUNTERS(.anon_bytes = 2 << 20, .file_bytes = 3 << 20, .shmem_bytes = 3 << 20),
	  FILES(.anon_bytes = 1 << 20, .file_bytes = 30 << 20, .shmem_bytes = 30 << 20) },
	{ OOM_OF_OTHERS("oom-memcg-with-files-of-before"), ONLY_PEAK,
	  .limit_files = LIMIT_MEMORY(KT_LIMIT_FILES, -250000ULL, .valid = ALL_FIGURES,
				      .anon_bytes = 1 << 20, .file_bytes = 1 << 20) },
	{ OOM_OF_OTHERS("oom-memcg-full-of-several-things"),
	  COUNTERS(.anon_bytes = 12 << 20, .file_bytes = 10 << 20, .shmem_bytes = 9 << 20,
		   .kernel_bytes = 10 << 20) },
	{ .name = "oom-memcg-full-of-the-victims",
	  LIMIT_PATH,
	  OOM_KILLED(0, BY_KILLER),
	  OOM(KT_OOM_MARKED | WALKED_LOCKED),
	  COUNTERS(.anon_bytes = 30 << 20, .file_bytes = 1 << 20, .kernel_bytes = 1 << 20),
	  TOP({ .pid = 4712, .anon_bytes = 65536, .comm = "shell" }),
	  EXPECT(CAUSE_OOM_MEMCG, TOLD_OOM, BY_STATE) },
};

static const struct scenario sigkill_scenarios[] = {
	{ .name = "kill",
	  IN_SERVICE,
	  KILLER_UNIT,
	  SENT(SIGKILL, 0, KT_SIGNAL_GROUP, BY_KILLER),
	  NO_LIMITS,
	  .stack = "complete_signal __send_signal_locked do_send_sig_info group_send_sig_info "
		   "kill_pid_info __x64_sys_kill do_syscall_64",
	  EXPECT(CAUSE_SIGKILL, FROM_PROCESS) },
	{ .name = "sigqueue-kill",
	  SENT(SIGKILL, SI_QUEUE, KT_SIGNAL_GROUP, BY_KILLER),
	  EXPECT(CAUSE_SIGKILL, FROM_PROCESS) },
	{ .name = "tgkill",
	  SENT(SIGKILL, SI_TKILL, 0, BY_KILLER),
	  EXPECT(CAUSE_SIGKILL, FROM_PROCESS) },
	{ .name = "kill-by-itself",
	  SENT(SIGKILL, SI_TKILL, KT_SIGNAL_SELF, BY_ITSELF),
	  EXPECT(CAUSE_SIGKILL, FROM_PROCESS) },
	{ .name = "forged-kernel-kill", /* rt_sigqueueinfo() to itself accepts any code */
	  SENT(SIGKILL, CODE_KERNEL, GROUP_SELF, BY_ITSELF_IN(129)),
	  EXPECT(CAUSE_SIGKILL, FROM_PROCESS) },
	{ .name = "kill-by-systemd-oomd",
	  SENT(SIGKILL, 0, KT_SIGNAL_GROUP, BY_DAEMON("systemd-oomd")),
	  .sender_path = "/system.slice/systemd-oomd.service",
	  EXPECT(CAUSE_OOM_USERSPACE, FROM_PROCESS) },
	{ .name = "kill-by-earlyoom",
	  SENT(SIGKILL, 0, KT_SIGNAL_GROUP, BY_DAEMON("earlyoom")),
	  .sender_path = "/system.slice/earlyoom.service",
	  EXPECT(CAUSE_OOM_USERSPACE, FROM_PROCESS) },
	{ .name = "kill-by-oomd",
	  SENT(SIGKILL, 0, KT_SIGNAL_GROUP, BY_DAEMON("oomd")),
	  .sender_path = "/system.slice/oomd.service",
	  EXPECT(CAUSE_OOM_USERSPACE, FROM_PROCESS) },
	{ .name = "kill-by-nohang",
	  SENT(SIGKILL, 0, KT_SIGNAL_GROUP, BY_DAEMON("nohang")),
	  .sender_path = "/system.slice/nohang-desktop.service",
	  EXPECT(CAUSE_OOM_USERSPACE, FROM_PROCESS) },
	{ .name = "kill-by-the-name-of-earlyoom",
	  SENT(SIGKILL, 0, KT_SIGNAL_GROUP, BY_DAEMON("earlyoom")),
	  .sender_path = "/user.slice/user-1000.slice/session-2.scope",
	  EXPECT(CAUSE_SIGKILL, FROM_PROCESS) },
	{ .name = "kill-by-the-name-and-unit-of-earlyoom", /* any user's manager can have one */
	  SENT(SIGKILL, 0, KT_SIGNAL_GROUP, BY_DAEMON("earlyoom")),
	  .sender_path = "/user.slice/user-1000.slice/user@1000.service/app.slice/earlyoom.service",
	  EXPECT(CAUSE_SIGKILL, FROM_PROCESS) },
	{ .name = "kill-from-the-unit-of-earlyoom",
	  SENT(SIGKILL, 0, KT_SIGNAL_GROUP, BY_DAEMON("sh")),
	  .sender_path = "/system.slice/earlyoom.service",
	  EXPECT(CAUSE_SIGKILL, FROM_PROCESS) },
	{ .name = "cgroup-kill",
	  KILLER_UNIT,
	  SENT_NOINFO(SIGKILL, 0, BY_KILLER),
	  .stack =
		  "do_send_sig_info send_sig __cgroup_kill cgroup_kill_write kernfs_fop_write_iter",
	  EXPECT(CAUSE_CGROUP_KILL, FROM_PROCESS) },
	{ .name = "cgroup-kill-of-itself",
	  SENT_NOINFO(SIGKILL, KT_SIGNAL_SELF, BY_ITSELF_IN(1)),
	  .stack = "do_send_sig_info send_sig __cgroup_kill cgroup_kill_write",
	  EXPECT(CAUSE_CGROUP_KILL, FROM_PROCESS) },
	{ .name = "kill-by-a-security-module", /* AppArmor's kill mode */
	  SENT_NOINFO(SIGKILL, KT_SIGNAL_SELF, BY_ITSELF_IN(257)),
	  .stack = "do_send_sig_info send_sig aa_audit apparmor_file_open security_file_open",
	  EXPECT(CAUSE_KERNEL_SIGNAL) },
	{ .name = "cgroup-kill-by-systemd-oomd",
	  SENT_NOINFO(SIGKILL, 0, BY_DAEMON("systemd-oomd")),
	  .sender_path = "/system.slice/systemd-oomd.service",
	  EXPECT(CAUSE_OOM_USERSPACE, FROM_PROCESS) },
	{ .name = "cgroup-kill-of-a-newborn", /* current is the parent, which only forked */
	  SENT_NOINFO(SIGKILL, KT_SIGNAL_GROUP, BY_KILLER_IN(56)),
	  .stack = "do_send_sig_info cgroup_post_fork copy_process kernel_clone",
	  EXPECT(CAUSE_CGROUP_KILL) },
	{ .name = "cgroup-kill-of-a-newborn-by-clone3",
	  SENT_NOINFO(SIGKILL, KT_SIGNAL_GROUP, BY_KILLER_IN(435)),
	  EXPECT(CAUSE_CGROUP_KILL) },
	{ .name = "cgroup-kill-of-a-newborn-with-pdeathsig",
	  SENT_NOINFO(SIGKILL, KT_SIGNAL_GROUP | KT_SIGNAL_IS_PDEATH_SIGNAL, BY_KILLER_IN(57)),
	  EXPECT(CAUSE_CGROUP_KILL) },
	{ .name = "kill-of-linux-7.3", /* kill(2) has no siginfo any more */
	  KILLER_UNIT,
	  SENT_NOINFO(SIGKILL, KT_SIGNAL_GROUP, BY_KILLER_IN(62)),
	  .stack = "do_send_sig_info group_send_sig_info kill_pid_info __x64_sys_kill",
	  EXPECT(CAUSE_SIGKILL, FROM_PROCESS) },
	{ .name = "kill-of-linux-7.3-of-a-child-with-pdeathsig", /* the parent lives */
	  SENT_NOINFO(SIGKILL, KT_SIGNAL_GROUP | KT_SIGNAL_IS_PDEATH_SIGNAL, BY_KILLER_IN(62)),
	  EXPECT(CAUSE_SIGKILL, FROM_PROCESS) },
	{ .name = "kill-of-linux-7.3-by-earlyoom",
	  SENT_NOINFO(SIGKILL, KT_SIGNAL_GROUP, BY_DAEMON("earlyoom")),
	  .sender_path = "/system.slice/earlyoom.service",
	  EXPECT(CAUSE_OOM_USERSPACE, FROM_PROCESS) },
	{ .name = "cgroup-kill-by-the-tracer",
	  SENT_NOINFO(SIGKILL, KT_SIGNAL_TARGET_PTRACED | KT_SIGNAL_SENDER_IS_TRACER, BY_KILLER),
	  .stack = "do_send_sig_info send_sig __cgroup_kill cgroup_kill_write",
	  EXPECT(CAUSE_CGROUP_KILL, FROM_PROCESS),
	  WITHOUT_NAMES(CAUSE_SIGKILL, FROM_PROCESS) },
	{ .name = "cgroup-kill-of-a-traced", /* the tracer is another process */
	  SENT_NOINFO(SIGKILL, KT_SIGNAL_TARGET_PTRACED, BY_KILLER),
	  EXPECT(CAUSE_CGROUP_KILL, FROM_PROCESS) },
	{ .name = "ptrace-kill",
	  SENT_NOINFO(SIGKILL, KT_SIGNAL_TARGET_PTRACED | KT_SIGNAL_SENDER_IS_TRACER, BY_KILLER),
	  .stack = "do_send_sig_info send_sig ptrace_request arch_ptrace __x64_sys_ptrace",
	  EXPECT(CAUSE_SIGKILL, FROM_PROCESS) },
	{ .name = "ptrace-exitkill",
	  SENT_PRIV(SIGKILL,
		    KT_SIGNAL_TARGET_PTRACED | KT_SIGNAL_SENDER_IS_TRACER |
			    /* its end does it */ KT_SIGNAL_SENDER_EXITING,
		    BY_KILLER),
	  .stack = "do_send_sig_info send_sig_info exit_ptrace do_exit",
	  EXPECT(CAUSE_PTRACE_EXITKILL, FROM_PROCESS) },
	{ .name = "parent-death-signal",
	  SENT_NOINFO(SIGKILL,
		      KT_SIGNAL_GROUP | KT_SIGNAL_IS_PDEATH_SIGNAL | KT_SIGNAL_SENDER_EXITING,
		      BY_KILLER),
	  .stack = "do_send_sig_info group_send_sig_info forget_original_parent do_exit",
	  EXPECT(CAUSE_PARENT_DEATH_SIGNAL, FROM_PROCESS) },
	{ .name = "parent-death-signal-of-a-thread",
	  SENT_NOINFO(SIGKILL,
		      KT_SIGNAL_GROUP | KT_SIGNAL_IS_PDEATH_SIGNAL | KT_SIGNAL_SENDER_EXITING |
			      KT_SIGNAL_SENDER_LIVES | KT_SIGNAL_SENDER_IS_PARENT,
		      .target_tid = BUILDER_TGID, .sender_pid = KILLER, .sender_tid = KILLER + 5,
		      .sender_uid = 0, .sender_comm = "killer", .target_comm = "victim",
		      .threads = 1),
	  EXPECT(CAUSE_PARENT_DEATH_SIGNAL, FROM_PROCESS) },
	{ .name = "pidns-teardown",
	  SENT_PRIV(SIGKILL,
		    KT_SIGNAL_GROUP | KT_SIGNAL_SENDER_IS_REAPER | KT_SIGNAL_SENDER_EXITING,
		    BY_KILLER),
	  NO_LIMITS,
	  .stack = "do_send_sig_info group_send_sig_info zap_pid_ns_processes do_exit",
	  EXPECT(CAUSE_PIDNS_TEARDOWN, FROM_PROCESS) },
	{ .name = "pidns-teardown-of-the-marked", /* the OOM killer had marked the dying process */
	  SENT_PRIV(SIGKILL,
		    KT_SIGNAL_GROUP | KT_SIGNAL_SENDER_IS_REAPER | KT_SIGNAL_SENDER_EXITING,
		    BY_KILLER),
	  NO_LIMITS,
	  .flags = KT_DEATH_OOM_MARKED,
	  .stack = "do_send_sig_info group_send_sig_info zap_pid_ns_processes do_exit",
	  EXPECT(CAUSE_PIDNS_TEARDOWN, FROM_PROCESS) },
	{ .name = "pidns-reboot",
	  SENT_PRIV(SIGKILL, KT_SIGNAL_TARGET_IS_REAPER, BY_KILLER),
	  .stack = "do_send_sig_info send_sig reboot_pid_ns __do_sys_reboot",
	  EXPECT(CAUSE_KERNEL_SIGNAL) },
	{ .name = "secure-attention-key",
	  SENT_PRIV(SIGKILL, KT_SIGNAL_GROUP | KT_SIGNAL_SENDER_KTHREAD, BY_KWORKER),
	  NO_LIMITS,
	  .stack = "do_send_sig_info group_send_sig_info __do_SAK do_SAK_work process_one_work",
	  EXPECT(CAUSE_KERNEL_SIGNAL) },
	{ .name = "sysrq-i",
	  SENT_PRIV(SIGKILL, GROUP_SELF, BY_ITSELF),
	  NO_LIMITS,
	  .stack = "do_send_sig_info send_sig_all sysrq_handle_kill write_sysrq_trigger",
	  EXPECT(CAUSE_KERNEL_SIGNAL) },
	{ .name = "killer-not-seen",
	  IN_SERVICE,
	  .status = SIGKILL,
	  .flags = KT_DEATH_SIGNALED,
	  NO_LIMITS,
	  EXPECT(CAUSE_SIGKILL, LACKING(DOSSIER)) },
	{ .name = "killer-not-noted", /* because there was no room */
	  .status = SIGKILL,
	  .flags = KT_DEATH_SIGNALED | KT_DEATH_NOTES_LOST,
	  EXPECT(CAUSE_SIGKILL, LACKING(DOSSIER)) },
	{ .name = "killer-without-its-cgroup",
	  SENT(SIGKILL, 0, KT_SIGNAL_GROUP, BY_KILLER),
	  .flags = KT_DEATH_SENDER_LOST | KT_DEATH_DETAILS_LOST,
	  EXPECT(CAUSE_SIGKILL, FROM_PROCESS, .incomplete = EVIDENCE_SENDER | EVIDENCE_STACKS) },
	{ .name = "killed-at-a-path-that-is-cut",
	  SENT(SIGKILL, 0, KT_SIGNAL_GROUP, BY_KILLER),
	  .flags = KT_DEATH_PATH_TRUNCATED,
	  EXPECT(CAUSE_SIGKILL, FROM_PROCESS, LACKING(CGROUP)) },
};

static const struct scenario signal_scenarios[] = {
	{ .name = "term",
	  IN_SERVICE,
	  KILLER_UNIT,
	  SENT(SIGTERM, 0, KT_SIGNAL_GROUP | KT_SIGNAL_COMMITTED, BY_KILLER),
	  EXPECT(CAUSE_SIGNAL, FROM_PROCESS, .routine = true) },
	{ .name = "int",
	  SENT(SIGINT, 0, KT_SIGNAL_GROUP, BY_KILLER),
	  EXPECT(CAUSE_SIGNAL, FROM_PROCESS, .routine = true) },
	{ .name = "hup",
	  SENT(SIGHUP, 0, KT_SIGNAL_GROUP, BY_KILLER),
	  EXPECT(CAUSE_SIGNAL, FROM_PROCESS, .routine = true) },
	{ .name = "quit",
	  SENT(SIGQUIT, 0, KT_SIGNAL_GROUP, BY_KILLER),
	  EXPECT(CAUSE_SIGNAL, FROM_PROCESS, .routine = true) },
	{ .name = "usr1",
	  SENT(SIGUSR1, SI_TKILL, 0, BY_KILLER),
	  EXPECT(CAUSE_SIGNAL, FROM_PROCESS) },
	{ .name = "realtime",
	  SENT(37, SI_QUEUE, KT_SIGNAL_GROUP, BY_KILLER),
	  EXPECT(CAUSE_SIGNAL, FROM_PROCESS) },
	{ .name = "mqueue", /* the current process only wrote to it */
	  SENT(SIGUSR2, SI_MESGQ, KT_SIGNAL_GROUP, BY_KILLER_IN(242)),
	  .stack = "do_send_sig_info do_mq_timedsend __x64_sys_mq_timedsend do_syscall_64",
	  EXPECT(CAUSE_KERNEL_SIGNAL) },
	{ .name = "mqueue-with-kill",
	  SENT(SIGKILL, SI_MESGQ, KT_SIGNAL_GROUP, BY_KILLER_IN(242)),
	  EXPECT(CAUSE_KERNEL_SIGNAL) },
	{ .name = "forged-mqueue",
	  SENT(SIGUSR2, SI_MESGQ, KT_SIGNAL_GROUP, BY_KILLER_IN(129)),
	  .stack = "do_send_sig_info kill_pid_info do_rt_sigqueueinfo __x64_sys_rt_sigqueueinfo",
	  EXPECT(CAUSE_SIGNAL, FROM_PROCESS) },
	{ .name = "file-with-segv", /* F_SETSIG with a number that has its own codes */
	  SENT(SIGSEGV, SI_SIGIO, 0, BY_KILLER_IN(1)),
	  .stack = "do_send_sig_info send_sigio_to_task send_sigio kill_fasync sock_wake_async",
	  EXPECT(CAUSE_KERNEL_SIGNAL) },
	{ .name = "file-written-by-itself",
	  SENT(SIGUSR1, POLL_IN, KT_SIGNAL_GROUP | KT_SIGNAL_SELF, BY_ITSELF_IN(1)),
	  .stack = "do_send_sig_info send_sigio_to_task send_sigio kill_fasync sock_wake_async",
	  EXPECT(CAUSE_KERNEL_SIGNAL) },
	{ .name = "asynchronous-io",
	  SENT(SIGUSR1, SI_ASYNCIO, KT_SIGNAL_GROUP, BY_KWORKER, .syscall_nr = -1),
	  EXPECT(CAUSE_KERNEL_SIGNAL) },
	{ .name = "injected-while-blocked", /* queued again by the tracee, in the tracer's name */
	  SENT(SIGUSR2, 0, KT_SIGNAL_SELF | KT_SIGNAL_TARGET_PTRACED, BY_ITSELF,
	       .claimed_pid = KILLER),
	  EXPECT(CAUSE_SIGNAL) },
	{ .name = "bpf-send-signal",
	  SENT_PRIV(SIGTERM, GROUP_SELF, BY_ITSELF),
	  .stack = "do_send_sig_info group_send_sig_info bpf_send_signal_common bpf_send_signal",
	  EXPECT(CAUSE_KERNEL_SIGNAL) },
	{ .name = "kill-of-all",
	  SENT(SIGUSR1, 0, KT_SIGNAL_GROUP | KT_SIGNAL_TO_ALL, BY_KILLER_IN(62)),
	  EXPECT(CAUSE_SIGNAL, FROM_PROCESS) },
	{ .name = "kill-of-a-process-group-by-its-parent",
	  SENT(SIGUSR1, 0,
	       KT_SIGNAL_GROUP | KT_SIGNAL_TO_PROCESS_GROUP | KT_SIGNAL_SENDER_IS_PARENT,
	       BY_KILLER_IN(62)),
	  .sender_exe = "supervise",
	  EXPECT(CAUSE_SIGNAL, FROM_PROCESS) },
	{ .name = "segv-by-another",
	  SENT(SIGSEGV, 0, KT_SIGNAL_GROUP, BY_KILLER),
	  EXPECT(CAUSE_SIGNAL, FROM_PROCESS) },
	{ .name = "segv-by-another-after-a-handled-fault",
	  SENT(SIGSEGV, 0, KT_SIGNAL_GROUP, BY_KILLER),
	  FORCED_AT(SIGNAL_NS - 1000, SIGSEGV, SEGV_MAPERR, FAULT_VALID(0), .trap_number = 14,
		    .flags = KT_FAULT_HANDLED | KT_FAULT_ADDRESS_LOW, .handled_count = 1),
	  EXPECT(CAUSE_SIGNAL, FROM_PROCESS) },
	{ .name = "abort-by-another",
	  SENT(SIGABRT, 0, KT_SIGNAL_GROUP, BY_KILLER),
	  EXPECT(CAUSE_SIGNAL, FROM_PROCESS) },
	{ .name = "raise-segv",
	  SENT(SIGSEGV, SI_TKILL, KT_SIGNAL_SELF, BY_ITSELF),
	  EXPECT(CAUSE_SIGNAL, FROM_PROCESS) },
	{ .name = "forged-fault", /* no trap happened: nothing was forced */
	  SENT(SIGSEGV, SEGV_MAPERR, GROUP_SELF, BY_ITSELF_IN(129)),
	  .stack = "do_send_sig_info kill_pid_info __x64_sys_rt_sigqueueinfo do_syscall_64",
	  EXPECT(CAUSE_SIGNAL, FROM_PROCESS) },
	{ .name = "term-after-a-handled-fault",
	  SENT(SIGTERM, 0, KT_SIGNAL_GROUP, BY_KILLER),
	  FORCED_AT(SIGNAL_NS - 1000, SIGSEGV, SEGV_MAPERR, FAULT_VALID(0), .trap_number = 14,
		    .flags = KT_FAULT_HANDLED, .handled_count = 1),
	  EXPECT(CAUSE_SIGNAL, FROM_PROCESS, .routine = true) },
	{ .name = "term-of-linux-7.3",
	  SENT_NOINFO(SIGTERM, KT_SIGNAL_GROUP, BY_KILLER_IN(62)),
	  EXPECT(CAUSE_SIGNAL, FROM_PROCESS, .routine = true) },
	{ .name = "abort-by-another-of-linux-7.3",
	  SENT_NOINFO(SIGABRT, KT_SIGNAL_GROUP, BY_KILLER_IN(62)),
	  EXPECT(CAUSE_SIGNAL, FROM_PROCESS) },
	{ .name = "xfsz-by-another-of-linux-7.3",
	  SENT_NOINFO(SIGXFSZ, KT_SIGNAL_GROUP, BY_KILLER_IN(62)),
	  NO_LIMITS,
	  EXPECT(CAUSE_SIGNAL, FROM_PROCESS) },
	{ .name = "pipe-by-another-of-linux-7.3",
	  SENT_NOINFO(SIGPIPE, KT_SIGNAL_GROUP, BY_KILLER_IN(62)),
	  EXPECT(CAUSE_SIGNAL, FROM_PROCESS) },
	{ .name = "pipe",
	  SENT_NOINFO(SIGPIPE, KT_SIGNAL_SELF, BY_ITSELF),
	  .stack = "do_send_sig_info send_sig pipe_write vfs_write ksys_write do_syscall_64",
	  EXPECT(CAUSE_KERNEL_SIGNAL, .routine = true) },
	{ .name = "pipe-that-is-a-socket", /* worth reporting, depending on what wrote to it */
	  SENT_NOINFO(SIGPIPE, KT_SIGNAL_SELF | KT_SIGNAL_WROTE_TO_SOCKET, BY_ITSELF),
	  .stack = "do_send_sig_info send_sig unix_stream_sendmsg sock_sendmsg __sys_sendto",
	  EXPECT(CAUSE_KERNEL_SIGNAL, .routine = true) },
	{ .name = "alarm", /* from the idle task of any CPU */
	  SENT_PRIV(SIGALRM, KT_SIGNAL_GROUP | KT_SIGNAL_SENDER_KTHREAD, BY_DAEMON("swapper/0")),
	  .stack = "send_signal_locked do_send_sig_info it_real_fn __hrtimer_run_queues",
	  EXPECT(CAUSE_KERNEL_SIGNAL, .routine = true) },
	{ .name = "profile-timer", /* inherited over an exec: not a way to end a program */
	  SENT_PRIV(SIGPROF, GROUP_SELF, BY_ITSELF),
	  .stack = "send_signal_locked __group_send_sig_info check_process_timers",
	  EXPECT(CAUSE_KERNEL_SIGNAL) },
	{ .name = "virtual-timer",
	  SENT_PRIV(SIGVTALRM, GROUP_SELF, BY_ITSELF),
	  EXPECT(CAUSE_KERNEL_SIGNAL) },
	{ .name = "posix-timer",
	  SENT(SIGUSR2, SI_TIMER, KT_SIGNAL_GROUP | KT_SIGNAL_SENDER_KTHREAD,
	       BY_DAEMON("swapper/1")),
	  EXPECT(CAUSE_KERNEL_SIGNAL) },
	{ .name = "posix-timer-as-deadline",
	  SENT(SIGALRM, SI_TIMER, KT_SIGNAL_GROUP | KT_SIGNAL_SENDER_KTHREAD,
	       BY_DAEMON("swapper/1")),
	  EXPECT(CAUSE_KERNEL_SIGNAL, .routine = true) },
	{ .name = "posix-timer-with-kill", /* not an ordinary way to end a program */
	  SENT(SIGKILL, SI_TIMER, KT_SIGNAL_GROUP, BY_DAEMON("swapper/1")),
	  EXPECT(CAUSE_KERNEL_SIGNAL) },
	{ .name = "forged-timer", /* rt_sigqueueinfo() to another process accepts negative codes */
	  SENT(SIGUSR2, SI_TIMER, KT_SIGNAL_GROUP, BY_KILLER_IN(129)),
	  .stack = "do_send_sig_info kill_pid_info do_rt_sigqueueinfo __x64_sys_rt_sigqueueinfo",
	  EXPECT(CAUSE_SIGNAL, FROM_PROCESS) },
	{ .name = "interrupt-from-a-terminal",
	  SENT_PRIV(SIGINT, KT_SIGNAL_GROUP | KT_SIGNAL_SENDER_KTHREAD, BY_KWORKER),
	  .stack = "do_send_sig_info __kill_pgrp_info kill_pgrp isig n_tty_receive_buf_common",
	  EXPECT(CAUSE_KERNEL_SIGNAL, .routine = true) },
	{ .name = "io-possible",
	  SENT(SIGIO, 1, KT_SIGNAL_GROUP, BY_KILLER),
	  EXPECT(CAUSE_KERNEL_SIGNAL) },
	{ .name = "io-possible-without-a-number", /* only F_SETOWN */
	  SENT_PRIV(SIGIO, KT_SIGNAL_GROUP, BY_KILLER),
	  EXPECT(CAUSE_KERNEL_SIGNAL) },
	{ .name = "tty-hangup",
	  SENT_PRIV(SIGHUP, KT_SIGNAL_GROUP | KT_SIGNAL_SENDER_EXITING, BY_KILLER),
	  .stack = "do_send_sig_info __group_send_sig_info tty_signal_session_leader "
		   "__tty_hangup disassociate_ctty do_exit",
	  EXPECT(CAUSE_KERNEL_SIGNAL, .routine = true) },
	{ .name = "orphaned-process-group",
	  SENT_PRIV(SIGHUP, KT_SIGNAL_GROUP | KT_SIGNAL_SENDER_EXITING, BY_KILLER),
	  .stack = "do_send_sig_info __kill_pgrp_info kill_orphaned_pgrp do_exit",
	  EXPECT(CAUSE_KERNEL_SIGNAL, .routine = true) },
	{ .name = "sysrq-e",
	  SENT_PRIV(SIGTERM, KT_SIGNAL_GROUP | KT_SIGNAL_SENDER_KTHREAD, BY_KWORKER),
	  .stack = "do_send_sig_info send_sig_all sysrq_handle_term",
	  EXPECT(CAUSE_KERNEL_SIGNAL) },
	{ .name = "parent-death-signal-of-sigterm",
	  SENT_NOINFO(SIGTERM,
		      KT_SIGNAL_GROUP | KT_SIGNAL_IS_PDEATH_SIGNAL | KT_SIGNAL_SENDER_EXITING,
		      BY_KILLER),
	  EXPECT(CAUSE_PARENT_DEATH_SIGNAL, FROM_PROCESS) },
	{ .name = "injected-by-a-tracer", /* PTRACE_CONT with a signal: nothing is generated */
	  .status = SIGUSR2,
	  .flags = KT_DEATH_SIGNALED,
	  EXPECT(CAUSE_SIGNAL, LACKING(DOSSIER)) },
	{ .name = "term-not-seen",
	  .status = SIGTERM,
	  .flags = KT_DEATH_SIGNALED,
	  EXPECT(CAUSE_SIGNAL, LACKING(DOSSIER)) },
	{ .name = "segv-not-seen", /* a tracer can inject it, and nothing is generated */
	  .status = SIGSEGV,
	  .flags = KT_DEATH_SIGNALED,
	  EXPECT(CAUSE_SIGNAL, LACKING(DOSSIER)) },
};

#define HANDLED_NULL(when)                                                                        \
	FORCED_AT(when, SIGSEGV, SEGV_MAPERR, FAULT_VALID(0), .trap_number = 14, .error_code = 6, \
		  .address = 0x8, .flags = KT_FAULT_HANDLED | KT_FAULT_ADDRESS_LOW,               \
		  .handled_count = 3)
#define NULL_WRITE .kind = FAULT_KIND_NULL_DEREFERENCE, .access = FAULT_ACCESS_WRITE
#define ABORTED SENT(SIGABRT, SI_TKILL, KT_SIGNAL_SELF, BY_ITSELF), .user_stack = true

static const struct scenario runtime_scenarios[] = {
	{ .name = "abort", ABORTED, EXPECT(CAUSE_ABORT, FROM_PROCESS) },
	{ .name = "abort-by-kill",
	  SENT(SIGABRT, 0, GROUP_SELF, BY_ITSELF),
	  EXPECT(CAUSE_ABORT, FROM_PROCESS) },
	{ .name = "abort-by-kill-of-linux-7.3",
	  SENT_NOINFO(SIGABRT, GROUP_SELF, BY_ITSELF),
	  EXPECT(CAUSE_ABORT, FROM_PROCESS) },
	{ .name = "abort-after-a-handled-fault",
	  ABORTED,
	  HANDLED_NULL(SIGNAL_NS - 5000000),
	  EXPECT(CAUSE_ABORT, FROM_PROCESS, TRAPPED, NULL_WRITE) },
	{ .name = "abort-long-after-a-handled-fault",
	  ABORTED,
	  HANDLED_NULL(SIGNAL_NS - 1000000001),
	  EXPECT(CAUSE_ABORT, FROM_PROCESS) },
	{ .name = "abort-beside-a-thread-that-lives-on-faults",
	  SENT(SIGABRT, SI_TKILL, KT_SIGNAL_SELF, BY_ITS_THREAD),
	  HANDLED_NULL(SIGNAL_NS - 5000000),
	  EXPECT(CAUSE_ABORT, FROM_PROCESS) },
	{ .name = "abort-after-a-fault-that-another-thread-handled", /* and passed on */
	  SENT(SIGABRT, SI_TKILL, KT_SIGNAL_SELF, BY_ITS_THREAD),
	  FORCED_AT(SIGNAL_NS - 5000000, SIGSEGV, SEGV_MAPERR, FAULT_VALID(0), .trap_number = 14,
		    .error_code = 6, .address = 0x8,
		    .flags = KT_FAULT_HANDLED | KT_FAULT_ADDRESS_LOW, .handled_count = 1),
	  EXPECT(CAUSE_ABORT, FROM_PROCESS, TRAPPED, NULL_WRITE) },
	{ .name = "abort-in-a-handler-of-no-fault", /* a record that contradicts itself */
	  SENT(SIGABRT, SI_TKILL, KT_SIGNAL_SELF | KT_SIGNAL_IN_FAULT_HANDLER, BY_ITSELF),
	  EXPECT(CAUSE_ABORT, FROM_PROCESS, LACKING(DOSSIER)) },
	{ .name = "abort-while-another-thread-exits", /* by exit_group(), with the group's status */
	  ABORTED,
	  .flags = KT_DEATH_DIRECT | KT_DEATH_GROUP_EXIT | KT_DEATH_MULTITHREADED,
	  .exit_stack = "do_exit do_group_exit __x64_sys_exit_group",
	  EXPECT(CAUSE_ABORT, FROM_PROCESS) },
	{ .name = "segv-sent-while-a-thread-exits",
	  SENT(SIGSEGV, 0, KT_SIGNAL_GROUP, BY_KILLER),
	  .flags = KT_DEATH_DIRECT | KT_DEATH_GROUP_EXIT | KT_DEATH_MULTITHREADED,
	  .exit_stack = "do_exit do_group_exit __x64_sys_exit_group",
	  EXPECT(CAUSE_SIGNAL, FROM_PROCESS) },
	{ .name = "abort-late-in-the-handler", /* which had much to write before */
	  SENT(SIGABRT, SI_TKILL, KT_SIGNAL_SELF | KT_SIGNAL_IN_FAULT_HANDLER, BY_ITSELF),
	  HANDLED_NULL(SIGNAL_NS - 30000000000),
	  EXPECT(CAUSE_ABORT, FROM_PROCESS, TRAPPED, NULL_WRITE) },
	{ .name = "handler-raises",
	  SENT(SIGSEGV, SI_TKILL, KT_SIGNAL_SELF, BY_ITSELF),
	  HANDLED_NULL(SIGNAL_NS - 5000000),
	  EXPECT(CAUSE_SEGFAULT, FROM_PROCESS, TRAPPED, NULL_WRITE) },
	{ .name = "handler-raises-another",
	  SENT(SIGUSR1, SI_TKILL, KT_SIGNAL_SELF, BY_ITSELF),
	  HANDLED_NULL(SIGNAL_NS - 5000000),
	  EXPECT(CAUSE_SIGNAL, FROM_PROCESS) },
	{ .name = "handler-exits",
	  .status = 2 << 8,
	  HANDLED_NULL(SIGNAL_NS - 5000000),
	  .user_stack = true,
	  EXPECT(CAUSE_RUNTIME_CRASH, TRAPPED, NULL_WRITE) },
	{ .name = "handler-exits-after-a-trap",
	  .status = 134 << 8,
	  FORCED_AT(SIGNAL_NS - 1000, SIGILL, ILL_ILLOPN, TRAP_VALID, .trap_number = 6,
		    .flags = KT_FAULT_HANDLED, .handled_count = 1),
	  EXPECT(CAUSE_RUNTIME_CRASH, TRAPPED) },
};

/* What happened before: signals that did not end it, and that a handler turned into an end. */
#define PRIOR(nr, si, before_ns, flags_, ...)                                                    \
	{                                                                                        \
		.time_ns = SIGNAL_NS - (before_ns), .number = (nr), .code = (si),                \
		.valid = KT_SIGNAL_HAS_CODE, .siginfo_kind = KT_SIGINFO_FULL, .flags = (flags_), \
		.target_tid = BUILDER_TGID, __VA_ARGS__                                          \
	}
#define PRIOR_KERNEL(nr, kind, flags_)                                                          \
	{                                                                                       \
		.time_ns = SIGNAL_NS - 1000000, .number = (nr), .siginfo_kind = (kind),         \
		.flags = KT_SIGNAL_HANDLED | KT_SIGNAL_SELF | (flags_),                         \
		.target_tid = BUILDER_TGID, .sender_pid = BUILDER_TGID, .sender_comm = "victim" \
	}
#define PRIORS(...)                                \
	.priors = (const struct kt_prior_signal[]) \
	{                                          \
		__VA_ARGS__,                       \
		{                                  \
			.number = 0                \
		}                                  \
	}
#define PRIOR_BY(pid, comm)                                                                  \
	.sender_pid = (pid), .sender_comm = (comm), .sender_uid = 0, .reserved = 5000000000, \
	.sender_cgroup_id = PRIOR_CGROUP
#define HANDLED_BY_IT (KT_SIGNAL_GROUP | KT_SIGNAL_HANDLED)
#define RAISED_AGAIN(nr) \
	SENT(nr, SI_TKILL, KT_SIGNAL_SELF | KT_SIGNAL_IN_PRIOR_HANDLER, BY_ITSELF_IN(234))
#define BY_SYSTEMD                                                                              \
	.target_tid = BUILDER_TGID, .sender_pid = 1, .sender_tid = 1, .sender_comm = "systemd", \
	.target_comm = "victim", .threads = 3

static const struct scenario prior_scenarios[] = {
	{ .name = "stop-that-timed-out",
	  IN_SERVICE,
	  SENT(SIGKILL, 0, KT_SIGNAL_GROUP, BY_SYSTEMD),
	  .sender_path = "/init.scope",
	  .prior_path = "/init.scope",
	  PRIORS(PRIOR(SIGTERM, 0, 90000000000, HANDLED_BY_IT, PRIOR_BY(1, "systemd"))),
	  EXPECT(CAUSE_SIGKILL, FROM_PROCESS) },
	{ .name = "watchdog-then-kill",
	  IN_SERVICE,
	  SENT(SIGKILL, 0, KT_SIGNAL_GROUP, BY_SYSTEMD),
	  .sender_path = "/init.scope",
	  .prior_path = "/init.scope",
	  PRIORS(PRIOR(SIGABRT, 0, 9500000000, HANDLED_BY_IT | KT_SIGNAL_BLOCKED,
		       PRIOR_BY(1, "systemd"))),
	  EXPECT(CAUSE_SIGKILL, FROM_PROCESS) },
	{ .name = "runtime-that-starts-one-for-each", /* another process of the same cgroup */
	  SENT(SIGKILL, 0, KT_SIGNAL_GROUP, BY_DAEMON("runc")),
	  .cgroup = "/system.slice/docker-x.scope",
	  .sender_path = "/system.slice/docker.service",
	  .prior_path = "/system.slice/docker.service",
	  PRIORS(PRIOR(SIGTERM, 0, 10000000000, HANDLED_BY_IT, PRIOR_BY(70, "runc"))),
	  EXPECT(CAUSE_SIGKILL, FROM_PROCESS) },
	{ .name = "killed-after-another-had-asked",
	  IN_SERVICE,
	  KILLER_UNIT,
	  SENT(SIGKILL, 0, KT_SIGNAL_GROUP, BY_KILLER),
	  .prior_path = "/init.scope",
	  PRIORS(PRIOR(SIGTERM, 0, 90000000000, HANDLED_BY_IT, PRIOR_BY(1, "systemd"))),
	  EXPECT(CAUSE_SIGKILL, FROM_PROCESS) },
	{ .name = "term-raised-again",
	  IN_SERVICE,
	  RAISED_AGAIN(SIGTERM),
	  .prior_path = "/init.scope",
	  PRIORS(PRIOR(SIGTERM, 0, 1000000, HANDLED_BY_IT, PRIOR_BY(1, "systemd"))),
	  EXPECT(CAUSE_SIGNAL, FROM_PROCESS, .routine = true) },
	{ .name = "abort-of-a-watchdog-raised-again",
	  IN_SERVICE,
	  RAISED_AGAIN(SIGABRT),
	  .prior_path = "/init.scope",
	  PRIORS(PRIOR(SIGTERM, 0, 2000000, HANDLED_BY_IT, PRIOR_BY(7, "cron")),
		 PRIOR(SIGABRT, 0, 1000000, HANDLED_BY_IT, PRIOR_BY(1, "systemd"))),
	  EXPECT(CAUSE_SIGNAL, FROM_PROCESS) },
	{ .name = "own-abort-raised-again",
	  RAISED_AGAIN(SIGABRT),
	  PRIORS(PRIOR(SIGABRT, SI_TKILL, 1000000, KT_SIGNAL_SELF | KT_SIGNAL_HANDLED,
		       .sender_pid = BUILDER_TGID, .sender_comm = "victim")),
	  EXPECT(CAUSE_ABORT, FROM_PROCESS) },
	{ .name = "raised-again-and-the-first-is-not-known",
	  RAISED_AGAIN(SIGABRT),
	  EXPECT(CAUSE_SIGNAL, LACKING(DOSSIER)) },
	{ .name = "cpu-limit-raised-again",
	  RAISED_AGAIN(SIGXCPU),
	  LIMITS(.cpu_soft = 1, .cpu_hard = 5, .cpu_used_ns = 1004000000, NO_RTTIME, NO_FSIZE),
	  PRIORS(PRIOR_KERNEL(SIGXCPU, KT_SIGINFO_KERNEL, KT_SIGNAL_GROUP)),
	  EXPECT(CAUSE_RLIMIT_CPU, LIMITED) },
	{ .name = "file-limit-raised-again",
	  RAISED_AGAIN(SIGXFSZ),
	  LIMITS(NO_CPU, NO_RTTIME, .fsize_soft = 4096, .fsize_hard = 8192),
	  PRIORS(PRIOR_KERNEL(SIGXFSZ, KT_SIGINFO_NONE, 0)),
	  EXPECT(CAUSE_RLIMIT_FSIZE, LIMITED) },
	{ .name = "pipe-raised-again",
	  RAISED_AGAIN(SIGPIPE),
	  PRIORS(PRIOR_KERNEL(SIGPIPE, KT_SIGINFO_NONE, 0)),
	  EXPECT(CAUSE_KERNEL_SIGNAL, .routine = true) },
	{ .name = "exit-after-term", /* as a JVM */
	  IN_SERVICE,
	  .status = 143 << 8,
	  .flags = KT_DEATH_AFTER_SIGNAL,
	  .prior_path = "/init.scope",
	  PRIORS(PRIOR(SIGTERM, 0, 3000000000, HANDLED_BY_IT, PRIOR_BY(1, "systemd"))),
	  EXPECT(CAUSE_SIGNAL_EXIT, FROM_PROCESS, .routine = true) },
	{ .name = "exit-after-term-beside-faults-that-it-lives-on",
	  .status = 143 << 8,
	  .flags = KT_DEATH_AFTER_SIGNAL,
	  PRIORS(PRIOR(SIGTERM, 0, 3000000000, HANDLED_BY_IT, PRIOR_BY(1, "systemd"))),
	  HANDLED_NULL(SIGNAL_NS - 1000000),
	  EXPECT(CAUSE_SIGNAL_EXIT, FROM_PROCESS, .routine = true) },
	{ .name = "exit-after-the-abort-of-a-watchdog", /* as Go */
	  IN_SERVICE,
	  .status = 2 << 8,
	  .flags = KT_DEATH_AFTER_SIGNAL,
	  .prior_path = "/init.scope",
	  PRIORS(PRIOR(SIGABRT, 0, 3000000000, HANDLED_BY_IT, PRIOR_BY(1, "systemd"))),
	  EXPECT(CAUSE_SIGNAL_EXIT, FROM_PROCESS) },
	{ .name = "exit-in-the-handler-of-a-fault-after-term",
	  .status = 2 << 8,
	  .flags = KT_DEATH_AFTER_SIGNAL,
	  PRIORS(PRIOR(SIGTERM, 0, 3000000000, HANDLED_BY_IT, PRIOR_BY(1, "systemd"))),
	  FORCED_AT(SIGNAL_NS - 1000000, SIGSEGV, SEGV_MAPERR, FAULT_VALID(0), .trap_number = 14,
		    .error_code = 6, .address = 0x8,
		    .flags = KT_FAULT_HANDLED | KT_FAULT_ADDRESS_LOW | KT_FAULT_HANDLER_RUNS,
		    .handled_count = 1),
	  EXPECT(CAUSE_RUNTIME_CRASH, TRAPPED, NULL_WRITE) },
	{ .name = "exit-after-a-signal-that-is-not-known",
	  .status = 2 << 8,
	  .flags = KT_DEATH_AFTER_SIGNAL | KT_DEATH_NOTES_LOST,
	  EXPECT(CAUSE_SIGNAL_EXIT, LACKING(DOSSIER)) },
	{ .name = "exit-after-earlyoom-had-asked",
	  .status = 143 << 8,
	  .flags = KT_DEATH_AFTER_SIGNAL,
	  .prior_path = "/system.slice/earlyoom.service",
	  PRIORS(PRIOR(SIGTERM, 0, 1000000, HANDLED_BY_IT, PRIOR_BY(70, "earlyoom"))),
	  EXPECT(CAUSE_OOM_USERSPACE, FROM_PROCESS) },
	{ .name = "stop-that-was-ignored",
	  IN_SERVICE,
	  SENT(SIGKILL, 0, KT_SIGNAL_GROUP, BY_SYSTEMD),
	  .sender_path = "/init.scope",
	  .prior_path = "/init.scope",
	  PRIORS(PRIOR(SIGTERM, 0, 90000000000, KT_SIGNAL_GROUP | KT_SIGNAL_IGNORED,
		       PRIOR_BY(1, "systemd"))),
	  EXPECT(CAUSE_SIGKILL, FROM_PROCESS) },
	{ .name = "stop-that-was-ignored-for-init",
	  SENT(SIGKILL, 0, KT_SIGNAL_GROUP, BY_DAEMON("runc")),
	  .cgroup = "/system.slice/docker-x.scope",
	  .sender_path = "/system.slice/docker.service",
	  .prior_path = "/system.slice/docker.service",
	  PRIORS(PRIOR(SIGTERM, 0, 10000000000,
		       KT_SIGNAL_GROUP | KT_SIGNAL_IGNORED | KT_SIGNAL_IGNORED_FOR_INIT,
		       PRIOR_BY(70, "runc"))),
	  EXPECT(CAUSE_SIGKILL, FROM_PROCESS) },
};

#define TRAPPED_CALL                                                            \
	.trapped_call = &(const struct kt_trapped_call)                         \
	{                                                                       \
		.time_ns = SIGNAL_NS - 1000, .syscall = 39, .arch = 0xc000003e, \
		.tid = BUILDER_TGID                                             \
	}

#define OWN_ABORT(flags_)                                                                \
	.own_abort = &(const struct kt_own_abort)                                        \
	{                                                                                \
		.time_ns = SIGNAL_NS - 1000000, .tid = BUILDER_TGID, .code = SI_TKILL,   \
		.siginfo_kind = KT_SIGINFO_FULL,                                         \
		.flags = KT_SIGNAL_SELF | KT_SIGNAL_HANDLED | (flags_), .comm = "victim" \
	}
#define CRASH_IN_REPORT                                                                          \
	.handler_fault = &(const struct kt_fault)                                                \
	{                                                                                        \
		.time_ns = SIGNAL_NS, .number = SIGSEGV, .code = SEGV_MAPERR, .trap_number = 14, \
		.address = 0x99900000000, .ip = 0x7f0000004242, .module = "libreport.so.1",      \
		.module_offset = 0x4242,                                                         \
		.valid = KT_FAULT_HAS_TRAP_NUMBER | KT_FAULT_HAS_ADDRESS | KT_FAULT_HAS_IP |     \
			 KT_FAULT_HAS_MODULE                                                     \
	}
#define CRASHED                                                                             \
	.status = SIGSEGV, SIGNAL(.number = SIGSEGV, .code = SEGV_MAPERR,                   \
				  .siginfo_kind = KT_SIGINFO_FULL, .flags = KT_SIGNAL_SELF, \
				  .valid = KT_SIGNAL_HAS_CODE | KT_SIGNAL_HAS_SYSCALL, BY_ITSELF)

/* The first cause, and its consequences. */
static const struct scenario root_scenarios[] = {
	{ .name = "abort-that-is-ignored", /* libc then runs hlt */
	  FORCED(SIGSEGV, CODE_KERNEL, TRAP_VALID, .trap_number = 13,
		 .flags = KT_FAULT_AFTER_ABORT),
	  .stack = "force_sig_info_to_task force_sig exc_general_protection",
	  EXPECT(CAUSE_ABORT, FROM_PROCESS) },
	{ .name = "abort-that-is-ignored-after-a-fault",
	  .status = SIGSEGV,
	  FORCED_SIGNAL(SIGSEGV, CODE_KERNEL),
	  FORCED_AT(SIGNAL_NS, SIGSEGV, SEGV_MAPERR, FAULT_VALID(0), .trap_number = 14,
		    .error_code = 6, .address = 0x8,
		    .flags = KT_FAULT_AFTER_ABORT | KT_FAULT_BEFORE_ABORT | KT_FAULT_ADDRESS_LOW,
		    .handled_count = 1),
	  EXPECT(CAUSE_ABORT, FROM_PROCESS, TRAPPED, NULL_WRITE) },
	{ .name = "abort-that-is-ignored-and-its-echo-raised-again",
	  SENT(SIGSEGV, SI_TKILL, KT_SIGNAL_SELF | KT_SIGNAL_IN_FAULT_HANDLER, BY_ITSELF_IN(234)),
	  FORCED_AT(SIGNAL_NS - 1000, SIGSEGV, CODE_KERNEL, TRAP_VALID, .trap_number = 13,
		    .flags = KT_FAULT_AFTER_ABORT | KT_FAULT_HANDLED, .handled_count = 1),
	  EXPECT(CAUSE_ABORT, FROM_PROCESS) },
	{ .name = "seccomp-trap-whose-handler-crashes",
	  FORCED(SIGSEGV, SEGV_MAPERR, FAULT_VALID(0), .trap_number = 14, .error_code = 6,
		 .address = 0x135, .flags = KT_FAULT_ADDRESS_LOW),
	  TRAPPED_CALL,
	  EXPECT(CAUSE_SECCOMP, .shows_seccomp = true) },
	{ .name = "seccomp-trap-whose-handler-exits",
	  .status = 159 << 8,
	  TRAPPED_CALL,
	  EXPECT(CAUSE_SECCOMP, .shows_seccomp = true) },
	{ .name = "seccomp-trap-and-a-kill",
	  SENT(SIGKILL, 0, KT_SIGNAL_GROUP, BY_KILLER),
	  TRAPPED_CALL,
	  EXPECT(CAUSE_SIGKILL, FROM_PROCESS) },
	{ .name = "general-protection-raised-again", /* the stack is that of the raise */
	  SENT(SIGSEGV, SI_TKILL, KT_SIGNAL_SELF, BY_ITSELF_IN(234)),
	  .stack = "__send_signal_locked do_send_sig_info do_send_specific do_tkill "
		   "__x64_sys_tgkill do_syscall_64",
	  FORCED_AT(SIGNAL_NS - 1000, SIGSEGV, CODE_KERNEL, TRAP_VALID, .trap_number = 13,
		    .flags = KT_FAULT_HANDLED, .handled_count = 1),
	  EXPECT(CAUSE_GENERAL_PROTECTION, FROM_PROCESS, TRAPPED) },
	{ .name = "crash-handler-that-crashes",
	  .status = SIGSEGV,
	  SIGNAL(.number = SIGSEGV, .code = SEGV_MAPERR, .siginfo_kind = KT_SIGINFO_FULL,
		 .flags = KT_SIGNAL_SELF | KT_SIGNAL_IN_FAULT_HANDLER,
		 .valid = KT_SIGNAL_HAS_CODE | KT_SIGNAL_HAS_SYSCALL, BY_ITSELF),
	  HANDLED_NULL(SIGNAL_NS - 1000),
	  EXPECT(CAUSE_SEGFAULT, TRAPPED, NULL_WRITE) },
	{ .name = "stack-overflow-by-a-large-frame",
	  PAGE_FAULT(SEGV_MAPERR, 6, 0x7f0000001000, KT_FAULT_VMA_WALKED | KT_FAULT_SP_UNMAPPED,
		     FAULT_VALID(0)),
	  SEGFAULT(FAULT_KIND_STACK_OVERFLOW, WRITE) },
	{ .name = "fault-held-by-a-tracer-for-long",
	  .status = SIGSEGV,
	  .signal = &(const struct kt_signal){ .time_ns = BUILDER_TIME_NS - 2000000000,
					       .number = SIGSEGV,
					       .code = SEGV_MAPERR,
					       .siginfo_kind = KT_SIGINFO_FULL,
					       .flags = KT_SIGNAL_SELF | KT_SIGNAL_TARGET_PTRACED,
					       .valid = KT_SIGNAL_HAS_CODE,
					       BY_ITSELF },
	  FORCED_AT(BUILDER_TIME_NS - 2000000000, SIGSEGV, SEGV_MAPERR, FAULT_VALID(0),
		    .trap_number = 14, .error_code = 6, .address = 0x8,
		    .flags = KT_FAULT_ADDRESS_LOW),
	  EXPECT(CAUSE_SIGNAL, LACKING(DOSSIER)) },
	{ .name = "abort-handler-that-exits",
	  .status = 3 << 8,
	  OWN_ABORT(0),
	  .user_stack = true,
	  EXPECT(CAUSE_ABORT, FROM_PROCESS) },
	{ .name = "abort-handler-that-exits-after-a-fault", /* whose handler aborted */
	  .status = 3 << 8,
	  HANDLED_NULL(SIGNAL_NS - 2000000),
	  OWN_ABORT(KT_SIGNAL_IN_FAULT_HANDLER),
	  EXPECT(CAUSE_ABORT, FROM_PROCESS, TRAPPED, NULL_WRITE) },
	{ .name = "abort-handler-that-exits-beside-faults-that-it-lives-on",
	  .status = 3 << 8,
	  HANDLED_NULL(SIGNAL_NS - 9000000000),
	  OWN_ABORT(0),
	  EXPECT(CAUSE_ABORT, FROM_PROCESS) },
	{ .name = "abort-handler-that-exits-in-that-of-a-fault",
	  .status = 3 << 8,
	  FORCED_AT(SIGNAL_NS - 2000000, SIGSEGV, SEGV_MAPERR, FAULT_VALID(0), .trap_number = 14,
		    .error_code = 6, .address = 0x8,
		    .flags = KT_FAULT_HANDLED | KT_FAULT_ADDRESS_LOW | KT_FAULT_HANDLER_RUNS,
		    .handled_count = 1),
	  OWN_ABORT(KT_SIGNAL_IN_FAULT_HANDLER),
	  EXPECT(CAUSE_RUNTIME_CRASH, TRAPPED, NULL_WRITE) },
	{ .name = "abort-handler-that-exits-in-that-of-a-watchdog's-abort",
	  .status = 3 << 8,
	  .flags = KT_DEATH_AFTER_SIGNAL,
	  .prior_path = "/init.scope",
	  PRIORS(PRIOR(SIGABRT, 0, 3000000000, HANDLED_BY_IT, PRIOR_BY(1, "systemd"))),
	  OWN_ABORT(0),
	  EXPECT(CAUSE_SIGNAL_EXIT, FROM_PROCESS) },
	{ .name = "abort-handler-that-exits-after-term", /* an assertion of its shutdown */
	  .status = 3 << 8,
	  .flags = KT_DEATH_AFTER_SIGNAL,
	  .prior_path = "/init.scope",
	  PRIORS(PRIOR(SIGTERM, 0, 3000000000, HANDLED_BY_IT, PRIOR_BY(1, "systemd"))),
	  OWN_ABORT(0),
	  EXPECT(CAUSE_ABORT, FROM_PROCESS) },
	{ .name = "abort-handler-that-crashes",
	  CRASHED,
	  OWN_ABORT(0),
	  CRASH_IN_REPORT,
	  EXPECT(CAUSE_ABORT, FROM_PROCESS) },
	{ .name = "abort-handler-that-crashes-without-details",
	  CRASHED,
	  .flags = KT_DEATH_DETAILS_LOST,
	  OWN_ABORT(0),
	  EXPECT(CAUSE_ABORT, FROM_PROCESS, LACKING(STACKS)) },
	{ .name = "abort-handler-that-crashes-after-a-fault",
	  CRASHED,
	  HANDLED_NULL(SIGNAL_NS - 2000000),
	  OWN_ABORT(0),
	  CRASH_IN_REPORT,
	  EXPECT(CAUSE_ABORT, FROM_PROCESS, TRAPPED, NULL_WRITE) },
	{ .name = "crash-handler-that-crashes-elsewhere",
	  .status = SIGSEGV,
	  SIGNAL(.number = SIGSEGV, .code = SEGV_MAPERR, .siginfo_kind = KT_SIGINFO_FULL,
		 .flags = KT_SIGNAL_SELF | KT_SIGNAL_IN_FAULT_HANDLER,
		 .valid = KT_SIGNAL_HAS_CODE | KT_SIGNAL_HAS_SYSCALL, BY_ITSELF),
	  HANDLED_NULL(SIGNAL_NS - 1000),
	  .handler_fault = &(
		  const struct kt_fault){ .time_ns = SIGNAL_NS,
					  .number = SIGSEGV,
					  .code = SEGV_MAPERR,
					  .trap_number = 14,
					  .address = 0x99900000000,
					  .ip = 0x7f0000004242,
					  .module = "libreport.so.1",
					  .module_offset = 0x4242,
					  .valid = KT_FAULT_HAS_TRAP_NUMBER | KT_FAULT_HAS_ADDRESS |
						   KT_FAULT_HAS_IP | KT_FAULT_HAS_MODULE },
	  EXPECT(CAUSE_SEGFAULT, TRAPPED, NULL_WRITE) },
};

#define OOPS_STACK .exit_stack = "do_exit make_task_dead rewind_stack_and_make_dead"

static const struct scenario kernel_scenarios[] = {
	{ .name = "oops-by-a-page-fault",
	  .status = SIGKILL,
	  .flags = KT_DEATH_DIRECT,
	  NO_LIMITS,
	  .kernel_fault = &(const struct kt_kernel_fault){ .time_ns = SIGNAL_NS,
							   .address = 0x18,
							   .ip = 0xffffffff81234567 },
	  OOPS_STACK,
	  EXPECT(CAUSE_OOPS, .shows_kernel_fault = true) },
	{ .name = "oops-without-addresses",
	  .status = SIGKILL,
	  .flags = KT_DEATH_DIRECT,
	  .kernel_fault = &(const struct kt_kernel_fault){ .time_ns = SIGNAL_NS },
	  EXPECT(CAUSE_OOPS, .shows_kernel_fault = true) },
	{ .name = "oops-by-a-bug-after-a-fault", /* which the kernel handled */
	  .status = SIGSEGV,
	  .flags = KT_DEATH_DIRECT,
	  .kernel_fault = &(const struct kt_kernel_fault){ .time_ns = SIGNAL_NS },
	  EXPECT(CAUSE_OOPS) },
	{ .name = "oops-by-a-bug",
	  .status = SIGSEGV,
	  .flags = KT_DEATH_DIRECT,
	  OOPS_STACK,
	  EXPECT(CAUSE_OOPS) },
	{ .name = "oops-before-a-queued-kill", /* not delivered yet */
	  SENT(SIGKILL, 0, 0, BY_KILLER),
	  .flags = KT_DEATH_DIRECT,
	  OOPS_STACK,
	  EXPECT(CAUSE_OOPS) },
	{ .name = "oops-of-one-thread",
	  .kind = KT_RECORD_THREAD_DEATH,
	  .status = SIGKILL,
	  .flags = KT_DEATH_DIRECT | KT_DEATH_MULTITHREADED,
	  OOPS_STACK,
	  EXPECT(CAUSE_OOPS) },
	{ .name = "exec-failed",
	  FORCED(SIGSEGV, CODE_KERNEL, STALE_PAGE_FAULT),
	  .stack = "force_sig_info_to_task force_fatal_sig bprm_execve do_execveat_common.isra.0 "
		   "__x64_sys_execve",
	  EXPECT(CAUSE_EXEC_FAILED),
	  WITHOUT_NAMES(CAUSE_KERNEL_SIGNAL, .shows_fault = true, LACKING(STACKS)) },
	{ .name = "exec-failed-in-the-system-call",
	  .status = SIGSEGV,
	  SIGNAL(.number = SIGSEGV, .code = CODE_KERNEL, .siginfo_kind = KT_SIGINFO_FULL,
		 .flags = KT_SIGNAL_SELF, .valid = KT_SIGNAL_HAS_CODE, BY_ITSELF),
	  .fault = &(const struct kt_fault){ .time_ns = SIGNAL_NS,
					     .number = SIGSEGV,
					     .code = CODE_KERNEL,
					     .tid = BUILDER_TGID,
					     .syscall_nr = 59,
					     STALE_PAGE_FAULT },
	  EXPECT(CAUSE_EXEC_FAILED) },
	{ .name = "sigframe-failed",
	  FORCED(SIGSEGV, CODE_KERNEL, STALE_PAGE_FAULT),
	  .stack = "force_sig_info_to_task force_sigsegv signal_setup_done "
		   "arch_do_signal_or_restart exit_to_user_mode_prepare",
	  EXPECT(CAUSE_SIGFRAME_FAILED, .shows_fault = true),
	  WITHOUT_NAMES(CAUSE_KERNEL_SIGNAL, .shows_fault = true, LACKING(STACKS)) },
	{ .name = "sigframe-failed-on-no-stack", /* where the stack pointer leads tells it as well
						  */
	  FORCED(SIGSEGV, CODE_KERNEL, STALE_PAGE_FAULT, .flags = KT_FAULT_SP_UNMAPPED),
	  .stack = "force_sig_info_to_task signal_setup_done arch_do_signal_or_restart",
	  EXPECT(CAUSE_SIGFRAME_FAILED, .shows_fault = true),
	  WITHOUT_NAMES(CAUSE_SIGFRAME_FAILED, .shows_fault = true, LACKING(STACKS)) },
	{ .name = "sigframe-failed-where-a-call-is-left-out",
	  FORCED(SIGSEGV, CODE_KERNEL, STALE_PAGE_FAULT),
	  .stack = "force_sig_info_to_task force_sigsegv arch_do_signal_or_restart "
		   "exit_to_user_mode_loop",
	  EXPECT(CAUSE_SIGFRAME_FAILED, .shows_fault = true),
	  WITHOUT_NAMES(CAUSE_KERNEL_SIGNAL, .shows_fault = true, LACKING(STACKS)) },
	{ .name = "rseq-in-a-system-call", /* 6.18: everything around it is inlined */
	  .status = SIGSEGV,
	  FORCED_SIGNAL(SIGSEGV, CODE_KERNEL),
	  .fault = &(const struct kt_fault){ .time_ns = SIGNAL_NS,
					     .number = SIGSEGV,
					     .code = CODE_KERNEL,
					     .tid = BUILDER_TGID,
					     .syscall_nr = 24,
					     STALE_PAGE_FAULT },
	  .stack = "force_sig_info_to_task force_sigsegv exit_to_user_mode_loop do_syscall_64",
	  EXPECT(CAUSE_KERNEL_SIGNAL, .shows_fault = true),
	  WITHOUT_NAMES(CAUSE_KERNEL_SIGNAL, .shows_fault = true, LACKING(STACKS)) },
	{ .name = "sigframe-failed-after-a-general-protection", /* the trap number is stale */
	  FORCED(SIGSEGV, CODE_KERNEL, TRAP_VALID, .trap_number = 13),
	  .stack = "force_sig_info_to_task force_sigsegv signal_setup_done "
		   "arch_do_signal_or_restart",
	  EXPECT(CAUSE_SIGFRAME_FAILED, .shows_fault = true),
	  WITHOUT_NAMES(CAUSE_GENERAL_PROTECTION, TRAPPED, LACKING(STACKS)) },
	{ .name = "sigframe-failed-for-a-stack-overflow",
	  .status = SIGSEGV,
	  .user_stack = true,
	  SIGNAL(.number = SIGSEGV, .code = CODE_KERNEL, .siginfo_kind = KT_SIGINFO_FULL,
		 .flags = KT_SIGNAL_SELF, .valid = KT_SIGNAL_HAS_CODE, BY_ITSELF),
	  FORCED_AT(SIGNAL_NS, SIGSEGV, SEGV_MAPERR, FAULT_VALID(0), .trap_number = 14,
		    .error_code = 6, .address = 0x7ffd0ff8,
		    .flags = AT_STACK | KT_FAULT_FRAME_FAILED, .handled_count = 1),
	  .stack = "force_sig_info_to_task force_sigsegv signal_setup_done",
	  EXPECT(CAUSE_SIGFRAME_FAILED, TRAPPED, .kind = FAULT_KIND_STACK_OVERFLOW,
		 .access = FAULT_ACCESS_WRITE) },
	{ .name = "bad-sigreturn",
	  .status = SIGSEGV,
	  SIGNAL(.number = SIGSEGV, .code = CODE_KERNEL, .siginfo_kind = KT_SIGINFO_FULL,
		 .flags = KT_SIGNAL_SELF, .valid = KT_SIGNAL_HAS_CODE, BY_ITSELF),
	  .fault = &(const struct kt_fault){ .time_ns = SIGNAL_NS,
					     .number = SIGSEGV,
					     .code = CODE_KERNEL,
					     .tid = BUILDER_TGID,
					     .syscall_nr = 15,
					     STALE_PAGE_FAULT },
	  .stack = "force_sig_info_to_task force_sig signal_fault __x64_sys_rt_sigreturn",
	  EXPECT(CAUSE_SIGFRAME_FAILED, .shows_fault = true) },
	{ .name = "rseq",
	  FORCED(SIGSEGV, CODE_KERNEL, STALE_PAGE_FAULT),
	  .stack = "force_sig_info_to_task force_sigsegv __rseq_handle_notify_resume "
		   "exit_to_user_mode_loop",
	  EXPECT(CAUSE_KERNEL_SIGNAL, .shows_fault = true),
	  WITHOUT_NAMES(CAUSE_KERNEL_SIGNAL, .shows_fault = true, LACKING(STACKS)) },
	{ .name = "rseq-at-the-end-of-a-system-call", /* its rework of 6.19 */
	  FORCED(SIGSEGV, CODE_KERNEL, STALE_PAGE_FAULT),
	  .stack = "force_sig_info_to_task force_sig __rseq_handle_slowpath exit_to_user_mode_loop "
		   "do_syscall_64",
	  EXPECT(CAUSE_KERNEL_SIGNAL, .shows_fault = true),
	  WITHOUT_NAMES(CAUSE_KERNEL_SIGNAL, .shows_fault = true, LACKING(STACKS)) },
	{ .name = "vsyscall",
	  FORCED(SIGSEGV, CODE_KERNEL, STALE_PAGE_FAULT),
	  .stack = "force_sig_info_to_task force_sig emulate_vsyscall exc_page_fault",
	  EXPECT(CAUSE_KERNEL_SIGNAL, .shows_fault = true),
	  WITHOUT_NAMES(CAUSE_KERNEL_SIGNAL, .shows_fault = true, LACKING(STACKS)) },
	{ .name = "stale-fault-of-another-time", /* an earlier fault did not force this signal */
	  SENT(SIGSEGV, 0, KT_SIGNAL_GROUP, BY_KILLER),
	  FORCED_AT(SIGNAL_NS - 1, SIGSEGV, SEGV_MAPERR, FAULT_VALID(0), .trap_number = 14),
	  EXPECT(CAUSE_SIGNAL, FROM_PROCESS) },
	{ .name = "oops-seen-as-it-began",
	  .status = SIGSEGV,
	  .flags = KT_DEATH_DIRECT,
	  .oops_stack = "oops_enter oops_begin die do_trap do_error_trap exc_invalid_op "
			"asm_exc_invalid_op ext4_lookup __lookup_slow path_lookupat vfs_statx",
	  EXPECT(CAUSE_OOPS, .shows_kernel_fault = true),
	  .stackless = &(const struct expectation){ .cause = CAUSE_OOPS } },
	{ .name = "oops-by-a-page-fault-seen-as-it-began",
	  .status = SIGKILL,
	  .flags = KT_DEATH_DIRECT,
	  .kernel_fault = &(const struct kt_kernel_fault){ .time_ns = SIGNAL_NS,
							   .address = 0x18,
							   .ip = 0xffffffff81234567,
							   .error_code = 2 },
	  .oops_stack = "oops_enter oops_begin page_fault_oops exc_page_fault asm_exc_page_fault "
			"ext4_lookup __lookup_slow",
	  EXPECT(CAUSE_OOPS, .shows_kernel_fault = true) },
	{ .name = "oops-under-strict-seccomp-seen-as-it-began",
	  .status = SIGKILL,
	  .flags = KT_DEATH_DIRECT,
	  .seccomp_mode = 1,
	  .oops_stack = "oops_enter exc_page_fault asm_exc_page_fault pipe_read",
	  EXPECT(CAUSE_OOPS, .shows_kernel_fault = true),
	  .stackless = &(const struct expectation){ .cause = CAUSE_KERNEL_SIGNAL } },
};

#define POD "6a4ce4a0_ba47_11ea_b2a7_0cc47ac5979e"
#define CONTAINER "63425c4a8b4291744a79dd9011fddc7a1f8ffda61f65d72196aa01d00cae2e2d"

static const struct scenario owner_scenarios[] = {
	{ .name = "in-a-pod",
	  SENT(SIGKILL, 0, KT_SIGNAL_GROUP, BY_KILLER),
	  .cgroup = "/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod" POD
		    ".slice/cri-containerd-" CONTAINER ".scope",
	  .sender_path = "/system.slice/containerd.service",
	  EXPECT(CAUSE_SIGKILL, FROM_PROCESS) },
	{ .name = "oom-in-a-pod-on-v1",
	  OOM_KILLED(0, BY_KILLER),
	  OOM(KT_OOM_MARKED | WALKED_LOCKED),
	  .cgroup = "/",
	  .memory_path = "/kubepods/burstable/pod6a4ce4a0-ba47-11ea-b2a7-0cc47ac5979e/" CONTAINER,
	  .limit_path = "/kubepods/burstable/pod6a4ce4a0-ba47-11ea-b2a7-0cc47ac5979e",
	  EXPECT(CAUSE_OOM_MEMCG, TOLD_OOM, BY_STATE) },
	{ .name = "in-a-unit-on-v1",
	  SENT(SIGKILL, 0, KT_SIGNAL_GROUP, BY_KILLER),
	  .cgroup = "/",
	  .memory_path = "/system.slice",
	  .systemd_path = "/system.slice/cron.service",
	  .sender_path = "/user.slice/user-1000.slice/session-4.scope",
	  EXPECT(CAUSE_SIGKILL, FROM_PROCESS) },
	{ .name = "in-docker-killed-from-a-session",
	  SENT(SIGKILL, 0, KT_SIGNAL_GROUP, BY_KILLER),
	  .cgroup = "/system.slice/docker-" CONTAINER ".scope",
	  .sender_path = "/user.slice/user-1000.slice/session-4.scope",
	  EXPECT(CAUSE_SIGKILL, FROM_PROCESS) },
	{ .name = "in-a-user-unit",
	  SENT(SIGABRT, 0, KT_SIGNAL_GROUP, BY_KILLER),
	  .cgroup = "/user.slice/user-1000.slice/user@1000.service/app.slice/editor.service",
	  EXPECT(CAUSE_SIGNAL, FROM_PROCESS) },
	{ .name = "in-a-machine",
	  SENT(SIGABRT, SI_TKILL, KT_SIGNAL_SELF, BY_ITSELF),
	  .cgroup = "/machine.slice/machine-deb.scope",
	  EXPECT(CAUSE_ABORT, FROM_PROCESS) },
	{ .name = "in-a-container-pdeath-in-a-pod",
	  SENT_NOINFO(SIGKILL,
		      KT_SIGNAL_GROUP | KT_SIGNAL_IS_PDEATH_SIGNAL | KT_SIGNAL_SENDER_EXITING,
		      BY_KILLER),
	  .cgroup = "/kubepods/besteffort/pod6a4ce4a0-ba47-11ea-b2a7-0cc47ac5979e/" CONTAINER,
	  .sender_path = "/kubepods/besteffort/pod6a4ce4a0-ba47-11ea-b2a7-0cc47ac5979e/" CONTAINER,
	  EXPECT(CAUSE_PARENT_DEATH_SIGNAL, FROM_PROCESS) },
};

static const struct scenario hostile_scenarios[] = {
	{ .name = "comm-newline",
	  .comm = "a\nkilltrace: x",
	  SENT(SIGKILL, 0, KT_SIGNAL_GROUP, BY_DAEMON("k\nl")),
	  EXPECT(CAUSE_SIGKILL, FROM_PROCESS) },
	{ .name = "comm-escape",
	  .comm = "\033[2J\033]0;t\007",
	  SENT(SIGKILL, 0, KT_SIGNAL_GROUP, BY_DAEMON("\033[31m\x7f")),
	  EXPECT(CAUSE_SIGKILL, FROM_PROCESS) },
	{ .name = "comm-quotes",
	  .comm = "\",\"cause\":\"\\x",
	  SENT(SIGKILL, 0, KT_SIGNAL_GROUP, BY_DAEMON("'$(id)`\"\\")),
	  EXPECT(CAUSE_SIGKILL, FROM_PROCESS) },
	{ .name = "comm-not-utf8",
	  .comm = "\xff\xfe\xc0\xaf\xed\xa0\x80\xf4\x90\x80\x80",
	  SENT(SIGKILL, 0, KT_SIGNAL_GROUP, BY_DAEMON("\x80\xc3")),
	  EXPECT(CAUSE_SIGKILL, FROM_PROCESS) },
	{ .name = "comm-right-to-left",
	  .comm = "a\xe2\x80\xae"
		  "fdp.exe",
	  SENT(SIGKILL, 0, KT_SIGNAL_GROUP, BY_DAEMON("\xe2\x81\xa6\xc2\x9b")),
	  EXPECT(CAUSE_SIGKILL, FROM_PROCESS) },
	{ .name = "comm-format",
	  .comm = "%s%n%x%99999d",
	  SENT(SIGKILL, 0, KT_SIGNAL_GROUP, BY_DAEMON("%s%s%s%s")),
	  EXPECT(CAUSE_SIGKILL, FROM_PROCESS) },
	{ .name = "comm-unterminated", /* the record has all 16 bytes */
	  .comm = "sixteen-letters!",
	  SENT(SIGKILL, 0, KT_SIGNAL_GROUP, BY_KILLER),
	  EXPECT(CAUSE_SIGKILL, FROM_PROCESS) },
	{ .name = "cgroup-names",
	  SENT(SIGKILL, 0, KT_SIGNAL_GROUP, BY_KILLER),
	  .cgroup = "/system.slice/a\nb\033[2J.service/\xff\"}/%n",
	  .sender_path = "/\xe2\x80\xae/../..\r\n",
	  .exe = "\033c\"",
	  EXPECT(CAUSE_SIGKILL, FROM_PROCESS) },
	{ .name = "module-name",
	  FORCED(SIGSEGV, SEGV_MAPERR, .trap_number = 14, .error_code = 6,
		 .flags = KT_FAULT_ADDRESS_LOW, .module = "lib\n\033[31m.so\xff",
		 .valid = KT_FAULT_HAS_TRAP_NUMBER | KT_FAULT_HAS_ERROR_CODE | KT_FAULT_HAS_MODULE),
	  SEGFAULT(FAULT_KIND_NULL_DEREFERENCE, WRITE) },
	{ .name = "kernel-function-names", /* in a recording, which anybody can write */
	  SENT_PRIV(SIGKILL, KT_SIGNAL_GROUP, BY_KILLER),
	  NO_LIMITS,
	  .stack = "do_send_sig_info \033[2J\x9b\"%n",
	  EXPECT(CAUSE_KERNEL_SIGNAL) },
};

/* Twelve seconds after the kill. */
#define KILLED_AT (BUILDER_TIME_NS - 12345678901ULL)
#define STUCK .kind = KT_RECORD_STUCK, .status = SIGKILL

static const struct scenario stuck_scenarios[] = {
	{ .name = "stuck",
	  STUCK,
	  IN_SERVICE,
	  KILLER_UNIT,
	  .signal = &(const struct kt_signal){ .time_ns = KILLED_AT,
					       .number = SIGKILL,
					       .siginfo_kind = KT_SIGINFO_FULL,
					       .valid = KT_SIGNAL_HAS_CODE | KT_SIGNAL_HAS_PID,
					       .flags = KT_SIGNAL_GROUP | KT_SIGNAL_COMMITTED,
					       BY_KILLER },
	  .stack = "__send_signal_locked do_send_sig_info kill_pid_info __x64_sys_kill",
	  EXPECT(CAUSE_SIGKILL, FROM_PROCESS) },
	{ .name = "stuck-victim-of-oom",
	  STUCK,
	  IN_SERVICE,
	  .limit_path = "/system.slice/shop.service",
	  .signal = &(const struct kt_signal){ .time_ns = KILLED_AT,
					       .number = SIGKILL,
					       .siginfo_kind = KT_SIGINFO_KERNEL,
					       .flags = KT_SIGNAL_GROUP,
					       BY_KILLER },
	  .oom = &(const struct kt_oom){ .time_ns = KILLED_AT,
					 .flags = KT_OOM_MARKED | KT_OOM_HAS_FIGURES |
						  KT_OOM_CONTROL | KT_OOM_LIMIT_WALKED,
					 .scope = KT_OOM_SCOPE_MEMCG,
					 .anon_rss_bytes = 30 << 20,
					 .limit_bytes = 32 << 20,
					 .usage_bytes = 32 << 20 },
	  EXPECT(CAUSE_OOM_MEMCG, .shows_oom = true, .sender = SENDER_TRIGGER,
		 .scope = SCOPE_SOURCE_OOM_CONTROL) },
	{ .name = "stuck-and-marked-only", /* the signal was not seen */
	  STUCK,
	  .flags = KT_DEATH_OOM_MARKED,
	  .oom = &(const struct kt_oom){ .time_ns = KILLED_AT, .flags = KT_OOM_MARKED },
	  EXPECT(CAUSE_SIGKILL, .shows_oom = true, .incomplete = EVIDENCE_DOSSIER | EVIDENCE_OOM) },
	{ .name = "stuck-for-how-long-is-unknown", STUCK, EXPECT(CAUSE_SIGKILL, LACKING(DOSSIER)) },
};

#include "scenarios_arm64.h"

struct scenario_group {
	const char *name;
	const struct scenario *scenarios;
	size_t count;
};

#define GROUP(name_, array)                                                                        \
	{                                                                                          \
		.name = (name_), .scenarios = (array), .count = sizeof(array) / sizeof((array)[0]) \
	}

static const struct scenario_group scenario_groups[] = {
	GROUP("page-fault", page_fault_scenarios),
	GROUP("trap", trap_scenarios),
	GROUP("seccomp", seccomp_scenarios),
	GROUP("rlimit", rlimit_scenarios),
	GROUP("oom", oom_scenarios),
	GROUP("sigkill", sigkill_scenarios),
	GROUP("signal", signal_scenarios),
	GROUP("runtime", runtime_scenarios),
	GROUP("prior", prior_scenarios),
	GROUP("root", root_scenarios),
	GROUP("kernel", kernel_scenarios),
	GROUP("owner", owner_scenarios),
	GROUP("hostile", hostile_scenarios),
	GROUP("stuck", stuck_scenarios),
	GROUP("arm64", arm64_scenarios),
};

#define SCENARIO_GROUPS (sizeof(scenario_groups) / sizeof(scenario_groups[0]))

/* Calls `visit` with each scenario. */
static inline void scenario_each(void (*visit)(const struct scenario *scenario, void *context),
				 void *context)
{
	for (size_t i = 0; i < SCENARIO_GROUPS; i++)
		for (size_t j = 0; j < scenario_groups[i].count; j++)
			visit(&scenario_groups[i].scenarios[j], context);
}

#endif
