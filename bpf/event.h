/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The wire contract between the kernel side and user space: the only file both include.
 *
 * One death leaves the kernel as one record: a struct kt_record, then sections. A section is a
 * struct kt_section followed by `length` bytes, padded with zeroes to 8. A section that is absent
 * means that this evidence is missing; a field whose validity bit is clear holds zero and means
 * nothing. Unknown section types are to be skipped, so that a newer kernel side can be read.
 *
 * Numbers that leave the process (enum values, section types, bit positions) are explicit and are
 * never renumbered. Everything is in little-endian byte order, as both architectures are: a
 * recording of one is read on the other.
 */
#ifndef KT_EVENT_H
#define KT_EVENT_H

#ifndef __VMLINUX_H__
#include <linux/types.h>
#endif

#define KT_WIRE_VERSION 1

#define KT_STATUS_SIGNAL 0x7f /* the signal in a wait status */

#define KT_COMM_LEN 16
#define KT_NAME_LEN 64       /* base name of an executable or a mapped file, NUL included */
#define KT_PATH_LEN 1024     /* cgroup path of the victim, NUL included */
#define KT_SIDE_PATH_LEN 512 /* cgroup path of the sender or of the limit, NUL included */
#define KT_BUILD_ID_LEN 20
#define KT_KERNEL_FRAMES 16
#define KT_USER_FRAMES 16
#define KT_PRIOR_SIGNALS 3
#define KT_LIMIT_TOP 5
#define KT_CGROUP_DEPTH 24 /* levels of a cgroup path that are walked */
#define KT_HIERARCHIES 24  /* of cgroups, v1: one for each controller, and named ones */
#define KT_RECORD_MAX 6144 /* upper bound of a whole record */

enum kt_record_kind {
	KT_RECORD_DEATH = 1,        /* a thread group is dead */
	KT_RECORD_THREAD_DEATH = 2, /* one thread was ended by the kernel, its group lives on */
	KT_RECORD_STUCK = 3,        /* a thread group was killed some time ago and is not dead */
	KT_RECORD_DOOM = 4,         /* a struct kt_notice and no more; never in a recording */
	KT_RECORD_LIMIT = 5,        /* a struct kt_limit_notice, as above */
};

/* Wakes the reader, which looks later whether all killed groups have died. It is sent once, and
 * again only after the reader has looked. */
struct kt_notice {
	__u16 version; /* KT_WIRE_VERSION, as in struct kt_record */
	__u8 kind;     /* KT_RECORD_DOOM */
	__u8 reserved;
	__u32 size;
};

/* Wakes the reader at an OOM kill by a memory limit, so that it reads at once what filled the
 * limit. */
struct kt_limit_notice {
	struct kt_notice notice; /* KT_RECORD_LIMIT */
	__u64 time_ns;           /* CLOCK_BOOTTIME of the kill */
	__u64 cgroup_id;         /* of the limit */
	char path[KT_SIDE_PATH_LEN];
};

/* struct kt_record.valid */
enum kt_record_valid {
	KT_VALID_PARENT = 1 << 0,
	KT_VALID_NS_PID = 1 << 1,
	KT_VALID_UID = 1 << 2,
	KT_VALID_CGROUP_ID = 1 << 3,
	KT_VALID_START = 1 << 4,
	KT_VALID_SECCOMP_MODE = 1 << 5,
	KT_VALID_TERMINAL = 1 << 6, /* KT_DEATH_HAS_TERMINAL */
};

