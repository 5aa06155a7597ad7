/* SPDX-License-Identifier: BSD-2-Clause */
/* The kernel's own count of OOM kills, to be compared with the reported ones. */
#ifndef KT_METRICS_KERNEL_OOM_H
#define KT_METRICS_KERNEL_OOM_H

#include "metrics/metrics.h"

/* Reads it from /proc/vmstat; a kernel before 4.13 does not have it. */
void kernel_oom_count(struct metrics *metrics);

#endif
