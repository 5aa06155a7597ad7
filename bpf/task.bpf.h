/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Reading tasks: identity, names. */
#ifndef KT_TASK_BPF_H
#define KT_TASK_BPF_H

#include "direct.bpf.h"
#include "maps.bpf.h"
#include <bpf/bpf_core_read.h>

/* include/linux/sched.h and sched/signal.h, the same from 5.8 to 7.2 */
#define TASK_EXITING 0x00000004       /* PF_EXITING */
#define TASK_NEVER_EXECED 0x00000040  /* PF_FORKNOEXEC */
#define TASK_SIGNALED 0x00000400      /* PF_SIGNALED */
#define TASK_KERNEL_THREAD 0x00200000 /* PF_KTHREAD */
#define GROUP_EXIT 0x00000004         /* SIGNAL_GROUP_EXIT */

static __always_inline void task_group_key(struct task_struct *task, struct group_key *ret)
{
	const bool own = is_own_task(task);

	ret->tgid = (__u32)TASK_READ(own, task, tgid);
	ret->reserved = 0;
	ret->start_ns = BPF_CORE_READ(task, group_leader, start_boottime);
}

/* In the innermost namespace of process ids; 0: not known, such as after it was reaped
 * (__unhash_process()). */
static __always_inline __u32 task_ns_pid(struct task_struct *task)
{
	struct pid *pid = BPF_CORE_READ(task, thread_pid);
	struct upid *upid;

	if (!pid)
		return 0;
	upid = (void *)pid + bpf_core_field_offset(struct pid, numbers) +
	       BPF_CORE_READ(pid, level) * bpf_core_type_size(struct upid);
	return (__u32)BPF_CORE_READ(upid, nr);
}

/* `dst` is to be zeroed: comm's tail is not. */
static __always_inline void task_read_comm(char *dst, struct task_struct *task)
{
	bpf_probe_read_kernel_str(dst, KT_COMM_LEN, &task->comm);
}

/* Base name of a file; bytes with NUL, 0 if unknown. `dst` has KT_NAME_LEN bytes and is zeroed. */
static __always_inline __u32 file_read_name(char *dst, struct file *file)
{
	const unsigned char *name;
	long bytes;

	if (!file)
		return 0;
	name = BPF_CORE_READ(file, f_path.dentry, d_name.name);
	bytes = bpf_probe_read_kernel_str(dst, KT_NAME_LEN, name);
	return bytes > 1 ? (__u32)bytes : 0;
}

/* A kernel thread can have borrowed the memory of a program (kthread_use_mm()). */
static __always_inline __u32 task_read_exe(char *dst, struct task_struct *task)
{
	struct mm_struct *mm = BPF_CORE_READ(task, mm);

	if (!mm || (BPF_CORE_READ(task, flags) & TASK_KERNEL_THREAD))
		return 0;
	return file_read_name(dst, BPF_CORE_READ(mm, exe_file));
}

#define FILE_TYPE 0170000 /* S_IFMT, include/uapi/linux/stat.h */
#define FILE_IS_PIPE 0010000
#define FILE_IS_REGULAR 0100000
#define FILE_IS_SOCKET 0140000

/* S_IFMT of what an open descriptor of the current task stands for; 0: unknown. */
static __always_inline __u32 task_file_type(struct task_struct *task, __u64 fd)
{
	struct fdtable *table = BPF_CORE_READ(task, files, fdt);
	struct file **files, *file = 0;

	if (!table || fd >= BPF_CORE_READ(table, max_fds))
		return 0;
	files = BPF_CORE_READ(table, fd);
	if (bpf_probe_read_kernel(&file, sizeof(file), files + fd) || !file)
		return 0;
	return BPF_CORE_READ(file, f_inode, i_mode) & FILE_TYPE;
}

/* Frames are separate from their count so that the size given to the helper is a constant. */
static __always_inline void read_kernel_stack(void *ctx, struct stack *ret)
{
	long bytes = bpf_get_stack(ctx, ret->frames, sizeof(ret->frames), 0);

	ret->bytes = bytes > 0 && bytes <= (long)sizeof(ret->frames) ? (__u32)bytes : 0;
}

#endif
