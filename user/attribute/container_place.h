/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Whether a cgroup path is where a container's configuration says that it is (linux.cgroupsPath). A
 * process that may have cgroups of its own can name one after another's container, but only the
 * runtime can write the configuration.
 *
 * Two forms: a path from the root, and "SLICE:PREFIX:NAME". The second is PREFIX-NAME.scope below
 * that slice, or one directory of just this name if the runtime does not ask systemd. Invariants:
 * pure and total.
 */
#ifndef KT_ATTRIBUTE_CONTAINER_PLACE_H
#define KT_ATTRIBUTE_CONTAINER_PLACE_H

#include <stdbool.h>

/* At the place or below it. If `node_id` is not "", the place is in that node, which is a container
 * itself. */
bool container_place_fits(const char *configured, const char *path, const char *node_id);

#endif
