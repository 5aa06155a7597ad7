/* SPDX-License-Identifier: BSD-2-Clause */
/* One writer at a time: a lock beside a file, which goes with the process. Depends on nothing. */
#ifndef KT_BASE_LOCK_H
#define KT_BASE_LOCK_H

#include <sys/types.h>

/*
 * Takes the lock "PATH.lock", or DIR/.killtrace.lock of a folder, and keeps it until the process
 * ends. 0; -EBUSY: it is taken, and *ret_pid is by whom (0: unknown), which may be this very
 * process; or -errno: there can be no such file, which is no reason not to go on. One thread at a
 * time.
 */
int lock_beside(const char *path, pid_t *ret_pid);

/* Who holds the flock(2) of an open file, as the kernel tells everybody; 0: nobody who can be seen.
 */
pid_t lock_holder(int fd);

#endif
