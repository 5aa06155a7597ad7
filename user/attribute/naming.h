/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Names for the ids that cgroup paths hold, without ever holding up an event.
 *
 * A thread of its own reads the files, since a file system can hang. Whoever asks waits for it a
 * moment at most, and not at all once it has been hanging for a second. It also watches for
 * containers that begin and reads their files then, so that the names of one that is gone at once
 * are known.
 *
 * Ownership: naming_start() gives an object to be freed with naming_stop(). One thread may ask.
 * Invariants: bounded in memory; wakes up when asked or when a container begins, never by itself.
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
	uint64_t unreadable; /* files that were there and could not be read, or were no such files
			      */
	uint64_t late;       /* questions that were not answered in time */
};

/* Reads below `host_root` (NULL: "/"), by way of `parser`, which is its own then (NULL: by itself),
 * and waits a second at most until it is ready to. 0 or -errno. */
int naming_start(const char *host_root, struct parser *parser, struct naming **ret);

/* NULL is fine. Does not wait for a thread that hangs: it is left behind. */
void naming_stop(struct naming *naming);

/* The questions for one event follow, which together wait no longer than one may. NULL is fine. */
void naming_begin(struct naming *naming);

/*
 * What is known of the owner's container, or of the one around it where the path goes on within
 * (owner.enclosing_id), and of its pod; where the owner has neither, of a container that lives at
 * `path` (names.id). In a node that is a container itself it is the pod's container (names.id) if
 * we are in that node, too, and the node if we are not. All empty where nothing is known, and for
 * what lies in a user's own subtree, where everybody can name a cgroup after another's container.
 */
void naming_find(struct naming *naming, const struct owner *owner, const char *path,
		 struct names *ret);

/* How long an event waits from now on, instead of a twentieth of a second: for who has to have the
 * names, however busy the machine is. */
void naming_set_patience(struct naming *naming, uint64_t ns);

void naming_read_troubles(struct naming *naming, struct naming_troubles *ret);

/* What of it is new since *seen, which is brought up to date; nothing where naming is NULL. */
void naming_fresh_losses(struct naming *naming, struct naming_troubles *seen, struct losses *ret);

#endif
