/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The maps, and the dossier: all evidence about one thread group, from its first potentially
 * deadly signal until the group is dead. Every hook family includes this
 * file; the definitions are weak, so that the linker keeps one of each.
 */
#ifndef KT_MAPS_BPF_H
#define KT_MAPS_BPF_H

#include "vmlinux.h"
#include <bpf/bpf_helpers.h>

#include "event.h"

/* Different pending signals that are remembered per group; two are seen in practice (a fault and
 * the SIGKILL that overtakes it), a third costs little. */
#define SIGNAL_SLOTS 3

/* Groups that can have a dossier at one time: those that handle faults, block deadly signals or
 * are dying. Preallocated, since the OOM path must not depend on an allocation. */
#define DOSSIERS 2048
/* Long-lived ones (a handled fault, a blocked signal) leave this many to those who die now, so that
 * nobody blinds us by keeping thousands of processes with a pending signal. */
#define DOSSIERS_FOR_THE_DYING (DOSSIERS / 4)

/* Room for about 1,000 deaths that nobody reads yet; a storm at the full fork rate of two CPUs needs
 * a tenth of it. What is pinned gets more: user space says how much. */
#define RING_BYTES (1 << 20)

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

/* Evidence of a thread that left by do_exit() with a signal that nobody delivered (an oops, a
 * seccomp kill): the thread need not be the group's last. */
struct direct_exit {
	__u64 time_ns;
	__u32 status;
	__u32 tid;
	__u32 has_kernel_fault;
	__u32 stack_is_oops; /* where the kernel failed, else where the thread left */
	struct kt_kernel_fault kernel_fault;
	struct stack stack;
};

/* An oops that is being printed, and the thread that will end of it. */
struct oops {
	__u64 time_ns;
	struct stack stack;
};

/* The mapping in which the last fault's ip stood: a runtime that faults thousands of times a
 * second does so in few mappings, and the search is the dear part. */
struct module_cache {
	__u64 mm;
	__u64 start;
	__u64 end;
	__u64 file_offset; /* of start */
};

/* Of a task that may change its pid (de_thread()), also when its memory is used anew. */
struct thread_key {
	__u64 task;
	__u64 start_ns;
};

struct dossier {
	struct kt_signal signals[SIGNAL_SLOTS];
	struct stack stacks[SIGNAL_SLOTS];
	struct kt_fault fault;
	__u64 fault_ip; /* also with --no-addresses: never leaves the kernel */
	__u64 fault_sp;
	__u64 fault_adds; /* signals that its handler blocks and that were not blocked at the fault */
	__u64 fault_exec_id;  /* of the program that had the fault */
	__u64 fault_task;     /* the thread's task_struct, which may be gone */
	__u32 exit_tid;       /* the thread that ended the group by a non-zero exit */
	__u32 stuck_told;     /* that the group does not die */
	__u32 ns_pid;         /* while it is known: gone when the dead are reaped */
	__u32 dump_signal;    /* whose core was being written when SIGKILL came; 0: none */
	__u64 rlimit_time_ns; /* time_ns of the signal that it belongs to */
	struct kt_rlimit rlimit;
	struct module_cache module;
	__u64 user_stack_time_ns; /* time_ns of the fault or signal that it belongs to */
	__u32 user_stack_bytes;
	__u32 sender_path_bytes; /* NUL included; 0: none */
	struct kt_user_frame user_stack[KT_USER_FRAMES];
	__u64 sender_cgroup_id;
	__u64 sender_path_time_ns; /* time_ns of the signal that it belongs to */
	char sender_path[KT_SIDE_PATH_LEN];
	struct kt_oom oom;
	__u32 limit_path_bytes;
	__u32 exe_bytes;
	char limit_path[KT_SIDE_PATH_LEN];
	char exe[KT_NAME_LEN];
	struct direct_exit direct;
};

struct last_fault {
	__u64 time_ns;
	__u64 address;
	__u64 ip;
	__u64 error_code;
	__u32 tid;
	__u32 reserved;
};

/* A path is put together level by level; the slack lets the last name overrun. */
#define NAME_SLACK 264

struct path_buffer {
	__u64 nodes[KT_CGROUP_DEPTH];
	__u32 depth;
	__u32 reserved;
	__u32 bytes; /* NUL included */
	__u32 truncated;
	char text[KT_PATH_LEN + NAME_SLACK];
};

struct vma {
	__u64 start;
	__u64 end;
	__u64 flags;
	__u64 file_offset; /* of start */
	__u64 file;
};

struct oom_limit {
	__u64 cgroup; /* 0: none found */
	__u64 limit_bytes;
	__u64 usage_bytes;
	__u64 locked; /* the candidates: addresses of a struct mem_cgroup, 0: none */
	__u64 full;
	__u64 last_limited;
	__u64 outside; /* the walk is above the limit */
	__u64 group;   /* the struct mem_cgroup that dies as a whole, 0: none */
	__u32 limited; /* how many have a limit at all */
	__u32 flags;   /* enum kt_oom_flags */
};

