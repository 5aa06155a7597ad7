/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A cgroup that lives as long as one victim: no service is accused of its death, and no limit but
 * its own is touched. It is made at the top of each hierarchy that killtrace reports.
 *
 * Ownership: whoever made the place removes it, after the victim was reaped.
 */
#ifndef KT_PROVOKE_PLACE_H
#define KT_PROVOKE_PLACE_H

#include <stdbool.h>
#include <stddef.h>

#define PLACE_PATH 256
#define PLACES 2 /* v2, and the memory controller's v1 */
#define PLACE_LIMIT (16U << 20)

enum place_failure {
	PLACE_NO_FOLDER = 1, /* errno says why */
	PLACE_NO_MEMORY,     /* no memory controller for new cgroups */
	PLACE_NO_KILL,       /* no cgroup.kill */
};

/* All zero: there is none. */
struct place {
	char path[PLACES][PLACE_PATH]; /* "": not in this hierarchy, which is not mounted */
};

struct place_needs {
	bool memory_limit; /* of PLACE_LIMIT bytes, without swap */
	bool kill;         /* cgroup.kill, since Linux 5.14 */
};

/* 0 or -enum place_failure: nothing is left then. */
int place_make(struct place *ret, const struct place_needs *needs);

/* Puts the calling process into it. Only calls that a child may use after a fork. */
bool place_enter(const struct place *place);

/* Kills everything in it. 0 or -errno. */
int place_kill(const struct place *place);

/* True if nothing is left. Waits for a process that was just reaped and may still be leaving. */
bool place_remove(struct place *place);

#endif
