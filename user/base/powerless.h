/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a process gives up that only reads what it is handed and answers: everything.
 *
 * Best effort, except for capabilities: what a machine refuses is in *ret, and there is one fence
 * less. What is forked afterwards has no more than the process itself.
 */
#ifndef KT_BASE_POWERLESS_H
#define KT_BASE_POWERLESS_H

#include <stddef.h>
#include <stdint.h>

/* Fences that the machine refused. */
#define POWERLESS_OWN_UID 0x1U /* it has the user of who started it */
#define POWERLESS_NO_FILES \
	0x2U /* only its user and its system calls keep it from files (no Landlock) */
#define POWERLESS_FEW_CALLS 0x4U /* it may use any system call */

struct powerless {
	uint32_t uid;
	uint32_t refused;
};

/* More memory than it has now; descriptors, standard ones included. */
struct powerless_limits {
	size_t memory;
	unsigned int descriptors;
};

/* User and group become one that nobody else has, or remain what they are. All but system calls,
 * for which powerless_calls() is. 0 or -errno: then it still has capabilities. */
int powerless_become(const struct powerless_limits *limits, struct powerless *ret);

/* From now on only these system calls (NULL ends them); mmap() only of memory that
 * RLIMIT_DATA counts and that is no code, clone() without threads and namespaces. The others are
 * answered with ENOSYS. 0 or -errno. */
int powerless_calls(const char *const *names);

#endif
