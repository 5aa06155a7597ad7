/* SPDX-License-Identifier: BSD-2-Clause */
/* Removes everything that is pinned. */
#ifndef KT_SOURCE_UNPIN_H
#define KT_SOURCE_UNPIN_H

#include <stdint.h>
#include <sys/types.h>

/* 0, with the number of unread records in *ret_waiting; -ENOENT: nothing is pinned there; -EBUSY: a
 * process reads it, and *ret_pid is its pid (0: unknown); or -errno. */
int unpin(const char *path, uint64_t *ret_waiting, pid_t *ret_pid);

#endif
