/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Whether a cgroup path is where a container's configuration says that it is (linux.cgroupsPath).
 * Whoever may have cgroups of its own can name one after another's container; its configuration is
 * its runtime's to write.
 *
 * Two forms: a path from the root, and "SLICE:PREFIX:NAME", which is PREFIX-NAME.scope below that
 * slice, or one directory of just this name where the runtime does not ask systemd. Invariants:
 * pure and total.
 */
#ifndef KT_ATTRIBUTE_CONTAINER_PLACE_H
#define KT_ATTRIBUTE_CONTAINER_PLACE_H

#include <stdbool.h>

/* At the place or below it; in the node `node_id`, which is a container itself, if that is not "".
 */
bool container_place_fits(const char *configured, const char *path, const char *node_id);

#endif
