/* SPDX-License-Identifier: BSD-2-Clause */
/* Takes away all that is pinned. */
#ifndef KT_SOURCE_UNPIN_H
#define KT_SOURCE_UNPIN_H

#include <stdint.h>
#include <sys/types.h>

/* 0, and in *ret_waiting how many records nobody had read; -ENOENT: nothing is pinned there; -EBUSY:
 * somebody reads it, and *ret_pid is who (0: unknown); or -errno. */
int unpin(const char *path, uint64_t *ret_waiting, pid_t *ret_pid);

#endif
