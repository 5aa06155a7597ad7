/* SPDX-License-Identifier: BSD-2-Clause */
/* The processes of a cgroup, and of those below it, that hold most memory. */
#ifndef KT_SOURCE_LIMIT_TOP_H
#define KT_SOURCE_LIMIT_TOP_H

#include <stdint.h>

#include "event.h"

/*
 * From the folders of the cgroup and of procfs, which has to be that of the initial pid namespace.
 * Returns how many are in *ret, largest first. -1: there are too many of them, one cannot be read,
 * or it takes longer than until that time (CLOCK_BOOTTIME); *ret means nothing then.
 */
int limit_top_read(int cgroup_fd, int proc_fd, uint64_t until_ns,
		   struct kt_process_memory ret[KT_LIMIT_TOP]);

#endif
