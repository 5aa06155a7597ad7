/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Names for the ids in cgroup paths, without ever blocking an event.
 *
 * A thread of its own reads the files, since a file system can hang. A question waits for it only a
 * moment, and not at all once it has been hanging for a second. The thread also watches for new
 * containers and reads their files then, so that the names are known even if a container ends at
 * once.
 *
 * Ownership: naming_start() gives an object to be freed with naming_stop(). One thread may ask.
 * Invariants: bounded in memory; wakes up for a question or a new container, never by itself.
 */
#ifndef KT_ATTRIBUTE_NAMING_H
#define KT_ATTRIBUTE_NAMING_H

#include <stdint.h>

#include "attribute/names.h"
#include "attribute/owner.h"
#include "source/losses.h"

struct naming;
struct parser;

/* Both only grow. */
struct naming_troubles {
	uint64_t unreadable; /* files that were there but could not be read or were invalid */
	uint64_t late;       /* questions that were not answered in time */
};

/* Reads below `host_root` (NULL: "/"), through `parser`, which then belongs to it (NULL: reads
 * directly), and waits a second at most until it is ready. 0 or -errno. */
int naming_start(const char *host_root, struct parser *parser, struct naming **ret);

/* NULL is fine. Does not wait for a thread that hangs: the thread is left behind. */
void naming_stop(struct naming *naming);

/* The questions for one event follow. Together they wait no longer than one event may. NULL is
 * fine. */
void naming_begin(struct naming *naming);

/*
 * What is known of the owner's container and its pod. If the path continues within that container,
 * it is the one around it (owner.enclosing_id). If the owner has neither, a container that lives at
 * `path` is looked for (names.id). In a node that is a container itself, the result is the pod's
 * container (names.id) if we are in that node, too, and the node if we are not. All is empty if
 * nothing is known, and for a user's own subtree, where a cgroup can be named after another's
 * container.
 */
void naming_find(struct naming *naming, const struct owner *owner, const char *path,
		 struct names *ret);

/* How long an event waits from now on, instead of a twentieth of a second: for callers that need
 * the names, however busy the machine is. */
void naming_set_patience(struct naming *naming, uint64_t ns);

void naming_read_troubles(struct naming *naming, struct naming_troubles *ret);

/* What is new since *seen, which is brought up to date; nothing if naming is NULL. */
void naming_fresh_losses(struct naming *naming, struct naming_troubles *seen, struct losses *ret);

#endif
