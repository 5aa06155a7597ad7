/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a process gives up if it only reads what it is given and answers: everything.
 *
 * Best effort, except for capabilities: what a machine refuses is in *ret, and there is one fence
 * less. Children that are forked afterwards have no more than the process itself.
 */
#ifndef KT_BASE_POWERLESS_H
#define KT_BASE_POWERLESS_H

#include <stddef.h>
#include <stdint.h>

/* Fences that the machine refused. */
#define POWERLESS_OWN_UID 0x1U /* it has the user of its starter */
#define POWERLESS_NO_FILES \
	0x2U /* only its user and its system calls keep it from files (no Landlock) */
#define POWERLESS_FEW_CALLS 0x4U /* it may use any system call */

struct powerless {
	uint32_t uid;
	uint32_t refused;
};

/* More memory than it has now; descriptors, including the standard ones. */
struct powerless_limits {
	size_t memory;
	unsigned int descriptors;
};

/* User and group become one that no other process has, or stay as they are. Everything except
 * system calls, for which there is powerless_calls(). 0 or -errno: it still has capabilities then.
 */
int powerless_become(const struct powerless_limits *limits, struct powerless *ret);

/* In a list of calls: mmap() also of files, to read them. They are not copied into memory, and do
 * not count there. */
#define POWERLESS_MAP_FILES "mmap of files"

/* From now on only these system calls are allowed (NULL ends the list); mmap() only of memory that
 * RLIMIT_DATA counts and that is not code, clone() without threads and namespaces. Other calls fail
 * with ENOSYS. 0 or -errno. */
int powerless_calls(const char *const *names);

#endif