/* struct kt_record.flags */
enum kt_record_flags {
	KT_DEATH_SIGNALED = 1 << 0, /* PF_SIGNALED on the thread seen here: died in get_signal() */
	KT_DEATH_GROUP_EXIT = 1 << 1, /* SIGNAL_GROUP_EXIT was set */
	KT_DEATH_OOM_MARKED = 1 << 2, /* signal->oom_mm: the OOM killer had marked the group */
	KT_DEATH_MEMORY_V1 = 1 << 3,  /* the memory controller is on a cgroup v1 hierarchy */
	KT_DEATH_DIRECT = 1 << 4,     /* left by do_exit() with a signal that was not delivered */
	KT_DEATH_PATH_TRUNCATED = 1 << 5, /* the cgroup path did not fit */
	KT_DEATH_MULTITHREADED = 1 << 6,  /* other threads were not yet reaped */
	/* SIGKILL ended the core dump of an earlier signal, which SECTION_SIGNAL is about */
	KT_DEATH_WHILE_DUMPING = 1 << 7,
	/* evidence for which there was no room: its absence means nothing */
	KT_DEATH_NOTES_LOST = 1 << 8,    /* the signal that ended the group, and all about it */
	KT_DEATH_DETAILS_LOST = 1 << 9,  /* stacks */
	KT_DEATH_SENDER_LOST = 1 << 10,  /* the sender's cgroup and executable */
	KT_DEATH_NEVER_EXECED = 1 << 11, /* PF_FORKNOEXEC: still in the program of its parent */
	/* it ended itself in the handler of the newest prior signal, or soon after that */
	KT_DEATH_AFTER_SIGNAL = 1 << 12,
	/* with DIRECT: the thread was not in exit() or exit_group(), in which a thread can exit
	 * with the status of a dying group, too */
	KT_DEATH_NOT_BY_CALL = 1 << 13,
	KT_DEATH_HAS_TERMINAL = 1 << 14, /* a controlling terminal; a hangup takes it away */
};

/* The architecture of the fault registers, trap numbers and system calls. */
enum kt_arch {
	KT_ARCH_X86_64 = 0, /* the only one when this field was not there yet */
	KT_ARCH_ARM64 = 1,
};

struct kt_record {
	__u16 version; /* KT_WIRE_VERSION */
	__u8 kind;     /* enum kt_record_kind */
	__u8 seccomp_mode;
	__u32 size; /* of the record, sections included */
	__u32 valid;
	__u32 flags;
	__u64 time_ns;          /* CLOCK_BOOTTIME at the exit */
	__u64 start_ns;         /* CLOCK_BOOTTIME at the start of the thread group (or thread) */
	__u64 cgroup_id;        /* kernfs id in the default (v2) hierarchy */
	__u64 memory_cgroup_id; /* of MEMORY_PATH, valid with KT_DEATH_MEMORY_V1 */
	__u32 status;           /* wait status of the group: signal, core bit, exit status << 8 */
	__u32 reserved;         /* zero; older records have the status of the last thread here */
	__u32 tgid;
	__u32 tid; /* the thread that was seen leaving last */
	__u32 ppid;
	__u32 ns_pid;           /* tgid in the innermost pid namespace */
	__u32 uid;              /* real uid as the host sees it */
	__u32 arch;             /* enum kt_arch */
	char comm[KT_COMM_LEN]; /* of the thread group's leader */
};

enum kt_section_type {
	KT_SECTION_SIGNAL = 1,          /* struct kt_signal: the signal that the status names, or
					 * with WHILE_DUMPING the one before it */
	KT_SECTION_KERNEL_STACK = 2,    /* __u64[]: where that signal was generated */
	KT_SECTION_FAULT = 3,           /* struct kt_fault: last CPU fault of the group */
	KT_SECTION_USER_STACK = 4,      /* struct kt_user_frame[]: at the fault or the abort */
	KT_SECTION_OOM = 5,             /* struct kt_oom */
	KT_SECTION_RLIMIT = 6,          /* struct kt_rlimit */
	KT_SECTION_EXIT_STACK = 7,      /* __u64[]: kernel stack at the exit, for direct exits */
	KT_SECTION_CGROUP_PATH = 8,     /* char[]: default hierarchy */
	KT_SECTION_MEMORY_PATH = 9,     /* char[]: the v1 memory controller's */
	KT_SECTION_SENDER_PATH = 10,    /* char[]: sender's or OOM trigger's cgroup */
	KT_SECTION_OOM_LIMIT_PATH = 11, /* char[]: cgroup whose limit was hit */
	KT_SECTION_EXE = 12,            /* char[]: base name of the executable */
	KT_SECTION_KERNEL_FAULT = 13, /* struct kt_kernel_fault: of the thread that left directly */
	KT_SECTION_OOPS_STACK = 14,   /* __u64[]: where the kernel failed, instead of EXIT_STACK */
	KT_SECTION_SYSTEMD_PATH =
		15, /* char[]: systemd's named v1 hierarchy, where 8 is the root */
	KT_SECTION_PRIOR_SIGNALS = 16, /* struct kt_prior_signal[]: oldest first */
	KT_SECTION_PRIOR_PATH = 17,    /* __u64 cgroup id, then char[]: a prior sender's cgroup */
	KT_SECTION_SENDER_MEMORY_PATH = 18, /* char[]: 10 in the v1 memory controller's hierarchy */
	KT_SECTION_SENDER_EXE = 19,         /* char[]: base name of the sender's executable */
	KT_SECTION_TRAPPED_CALL = 20,       /* struct kt_trapped_call */
	KT_SECTION_LIMIT_MEMORY = 21,       /* struct kt_limit_memory: one of each source at most */
	KT_SECTION_LIMIT_TOP = 22, /* struct kt_process_memory[]: the largest users of the limit */
	KT_SECTION_FAULT_BUILD_ID = 24, /* __u8[KT_BUILD_ID_LEN]: of the fault's module */
	KT_SECTION_BUS_ERROR = 25,      /* struct kt_bus_error: with a fault that is SIGBUS */
	KT_SECTION_HANDLER_FAULT = 26,  /* struct kt_fault: in the handler of FAULT, deadly */
	KT_SECTION_OWN_ABORT =
		27, /* struct kt_own_abort: with it, HANDLER_FAULT was in its handler */
};

