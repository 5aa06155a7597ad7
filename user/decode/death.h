/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A death as user space knows it: the wire record taken apart and checked. Plain data of fixed
 * size, no pointers; one is reused for record after record. A member is meaningful only when its
 * has_ flag (or a non-empty string) says so.
 */
#ifndef KT_DECODE_DEATH_H
#define KT_DECODE_DEATH_H

#include <stdbool.h>
#include <stdint.h>

#include "event.h"

#define SYMBOL_SIZE 128

struct kernel_stack {
	unsigned int count;
	uint64_t address[KT_KERNEL_FRAMES];
	char name[KT_KERNEL_FRAMES][SYMBOL_SIZE]; /* "function+0x1f"; empty: unknown */
};

struct death {
	uint64_t sequence;
	int64_t realtime_offset_ns;
	struct kt_record record;
	char comm[KT_COMM_LEN + 1];

	bool has_signal, has_fault, has_oom, has_rlimit, has_kernel_fault;
	struct kt_signal signal;
	struct kt_fault fault;
	struct kt_oom oom;
	struct kt_rlimit rlimit;
	struct kt_kernel_fault kernel_fault;
	char kernel_fault_name[SYMBOL_SIZE]; /* function of kernel_fault.ip; empty: unknown */

	struct kernel_stack signal_stack; /* where the deadly signal was generated */
	struct kernel_stack exit_stack;   /* of a thread that left without a signal's delivery */
	struct kernel_stack oops_stack;   /* where the kernel failed while it worked for it */
	unsigned int user_frames;
	struct kt_user_frame user_stack[KT_USER_FRAMES];

	char cgroup_path[KT_PATH_LEN];
	char memory_path[KT_PATH_LEN];
	char systemd_path[KT_PATH_LEN];
	char sender_path[KT_SIDE_PATH_LEN];
	char oom_limit_path[KT_SIDE_PATH_LEN];
	char exe[KT_NAME_LEN];

	unsigned int unknown_sections; /* of a newer kernel side: skipped */
};

#endif
