/* SPDX-License-Identifier: BSD-2-Clause */
/* What the kernel counts of our losses: the sums of our per-CPU counters, and its own counters of
 * our programs. */
#ifndef KT_SOURCE_LOST_MAP_H
#define KT_SOURCE_LOST_MAP_H

#include <stdint.h>

#include "source/losses.h"

/* The sum of one counter of such a map; `*ret` is untouched if it cannot be read. */
void lost_map_sum_one(int fd, uint32_t key, uint64_t *ret);

/* How often the kernel skipped a program because it was still running there; 0 if it does not count
 * (up to 5.11). */
uint64_t lost_runs(int program_fd);

/* Of the map `lost`: the losses that are counted in the kernel. An older build knows fewer reasons.
 */
void lost_map_sum(int fd, struct losses *ret);

#endif