struct kt_section {
	__u16 type;
	__u16 length;   /* without this header and without padding */
	__u32 reserved; /* zero */
};

/* How siginfo was passed: kernel/signal.c has two magic pointers for "no details" (5.8 to 7.2). */
enum kt_siginfo_kind {
	KT_SIGINFO_NONE = 0,   /* SEND_SIG_NOINFO */
	KT_SIGINFO_KERNEL = 1, /* SEND_SIG_PRIV */
	KT_SIGINFO_FULL = 2,   /* a struct kernel_siginfo */
};

/* struct kt_signal.flags */
enum kt_signal_flags {
	KT_SIGNAL_GROUP = 1 << 0,          /* sent to the process, not to a thread */
	KT_SIGNAL_COMMITTED = 1 << 1,      /* the group exit for it was already under way */
	KT_SIGNAL_SELF = 1 << 2,           /* generated in a thread of the target group */
	KT_SIGNAL_SENDER_EXITING = 1 << 3, /* current had PF_EXITING */
	KT_SIGNAL_TARGET_PTRACED = 1 << 4,
	KT_SIGNAL_SENDER_IS_TRACER = 1 << 5,
	KT_SIGNAL_IS_PDEATH_SIGNAL = 1 << 6,
	KT_SIGNAL_SENDER_IS_REAPER = 1 << 7,  /* current is init of a pid namespace of the target */
	KT_SIGNAL_SENDER_KTHREAD = 1 << 8,    /* current was a kernel thread (or idle) */
	KT_SIGNAL_IMMUTABLE = 1 << 9,         /* SA_IMMUTABLE: a seccomp or forced kill */
	KT_SIGNAL_HANDLED = 1 << 10,          /* the program had its own handler */
	KT_SIGNAL_TARGET_IS_REAPER = 1 << 11, /* the target is init of its pid namespace */
	KT_SIGNAL_LOST_INFO = 1 << 12,        /* TRACE_SIGNAL_LOSE_INFO */
	KT_SIGNAL_IN_FAULT_HANDLER = 1 << 13, /* raised while the handler of the last fault ran */
	KT_SIGNAL_SENDER_IS_PARENT = 1 << 14, /* the target's real parent, as a process */
	KT_SIGNAL_TO_ALL = 1 << 15,           /* kill(-1, ...) */
	KT_SIGNAL_TO_PROCESS_GROUP = 1 << 16, /* kill(0, ...) or kill(-pgid, ...) */
	KT_SIGNAL_BLOCKED = 1 << 17,          /* the target thread had it blocked */
	KT_SIGNAL_SENDER_LIVES = 1
				 << 18, /* a thread of the sender was exiting, its group goes on */
	/* sent to itself in the handler of the prior signal of the same number, or soon after it */
	KT_SIGNAL_IN_PRIOR_HANDLER = 1 << 19,
	/* sessions (setsid(2)) of sender and target; neither: not compared */
	KT_SIGNAL_SAME_SESSION = 1 << 20,
	KT_SIGNAL_OTHER_SESSION = 1 << 21,
	/* with SIGPIPE, what the target wrote to; neither: not known */
	KT_SIGNAL_WROTE_TO_PIPE = 1 << 22,
	KT_SIGNAL_WROTE_TO_SOCKET = 1 << 23,
	KT_SIGNAL_AFTER_CHILD =
		1 << 24, /* SIGKILL of itself, with a child that is dying of SIGKILL */
	/* of a prior signal: the program ignored it (SIG_IGN), or the kernel did, because init of a
	 * pid namespace had no handler for it */
	KT_SIGNAL_IGNORED = 1 << 25,
	KT_SIGNAL_IGNORED_FOR_INIT = 1 << 26,
};

