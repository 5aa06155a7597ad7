/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The dossier: all evidence about one thread group, from its first potentially deadly signal until
 * the group is dead. What decides a verdict is small and kept for many groups; details (stacks) are
 * large and kept for fewer.
 */
#ifndef KT_EVIDENCE_BPF_H
#define KT_EVIDENCE_BPF_H

#include "vmlinux.h"

#include "event.h"

/* Different pending signals that are remembered per group. Two are seen in practice (a fault and
 * the SIGKILL that overtakes it); a third costs little. */
#define SIGNAL_SLOTS 3

/* The tgid alone is reused; with the start time it is unique until reboot. de_thread() hands the
 * leader's start time on, so an exec from another thread keeps the key. */
struct group_key {
	__u32 tgid;
	__u32 reserved;
	__u64 start_ns;
};

struct stack {
	__u32 bytes;
	__u32 reserved;
	__u64 frames[KT_KERNEL_FRAMES];
};

/* Evidence of a thread that left by do_exit() with a signal that was not delivered (an oops, a
 * seccomp kill): the thread need not be the group's last. */
struct direct_exit {
	__u64 time_ns;
	__u32 status;
	__u32 tid;
	__u16 has_kernel_fault;
	__u16 not_by_call;   /* KT_DEATH_NOT_BY_CALL */
	__u32 stack_is_oops; /* where the kernel failed, else where the thread left */
	struct kt_kernel_fault kernel_fault;
};

/* An oops that is being printed, and the thread that will end because of it. */
struct oops {
	__u64 time_ns;
	struct stack stack;
};

/* The mapping that contains the last fault's ip. A runtime that faults thousands of times a second
 * does so in few mappings, and the search is the expensive part. */
struct module_cache {
	__u64 mm;
	__u64 start;
	__u64 end;
	__u64 file_offset; /* of start */
	__u32 has_build_id;
	__u8 build_id[KT_BUILD_ID_LEN];
};

/* A user stack that is read when its thread exits. */
struct late_stack {
	__u64 time_ns; /* of the fault or signal to which it belongs; 0: none */
	__u64 ip;      /* where the thread was: it may have gone on since */
	__u64 sp;
	__u32 tid;
	__u32 reserved;
};

/* A task that may change its pid (de_thread()); also unique when its memory is used again. */
struct thread_key {
	__u64 task;
	__u64 start_ns;
};

/* Names a cgroup of any hierarchy: ids alone are unique only within their own. */
struct path_key {
	__u64 cgroup;
	__u64 id;
};

/* Handlers that can be running when a program ends itself. */
enum handler {
	HANDLER_OF_FAULT = 1 << 0,
	HANDLER_OF_PRIOR = 1 << 1,
	HANDLER_OF_TRAP = 1 << 2,
	BACK_FROM_FAULT =
		1 << 3, /* none: it was at the same place on the same stack as at the fault */
	HANDLER_OF_ABORT = 1 << 4,
	ABORTER_SEEN = 1
		       << 5, /* none: the thread that aborted was killed, and has been looked at */
};

/* SIGABRT that a thread raised on itself, and that its handler takes. */
struct own_abort {
	struct kt_own_abort note; /* time_ns 0: none */
	__u64 adds;               /* as fault_adds */
	__u64 sp;                 /* where it was raised; these two as fault_ip */
	__u64 ip;
	__u64 exec_id;
	__u64 crash_ns; /* of a deadly fault in its handler; 0: none */
	__u64 task;     /* the thread's task_struct, which may be gone */
};

/* What is looked up about the sender of a signal after its target is dead. */
struct sender {
	struct group_key group;
	struct path_key path;
	struct path_key memory; /* v1 only */
};

/* The budgets that an entry counts against (tenant.bpf.h): numbers of counters, never 0. */
struct tenant {
	__u32 one;    /* all that the user has in that cgroup */
	__u32 cgroup; /* what of the reserve is in use there */
	__u32 group;  /* and in the cgroup above it, such as a class of pods or a user's slice; 0:
			 none */
	__u32 reserve;
};

