/* SPDX-License-Identifier: BSD-2-Clause */
/* Sums of the kernel side's per-CPU counters. */
#ifndef KT_SOURCE_LOST_MAP_H
#define KT_SOURCE_LOST_MAP_H

#include <stdint.h>

#include "source/losses.h"

/* The sum of one counter of such a map; `*ret` is untouched when it cannot be read. */
void lost_map_sum_one(int fd, uint32_t key, uint64_t *ret);

/* Of the map `lost`: the reasons that are counted in the kernel; a build that is older knows fewer. */
void lost_map_sum(int fd, struct losses *ret);

#endif