/* struct kt_signal.valid */
enum kt_signal_valid {
	KT_SIGNAL_HAS_CODE = 1 << 0,
	KT_SIGNAL_HAS_PID = 1 << 1,     /* claimed_pid */
	KT_SIGNAL_HAS_SYSCALL = 1 << 2, /* syscall_nr: what the sender was in */
	KT_SIGNAL_HAS_SECCOMP = 1 << 3, /* seccomp_* */
	KT_SIGNAL_HAS_THREADS = 1 << 4,
};

struct kt_signal {
	__u64 time_ns; /* CLOCK_BOOTTIME */
	__u64 sender_cgroup_id;
	__u32 valid;
	__u32 flags;
	__s32 number;
	__s32 code; /* si_code */
	__u32 siginfo_kind;
	__u32 target_tid;
	__u32 sender_pid; /* tgid of current as the host sees it */
	__u32 sender_tid;
	__u32 sender_uid;
	__u32 claimed_pid; /* si_pid: as the sender gave it, in the target's pid namespace */
	__u32 reserved;    /* zero; older records have si_uid here */
	__u32 threads;
	__s32 syscall_nr; /* -1: not in a system call (an exception or interrupt) */
	__s32 seccomp_syscall;
	__u32 seccomp_arch; /* AUDIT_ARCH_* */
	__u32 seccomp_data; /* SECCOMP_RET_DATA */
	char sender_comm[KT_COMM_LEN];
	char target_comm[KT_COMM_LEN]; /* of the thread that was hit */
};

/* A signal that could have ended the group and did not: it was handled, blocked or ignored. */
struct kt_prior_signal {
	__u64 time_ns;          /* CLOCK_BOOTTIME */
	__u64 reserved;         /* zero; older records have the start of the sender here */
	__u64 sender_cgroup_id; /* names the KT_SECTION_PRIOR_PATH that is the sender's; 0: unknown
				 */
	__u32 valid;            /* KT_SIGNAL_HAS_CODE */
	__u32 flags;            /* enum kt_signal_flags */
	__s32 number;
	__s32 code;
	__u32 siginfo_kind;
	__u32 sender_pid;
	__u32 sender_uid;
	__u32 target_tid;
	char sender_comm[KT_COMM_LEN];
};

/* SIGABRT that a thread raised on itself, as abort() does. Its handler had not returned when it
 * crashed or the process exited with an error. */
struct kt_own_abort {
	__u64 time_ns;
	__u32 tid;
	__s32 code; /* si_code, valid with KT_SIGINFO_FULL */
	__u32 siginfo_kind;
	__u32 flags;            /* enum kt_signal_flags */
	char comm[KT_COMM_LEN]; /* of the thread */
};

/* A system call for which seccomp called the program's own handler of SIGSYS, which did not return:
 * the program crashed or ended in it. */
struct kt_trapped_call {
	__u64 time_ns;
	__s32 syscall;
	__u32 arch; /* AUDIT_ARCH_* */
	__u32 data; /* SECCOMP_RET_DATA */
	__u32 tid;
};

/* struct kt_fault.flags. The address hints are computed in the kernel so that --no-addresses can
 * keep the addresses themselves from ever leaving it. */
