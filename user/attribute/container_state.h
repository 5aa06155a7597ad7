/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Whether a container's own state says that it lives in a cgroup: for runtimes that put containers
 * wherever they are told to, so that the path alone does not say that it is one's.
 *
 * Invariants: as oci_config.h. `path` is a process's cgroup path from the host's root.
 */
#ifndef KT_ATTRIBUTE_CONTAINER_STATE_H
#define KT_ATTRIBUTE_CONTAINER_STATE_H

#include <stdbool.h>
#include <stddef.h>

/* runc and youki: state.json. On cgroup v1 it has a path for each controller. */
bool container_state_runc(const char *text, size_t size, const char *path);

/* crun: status. One path, on v1 without what the memory controller's has above it. */
bool container_state_crun(const char *text, size_t size, const char *path);

/* containerd: the bundle's config.json. */
bool container_state_oci(const char *text, size_t size, const char *path);

#endif