struct dossier {
	struct kt_signal signals[SIGNAL_SLOTS];
	struct sender senders[SIGNAL_SLOTS];
	struct kt_fault fault;
	__u64 fault_ip; /* also with --no-addresses: never leaves the kernel */
	__u64 fault_sp;
	__u64 fault_adds; /* signals that its handler blocks and that were not blocked at the fault
			   */
	__u64 fault_exec_id;    /* of the program that had the fault */
	__u64 handler_crash_ns; /* of a deadly fault in the handler of `fault`; 0: none */
	__u64 fault_task;       /* the thread's task_struct, which may be gone */
	__u64 thorough_ns;      /* when a fault was last looked at in full */
	__u32 exit_tid;         /* the thread that ended the group by a non-zero exit */
	__u32 stuck_told;       /* that the group does not die was reported */
	__u32 ns_pid;           /* while it is known: it is gone once the process is reaped */
	__u32 dump_signal;      /* signal of the core dump that SIGKILL ended; 0: none */
	__u64 rlimit_time_ns;   /* time_ns of the signal that it belongs to */
	struct kt_rlimit rlimit;
	struct module_cache module;
	struct kt_prior_signal priors[KT_PRIOR_SIGNALS]; /* oldest first; number 0: none */
	struct path_key prior_paths[KT_PRIOR_SIGNALS];
	__u64 prior_ns;   /* when the newest came the last time */
	__u64 prior_adds; /* as fault_adds, of its handler */
	__u64 prior_exec_id;
	struct kt_trapped_call trapped; /* the newest; time_ns 0: none */
	__u64 trapped_adds;
	__u64 trapped_sp;
	__u64 trapped_ip; /* as fault_ip */
	__u64 trapped_exec_id;
	__u64 trapped_signal_ns; /* time_ns of a signal that came by itself in its handler */
	struct own_abort own_abort;
	__u64 abort_ns; /* when its init raised SIGABRT on itself, and that was ignored */
	__u32 abort_tid;
	__u32 stack_again;       /* thread for whose stack the kernel gave no build IDs; 0: none */
	__u32 exit_calls;        /* of exit_group() with an error */
	__u32 exit_in;           /* enum handler: where the thread that ended the group was */
	struct kt_bus_error bus; /* of the fault; neither a type nor a flag: none */
	struct kt_oom oom;
	struct path_key limit;
	__u64 limit_ns; /* names the figures of the limit, in limit_memories; 0: none */
	struct direct_exit direct;
	struct late_stack late_stack;
	struct tenant tenant;
	__u32 has_details;
	__u32 details_reserve; /* they came from the reserve */
	__u32 lost_details;    /* there was no room for them */
	__u32 left_in;         /* enum handler: what a thread was in when it was killed */
	__u32 reserved;
	__u64 exe_exec_id; /* of the program that `exe` names */
	__u32 exe_reserved;
	__u32 exe_bytes;
	char exe[KT_NAME_LEN];
};

struct details {
	struct stack stacks[SIGNAL_SLOTS];
	struct stack direct_stack;
	__u64 user_stack_time_ns; /* time_ns of the fault or signal to which it belongs */
	__u32 user_stack_bytes;
	__u32 reserved;
	struct kt_user_frame user_stack[KT_USER_FRAMES];
	struct kt_fault handler_fault; /* time_ns as handler_crash_ns, else it means nothing */
};

struct kept_path {
	__u32 bytes; /* NUL included */
	__u32 truncated;
	char text[KT_SIDE_PATH_LEN];
};

struct name {
	__u32 bytes; /* NUL included */
	__u32 reserved;
	char text[KT_NAME_LEN];
};

struct last_fault {
	__u64 time_ns;
	__u64 address;
	__u64 ip;
	__u64 error_code;
	__u32 tid;
	__u32 reserved;
};

/* The OOM kill that a task is carrying out: joins SIGKILL, mark_victim and the processes that are
 * killed because they share the victim's memory. */
struct oom_kill {
	struct group_key victim;
	__u64 mm;
	__u64 time_ns;
	__u64 limit_ns; /* as in struct dossier */
	__u64 group;    /* struct mem_cgroup *, 0: it is not killed as a whole */
	__u32 victim_tid;
	__u32 marked;
	__u32 chosen; /* tgid of the first of a group */
	__u32 reserved;
};

/* The limit to which the figures belong, and when they were taken. */
struct limit_key {
	__u64 cgroup;
	__u64 time_ns;
};

/* The arguments of oom_kill_process(), by the task that carries the kill out. */
struct oom_decision {
	__u64 time_ns;
	__u64 memcg; /* struct mem_cgroup *, 0: none */
	__u32 scope; /* enum kt_oom_scope */
	__u32 reserved;
};

#endif
