/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Containers whose cgroup path does not say so, found by the files of their runtime.
 *
 * A runtime's folder for a container is named after its id, and usually the last part of its
 * cgroup's path is, too. Such a folder alone proves nothing: a file in it must name exactly this
 * path.
 *
 * Invariants: as container_files.h, of which this is a part.
 */
#ifndef KT_ATTRIBUTE_CONTAINER_CLAIMS_H
#define KT_ATTRIBUTE_CONTAINER_CLAIMS_H

#include <stdint.h>

#include "attribute/names.h"
#include "attribute/node_files.h"

/* Sets id and runtime, and the names that are in the same file; nothing if no runtime claims it. */
void container_claims_find(const struct node_files *files, const char *cgroup, struct names *ret,
			   uint64_t *unreadable);

/* Learns about a container that has begun, in case its runtime forgets it at its death: calls
 * `learn` for each of its cgroups. The ids of containerd are left out, since their folders stay. */
void container_claims_learn(const struct node_files *files, const char *id,
			    void (*learn)(void *context, const char *cgroup,
					  const struct names *names),
			    void *context, uint64_t *unreadable);

/* Where a folder appears for a new container; index from 0, NULL at the end. */
const char *container_claims_watched(unsigned int index);

#endif
