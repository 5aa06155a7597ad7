/* SPDX-License-Identifier: BSD-2-Clause */
/* What a memory cgroup and all cgroups below it hold, from its files. */
#ifndef KT_SOURCE_LIMIT_STAT_H
#define KT_SOURCE_LIMIT_STAT_H

#include <stdint.h>

#include "event.h"

/* Reads the folder of a cgroup, of either version: fills in the figures that its files have and
 * their validity, and nothing else. */
void limit_stat_read(int cgroup_fd, struct kt_limit_memory *ret);

#endif
