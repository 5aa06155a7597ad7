/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Where a running agent writes, as its own command line says. Paths are those that it sees. They
 * are opened below its root: an agent in a container or with mounts of its own is found too.
 *
 * Ownership: agent_done() frees everything. All zero: nothing is known.
 */
#ifndef KT_PROVOKE_AGENT_H
#define KT_PROVOKE_AGENT_H

#include <stdbool.h>
#include <sys/types.h>

struct agent_place {
	char *name; /* as the agent has it; NULL: it does not write there */
	char *path; /* where this process finds it */
};

struct agent {
	int root_fd, folder_fd; /* its root and working directory; unset if there is no place */
	struct agent_place history, textfile, json;
	bool journal, otlp;
};

/* To be called before privileges are given up. 0 or -errno. */
int agent_read(pid_t pid, struct agent *ret);

/* Places that the user names, found from here; NULL: the agent's stays. False: out of memory. */
bool agent_set(struct agent_place *place, const char *path);

void agent_done(struct agent *agent);

#endif