enum kt_fault_flags {
	KT_FAULT_HANDLED = 1 << 0,            /* the program's own handler was called */
	KT_FAULT_FROM_TRACEPOINT = 1 << 1,    /* address and error code from page_fault_user */
	KT_FAULT_ADDRESS_LOW = 1 << 2,        /* below 64 KiB */
	KT_FAULT_ADDRESS_KERNEL = 1 << 3,     /* above the user half */
	KT_FAULT_NEAR_SP = 1 << 4,            /* within reach of the stack pointer */
	KT_FAULT_VMA_CONTAINS = 1 << 5,       /* a mapping holds the address, with vma_flags */
	KT_FAULT_VMA_ABOVE_IS_STACK = 1 << 6, /* next mapping above grows down or holds sp */
	KT_FAULT_IP_IS_ADDRESS = 1 << 7,
	KT_FAULT_VMA_WALKED = 1 << 8,    /* the mappings could be searched at all */
	KT_FAULT_BEYOND_FILE = 1 << 9,   /* the mapping's file ends before the address */
	KT_FAULT_FRAME_FAILED = 1 << 10, /* its handler could not be called: SIGSEGV instead */
	/* the thread had raised SIGABRT on itself, which is ignored for init of a pid namespace */
	KT_FAULT_AFTER_ABORT = 1 << 11,
	KT_FAULT_SP_UNMAPPED = 1 << 12,  /* the stack pointer itself lay in no writable mapping */
	KT_FAULT_HANDLER_RUNS = 1 << 13, /* at the death, the fault's handler had not returned */
	KT_FAULT_BEFORE_ABORT =
		1 << 14, /* with AFTER_ABORT: this fault came first, and is its root */
};

enum kt_fault_valid {
	KT_FAULT_HAS_TRAP = 1 << 0,
	KT_FAULT_HAS_ADDRESS = 1 << 1,
	KT_FAULT_HAS_ERROR_CODE = 1 << 2,
	KT_FAULT_HAS_IP = 1 << 3,
	KT_FAULT_HAS_SP = 1 << 4,
	KT_FAULT_HAS_MODULE = 1 << 5,
	KT_FAULT_HAS_VMA = 1 << 6,
	KT_FAULT_HAS_TRAP_NUMBER = 1 << 7, /* trap_number alone: may be stale */
};

/* vm_flags bits that are kept (include/linux/mm.h, the same from 5.8 to 7.2) */
enum kt_vma_flags {
	KT_VMA_READ = 0x1,
	KT_VMA_WRITE = 0x2,
	KT_VMA_EXEC = 0x4,
	KT_VMA_GROWSDOWN = 0x100,
};

/* The class of the instruction at which the program was stopped. It distinguishes an intended trap
 * from an instruction that this CPU lacks. The bytes never leave the kernel side. */
enum kt_instruction {
	KT_INSTRUCTION_UNKNOWN = 0, /* not looked at, or not readable */
	KT_INSTRUCTION_OTHER = 1,
	KT_INSTRUCTION_UD2 = 2, /* x86-64 from here on */
	KT_INSTRUCTION_UD1 = 3,
	KT_INSTRUCTION_UD0 = 4,
	KT_INSTRUCTION_INT3 = 5,
	KT_INSTRUCTION_HLT = 6,
	KT_INSTRUCTION_PRIVILEGED = 7,
	KT_INSTRUCTION_LEGACY = 8, /* no VEX, and not of every CPU: SSSE3, SSE4, AES, POPCNT ... */
	KT_INSTRUCTION_VEX = 9,    /* AVX, AVX2, FMA, BMI ... */
	KT_INSTRUCTION_EVEX = 10,  /* AVX-512, AVX10 */
	KT_INSTRUCTION_XOP = 11,
	KT_INSTRUCTION_AMX = 12,
	KT_INSTRUCTION_BRK = 32, /* arm64 from here on */
	KT_INSTRUCTION_UDF = 33,
	KT_INSTRUCTION_SVE = 34,
	KT_INSTRUCTION_SME = 35,
};

struct kt_fault {
	__u64 time_ns;
	__u64 address;
	__u64 ip;
	__u64 sp;
	__u64 module_offset; /* file offset of ip in the module */
	__u64 handled_count; /* faults this group had handled before, this one included */
	__u32 valid;
	__u32 flags;
	__u32 trap_number; /* x86-64: of the exception vector; arm64: exception class of ESR_EL1 */
	__u32 error_code;  /* x86-64: of the exception; arm64: ESR_EL1 */
	__s32 number;      /* of the signal that was forced */
	__s32 code;
	__s32 syscall_nr;
	__u32 tid;
	__u32 vma_flags;
	__u32 instruction; /* enum kt_instruction; zero in older records */
	char module[KT_NAME_LEN];
};

