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

	bool has_signal, has_fault, has_oom, has_rlimit, has_kernel_fault, has_trapped_call;
	bool has_handler_fault; /* deadly, in the handler of `fault`, or of `own_abort` */
	bool has_own_abort; /* also as `signal`: it ended in the handler of that (decode/root.h) */
	struct kt_signal signal;
	/* `signal` is the signal that a handler took before it raised `raise`, or ended the process
	 * (decode/root.h) */
	bool is_echo, has_raise;
	struct kt_signal raise;
	struct kt_fault fault, handler_fault;
	bool has_bus; /* only with a fault of SIGBUS */
	struct kt_bus_error bus;
	bool has_fault_build_id; /* only with KT_FAULT_HAS_MODULE */
	uint8_t fault_build_id[KT_BUILD_ID_LEN];
	struct kt_oom oom;
	/* what filled the limit: at the kill, and soon after it; `source` is 0 if it is not known
	 */
	struct kt_limit_memory limit_counters, limit_files;
	unsigned int limit_top_count; /* largest first */
	struct kt_process_memory limit_top[KT_LIMIT_TOP];
	struct kt_rlimit rlimit;
	struct kt_trapped_call trapped_call;
	struct kt_own_abort own_abort;
	struct kt_kernel_fault kernel_fault;
	char kernel_fault_name[SYMBOL_SIZE]; /* function of kernel_fault.ip; empty: unknown */

	unsigned int user_frames;
	struct kt_user_frame user_stack[KT_USER_FRAMES];

	/* oldest first; a path is empty if it is not known */
	unsigned int prior_count;
	struct kt_prior_signal prior[KT_PRIOR_SIGNALS];

	unsigned int unknown_sections; /* of a newer kernel side: skipped */

	/* Large, and mostly empty: only the beginning of each is cleared. Of a stack what is beyond
	 * its count means nothing. */
	struct kernel_stack signal_stack; /* where the deadly signal was generated */
	struct kernel_stack exit_stack;   /* of a thread that left without a signal's delivery */
	struct kernel_stack oops_stack;   /* where the kernel failed while it ran for this thread */
	char prior_path[KT_PRIOR_SIGNALS][KT_SIDE_PATH_LEN];

	char cgroup_path[KT_PATH_LEN];
	char memory_path[KT_PATH_LEN];
	char systemd_path[KT_PATH_LEN];
	char sender_path[KT_SIDE_PATH_LEN];
	char sender_memory_path[KT_SIDE_PATH_LEN]; /* v1 only */
	char sender_exe[KT_NAME_LEN];
	char oom_limit_path[KT_SIDE_PATH_LEN];
	char exe[KT_NAME_LEN];
};

#endif
