/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Finds the bundle of a container whose names are elsewhere (Docker's, Podman's): the bundle has
 * its cgroup. Invariants: as container_files.h.
 */
#ifndef KT_ATTRIBUTE_CONTAINER_BUNDLE_H
#define KT_ATTRIBUTE_CONTAINER_BUNDLE_H

#include <stdint.h>

#include "attribute/names.h"
#include "attribute/node_files.h"

/* Sets names->cgroup for the runtime names->runtime. `id` is a name, not a path. */
void container_bundle_find(const struct node_files *files, const char *id, struct names *names,
			   uint64_t *unreadable);

#endif
