/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Programs that kill on behalf of others, and what it means if one of them is the sender. A name
 * alone identifies no program, since any process may choose it: the place counts too.
 */
#ifndef KT_EXPLAIN_KILLER_H
#define KT_EXPLAIN_KILLER_H

#include <stdbool.h>

#include "attribute/owner.h"
#include "decode/death.h"

enum killer {
	KILLER_ANYBODY,
	KILLER_OOM_DAEMON,        /* frees memory before the kernel has to */
	KILLER_SERVICE_MANAGER,   /* systemd: of the system, or a user's */
	KILLER_CONTAINER_RUNTIME, /* does what the kubelet or a user in a shell orders */
};

/* By the name and the whole path: in its own subtree a user can make units of any name. */
bool killer_is_oom_daemon(const struct death *death);

/* By the name, if the path is not known. */
bool killer_may_be_oom_daemon(const struct death *death);

/* `sender` is the owner of the sender's cgroup, `victim` of the victim's. */
enum killer killer_of(const struct death *death, const struct owner *sender,
		      const struct owner *victim);

/* Whether a container runtime's program has this name (of a thread or a file): this proves nothing.
 */
bool killer_is_runtime_name(const char *name);

/* The name in JSON; NULL for other programs. */
const char *killer_name(enum killer killer);

/* A clause for people; NULL for other programs, and if the cause says everything. */
const char *killer_meaning(enum killer killer);

#endif