/* What backs the page that was not available. */
enum kt_bus_error_flags {
	KT_BUS_TMPFS = 1 << 0,       /* total, used: bytes; it has a limit */
	KT_BUS_HUGETLBFS = 1 << 1,   /* total, used: of all huge pages of this size, unit_kib */
	KT_BUS_FUSE = 1 << 2,        /* the state of its connection is known */
	KT_BUS_FUSE_GONE = 1 << 3,   /* no server answers */
	KT_BUS_USERFAULTFD = 1 << 4, /* it asked for SIGBUS where a page is missing */
	KT_BUS_REGULAR = 1 << 6,     /* a regular file */
	KT_BUS_FULL = 1 << 5,        /* with TMPFS: full, as far as its counter shows */
};

/* `type` is the name of the file system's driver, as in /proc/filesystems; empty: not a file. */
struct kt_bus_error {
	__u64 total;
	__u64 used;
	__u32 flags;
	__u32 unit_kib;
	char type[16];
};

enum kt_frame_status {
	KT_FRAME_EMPTY = 0,
	KT_FRAME_BUILD_ID = 1,  /* build_id and offset hold */
	KT_FRAME_IP = 2,        /* no build ID: offset is zero, and in old recordings the address */
	KT_FRAME_GENERATED = 3, /* in executable memory without a file; offset is the address, or
				   zero with --no-addresses */
};

struct kt_user_frame { /* laid out as the kernel's struct bpf_stack_build_id */
	__s32 status;
	__u8 build_id[KT_BUILD_ID_LEN];
	__u64 offset;
};

enum kt_oom_flags {
	KT_OOM_MARKED = 1 << 0,         /* mark_victim fired after this group's SIGKILL */
	KT_OOM_HAS_FIGURES = 1 << 1,    /* the memory figures are there */
	KT_OOM_LIMIT_LOCKED = 1 << 2,   /* limit found by mem_cgroup.oom_lock */
	KT_OOM_LIMIT_FULL = 1 << 3,     /* limit found by usage at the limit */
	KT_OOM_SHARED_MM = 1 << 4,      /* killed because it shares the victim's memory */
	KT_OOM_GROUP = 1 << 5,          /* memory.oom.group of an ancestor is set */
	KT_OOM_LIMIT_WALKED = 1 << 6,   /* the memory cgroups could be walked at all */
	KT_OOM_CONTROL = 1 << 8,        /* scope and limit are those of struct oom_control */
	KT_OOM_GROUP_MEMBER = 1 << 9,   /* killed with another that was chosen: memory.oom.group */
	KT_OOM_LIMIT_PRESUMED = 1 << 7, /* the only one, or full while another may be the cause */
};

enum kt_oom_scope { /* valid with KT_OOM_CONTROL */
		    KT_OOM_SCOPE_UNKNOWN = 0,
		    KT_OOM_SCOPE_GLOBAL = 1,
		    KT_OOM_SCOPE_MEMCG = 2,
		    KT_OOM_SCOPE_CPUSET = 3,
		    KT_OOM_SCOPE_MEMPOLICY = 4,
		    KT_OOM_SCOPE_SYSRQ = 5,
};

struct kt_oom {
	__u64 time_ns;
	__u64 total_vm_bytes;
	__u64 anon_rss_bytes;
	__u64 file_rss_bytes;
	__u64 shmem_rss_bytes;
	__u64 swap_bytes;
	__u64 page_tables_bytes;
	__u64 limit_bytes; /* of the limit cgroup, valid with a limit path */
	__u64 usage_bytes;
	__u32 flags;
	__s32 score_adj;
	__u32 shared_with_pid; /* valid with SHARED_MM; with GROUP_MEMBER the one that was chosen */
	__u32 scope;           /* enum kt_oom_scope */
};

/* Where the figures of a struct kt_limit_memory come from. */
enum kt_limit_source {
	KT_LIMIT_COUNTERS = 1, /* the kernel's counters, at the kill */
	KT_LIMIT_FILES = 2,    /* memory.stat, read by user space soon after the kill */
};