struct user_context {
	__u64 ip;
	__u64 sp;
	__s64 syscall_nr; /* -1: the kernel was entered by an exception or interrupt */
};

/* One call of signal_generate. */
struct event {
	struct task_struct *target;
	struct task_struct *sender; /* current: not always who asked for it */
	__u64 info;
	__u64 now_ns; /* CLOCK_BOOTTIME: the same in all that this event leaves behind */
	__u32 number;
	__u32 group;
	struct user_context user; /* of the sender, all zero for a kernel thread */
	__u64 handler_blocks;     /* signals, while the handler of a fault runs */
	bool lost_info;
	bool self;
	bool handled;
	bool reserved[5]; /* named, so that it is zeroed: the verifier lets nothing else be copied */
};

/* Signals are generated with interrupts off, so that this program cannot meet itself on a CPU. */
struct signal_scratch {
	struct event event;
	struct group_key key; /* of the target */
	struct path_buffer path;
	__u64 node[32]; /* one node of a maple tree */
	struct {
		__u64 entry;
		__u64 max;
	} walk;                 /* where maple_step() stands */
	struct vma vma;         /* what find_vma() found */
	struct oom_limit limit; /* what find_oom_limit() found */
};

struct exit_scratch {
	struct path_buffer path;
	struct group_key key; /* of the group whose record is put together */
	__u32 at;             /* bytes of the record that are there */
	__u32 reserved;
	char record[KT_RECORD_MAX + KT_PATH_LEN + NAME_SLACK];
};

/* The OOM kill that a task is carrying out: joins SIGKILL, mark_victim and the processes that are
 * killed because they share the victim's memory. */
struct oom_kill {
	struct group_key victim;
	__u64 mm;
	__u64 time_ns;
	__u64 group; /* struct mem_cgroup *, 0: not all of one */
	__u32 victim_tid;
	__u32 marked;
	__u32 chosen; /* tgid of the first of a group */
	__u32 reserved;
};

/* What oom_kill_process() was called with, by the task that carries the kill out. */
struct oom_decision {
	__u64 time_ns;
	__u64 memcg; /* struct mem_cgroup *, 0: none */
	__u32 scope; /* enum kt_oom_scope */
	__u32 reserved;
};

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, RING_BYTES);
} events __weak SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, DOSSIERS);
	__type(key, struct group_key);
	__type(value, struct dossier);
} dossiers __weak SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64);
} open_dossiers __weak SEC(".maps");

/* Never written: what a new dossier starts from, too large for the stack. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct dossier);
} empty_dossier __weak SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 256);
	__type(key, __u32); /* tid of the task that carries out the kill */
	__type(value, struct oom_kill);
} oom_kills __weak SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 256);
	__type(key, __u32); /* tid of the task that carries out the kill */
	__type(value, struct oom_decision);
} oom_decisions __weak SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 64);
	__type(key, __u32); /* tid of the thread for which the kernel worked */
	__type(value, struct oops);
} oopses __weak SEC(".maps");

/* Whether the reader knows that somebody was killed. The reader takes it back. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64);
} doom_noticed __weak SEC(".maps");

/* Groups whose death was told, and by whose programs (knob_generation), where two threads can both believe
 * to be the last. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 1024);
	__type(key, struct group_key);
	__type(value, __u32);
} told __weak SEC(".maps");

/* Threads whose exit was seen, where more than one program looks at it: no less than can end in the
 * tenth of a second until the last of these looks. One entry where only one looks. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 8192);
	__type(key, struct thread_key);
	__type(value, __u8);
} seen __weak SEC(".maps");

/* Exits that the first program did not see, and another did. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64);
} rescued __weak SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct last_fault);
} user_faults __weak SEC(".maps");

/* By thread, and not by CPU as above: an oops is printed before its thread ends, and that takes long
 * enough for the thread to go on elsewhere. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 256);
	__type(key, __u32); /* tid */
	__type(value, struct last_fault);
} kernel_faults __weak SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, KT_LOST_REASONS);
	__type(key, __u32);
	__type(value, __u64);
} lost __weak SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct signal_scratch);
} signal_scratches __weak SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct exit_scratch);
} exit_scratches __weak SEC(".maps");

static __always_inline struct signal_scratch *get_signal_scratch(void)
{
	__u32 zero = 0;

	return bpf_map_lookup_elem(&signal_scratches, &zero);
}

/* Atomic, though each processor has its own: one program can preempt another there. */
static __always_inline void count_lost(enum kt_lost reason)
{
	__u32 key = reason;
	__u64 *count = bpf_map_lookup_elem(&lost, &key);

	if (count)
		__sync_fetch_and_add(count, 1);
}

#endif
