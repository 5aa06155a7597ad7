/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The types of an arm64 kernel that bpf/ names: those of x86-64, and flavours of the few that are
 * another thing on arm64. Written by hand: README.md beside this file says why that is enough.
 */
#ifndef KT_VMLINUX_ARM64_H
#define KT_VMLINUX_ARM64_H

#include "../x86/vmlinux.h"

/* arch/arm64/include/asm/ptrace.h */
struct pt_regs___on_arm64 {
	__u64 sp;
	__u64 pc;
	__u64 orig_x0;
	__s32 syscallno;
} __attribute__((preserve_access_index));

/* arch/arm64/include/asm/processor.h */
struct thread_struct___on_arm64 {
	unsigned long fault_address;
	unsigned long fault_code;
} __attribute__((preserve_access_index));

struct task_struct___on_arm64 {
	struct thread_struct___on_arm64 thread;
} __attribute__((preserve_access_index));

#endif