/* struct kt_limit_memory.valid */
enum kt_limit_valid {
	KT_LIMIT_HAS_PEAK = 1 << 0,
	KT_LIMIT_HAS_ANON = 1 << 1,
	KT_LIMIT_HAS_SHMEM = 1 << 2,
	KT_LIMIT_HAS_FILE = 1 << 3,
	KT_LIMIT_HAS_KERNEL = 1 << 4,
	KT_LIMIT_HAS_SLAB = 1 << 5,
	KT_LIMIT_HAS_SOCK = 1 << 6,
	KT_LIMIT_HAS_SWAP = 1 << 7,
	KT_LIMIT_HAS_PAGE_TABLES = 1 << 8,
};

/* What the cgroup whose limit was hit holds, together with all cgroups below it. As in memory.stat,
 * `file` includes `shmem`, and `kernel` includes `slab` and `page_tables`; swap does not count
 * against the limit. */
struct kt_limit_memory {
	__u64 time_ns;   /* CLOCK_BOOTTIME, when the figures were taken */
	__u64 cgroup_id; /* of the limit, in the memory controller's hierarchy */
	__u64 peak_bytes;
	__u64 anon_bytes;
	__u64 shmem_bytes;
	__u64 file_bytes;
	__u64 kernel_bytes;
	__u64 slab_bytes;
	__u64 sock_bytes;
	__u64 swap_bytes;
	__u64 page_tables_bytes;
	__u32 valid;  /* enum kt_limit_valid */
	__u32 source; /* enum kt_limit_source */
};

/* A process in the cgroup whose limit was hit, soon after the kill; from /proc, by user space. */
struct kt_process_memory {
	__u64 anon_bytes;
	__u64 shmem_bytes;
	__u64 file_bytes;
	__u64 swap_bytes;
	__u32 pid;
	__u32 reserved;
	char comm[KT_COMM_LEN];
};

enum kt_rlimit_valid {
	KT_RLIMIT_HAS_CPU = 1 << 0,
	KT_RLIMIT_HAS_RTTIME = 1 << 1,
	KT_RLIMIT_HAS_FSIZE = 1 << 2,
	KT_RLIMIT_HAS_CPU_USED = 1 << 3,
};

#define KT_RLIMIT_INFINITY (~0ULL)

struct kt_rlimit {
	__u64 cpu_soft; /* seconds */
	__u64 cpu_hard;
	__u64 cpu_used_ns;
	__u64 rttime_soft; /* microseconds */
	__u64 rttime_hard;
	__u64 fsize_soft; /* bytes */
	__u64 fsize_hard;
	__u32 valid;
	__u32 reserved;
};

struct kt_kernel_fault {
	__u64 time_ns;
	__u64 address;
	__u64 ip; /* a kernel text address */
	__u64 error_code;
};

/* Why something did not reach user space; one counter each, per CPU. */
enum kt_lost {
	KT_LOST_RING_FULL = 0,      /* a death record found no room */
	KT_LOST_DOSSIER_FULL = 1,   /* evidence found no room: the death is reported without it */
	KT_LOST_EVIDENCE_SLOT = 2,  /* older pending signals were pushed out of a dossier */
	KT_LOST_PATH_TRUNCATED = 3, /* a cgroup path was cut */
	KT_LOST_RECORD_BUILD = 4,   /* a record could not be put together */
	KT_LOST_REASONS
};

#define KT_ASSERT_SIZE(type, bytes) \
	_Static_assert(sizeof(type) == (bytes), #type " changed its size on the wire")

KT_ASSERT_SIZE(struct kt_record, 96);
KT_ASSERT_SIZE(struct kt_notice, 8);
KT_ASSERT_SIZE(struct kt_limit_notice, 536);
KT_ASSERT_SIZE(struct kt_section, 8);
KT_ASSERT_SIZE(struct kt_signal, 112);
KT_ASSERT_SIZE(struct kt_prior_signal, 72);
KT_ASSERT_SIZE(struct kt_trapped_call, 24);
KT_ASSERT_SIZE(struct kt_own_abort, 40);
KT_ASSERT_SIZE(struct kt_fault, 152);
KT_ASSERT_SIZE(struct kt_bus_error, 40);
KT_ASSERT_SIZE(struct kt_user_frame, 32);
KT_ASSERT_SIZE(struct kt_oom, 88);
KT_ASSERT_SIZE(struct kt_limit_memory, 96);
KT_ASSERT_SIZE(struct kt_process_memory, 56);
KT_ASSERT_SIZE(struct kt_rlimit, 64);
KT_ASSERT_SIZE(struct kt_kernel_fault, 32);

#endif
