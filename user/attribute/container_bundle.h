/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Where the bundle of a container is whose names stand elsewhere (Docker's, Podman's): the bundle
 * tells its cgroup. Invariants: as container_files.h.
 */
#ifndef KT_ATTRIBUTE_CONTAINER_BUNDLE_H
#define KT_ATTRIBUTE_CONTAINER_BUNDLE_H

#include <stdint.h>

#include "attribute/names.h"
#include "attribute/node_files.h"

/* Sets names->cgroup, of the runtime names->runtime. `id` is one name, no path. */
void container_bundle_find(const struct node_files *files, const char *id, struct names *names,
			   uint64_t *unreadable);

#endif
