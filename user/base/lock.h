/* SPDX-License-Identifier: BSD-2-Clause */
/* One writer at a time: a lock beside a file, which ends with the process. Depends on nothing. */
#ifndef KT_BASE_LOCK_H
#define KT_BASE_LOCK_H

#include <sys/types.h>

/*
 * Takes the lock "PATH.lock", or DIR/.killtrace.lock for a folder, and keeps it until the process
 * ends. 0; -EBUSY: it is taken, and *ret_pid is the pid of its holder (0: unknown), which may be
 * this process; or -errno: there can be no such file, which is no reason to stop. One thread at a
 * time.
 */
int lock_beside(const char *path, pid_t *ret_pid);

/* The process that holds the flock(2) of an open file, as the kernel shows it to all users; 0: none
 * is visible. */
pid_t lock_holder(int fd);

#endif
