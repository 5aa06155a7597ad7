/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* A program's own data while it runs, if it needs more than its stack holds. */
#ifndef KT_SCRATCH_BPF_H
#define KT_SCRATCH_BPF_H

#include "evidence.bpf.h"

/* A path is built level by level; the slack lets the last name overrun. */
#define NAME_SLACK 264

struct path_buffer {
	__u64 nodes[KT_CGROUP_DEPTH];
	__u64 node; /* how far the walk to its upper levels has come */
	__u32 too_deep;
	__u32 depth;
	__u32 bytes; /* NUL included */
	__u32 truncated;
	__u32 side_end; /* the last slash within KT_SIDE_PATH_LEN bytes; 0: only the first */
	__u32 reserved;
	char text[KT_PATH_LEN + NAME_SLACK];
};

struct vma {
	__u64 start;
	__u64 end;
	__u64 flags;
	__u64 file_offset; /* of start */
	__u64 file;
	__u64 area; /* struct vm_area_struct * */
};

struct oom_limit {
	__u64 cgroup; /* 0: none found */
	__u64 memcg;  /* its struct mem_cgroup */
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
	__s64 argument;   /* the first of a system call */
};

/* One call of signal_generate. */
struct event {
	struct task_struct *target;
	struct task_struct *sender; /* current: not always the task that asked for it */
	__u64 info;
	__u64 now_ns; /* CLOCK_BOOTTIME: the same in everything that this event writes */
	__u32 number;
	__u32 group;
	struct user_context user; /* of the sender, all zero for a kernel thread */
	__u64 handler_blocks;     /* signals that are blocked while the handler of a fault runs */
	__s32 code;               /* 0 without a siginfo */
	bool lost_info;
	bool self;
	bool handled;
	bool own_abort; /* SIGABRT of a thread to itself that is handled; no padding here: the
			   verifier does not let it be copied */
};

/* The state of read_build_id(). */
#define ELF_NOTES 4

struct elf_walk {
	__u64 piece[8]; /* of the file's head, or a program header */
	__u32 note[4];
	struct {
		__u64 start;
		__u64 end;
	} notes[ELF_NOTES]; /* user addresses */
	__u64 count;        /* of `notes` */
	__u64 is_64;
	__u64 file;         /* struct file * that build_id is of; 0: of none */
	__u32 kernel_named; /* the kernel itself gave a build ID of the stack */
	__u32 has_file;     /* a frame of the stack is in a mapped file */
	__u32 has_build_id;
	__u8 build_id[KT_BUILD_ID_LEN];
};

/* Signals are generated with interrupts off, so this program never interrupts itself on a CPU. */
struct signal_scratch {
	struct event event;
	struct group_key key;   /* of the target */
	__u32 flags;            /* enum kt_signal_flags of the event */
	__u32 user_stack_bytes; /* that have been read and not been looked through */
	struct path_buffer path;
	struct kept_path kept; /* is put into the map of paths */
	struct name name;
	__u64 last_sender;    /* struct task_struct * of the last signal to another, on this CPU */
	__u64 last_sender_ns; /* and when that was */
	__u64 node[32];       /* one node of a maple tree */
	struct {
		__u64 entry;
		__u64 max;
	} walk;         /* the state of maple_step() */
	struct vma vma; /* what find_vma() found */
	struct elf_walk elf;
	__s64 counter;          /* the sum of a struct percpu_counter */
	__u64 bus_address;      /* of a page fault that is SIGBUS, to be looked at; 0: none */
	__u64 module_ip;        /* in a module whose build ID has not been read; 0: none */
	__u8 code[16];          /* instruction bytes of a fault: wiped when their class is known */
	struct oom_limit limit; /* what find_oom_limit() found */
	struct kt_limit_memory limit_memory;
	struct kt_limit_notice limit_notice;
};

struct named_path {
	__u64 id;
	char text[KT_SIDE_PATH_LEN];
};

/* What a record is about. */
struct death {
	struct task_struct *task;
	struct task_struct *leader;
	__u32 status;        /* of the group */
	__u32 thread_status; /* of `task` */
	__u32 task_flags;
	__u32 kind;
	__u32 opened; /* its dossier, in this call */
	__u32 reserved;
	struct group_key key;
};

/* Each object that reports deaths has one of its own. */
struct exit_scratch {
	struct death death;
	struct path_buffer path;
	struct named_path named;
	struct kt_user_frame frames[KT_USER_FRAMES]; /* of a late stack */
	__u32 frames_bytes;
	__u32 unused;
	struct group_key key; /* of the group whose record is being built */
	__u32 at;             /* length of the record so far */
	__u32 reserved;
	char record[KT_RECORD_MAX + KT_PATH_LEN + NAME_SLACK];
};

#endif
