/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What low-level runtimes write about a running container: here, its cgroup.
 *
 * For paths that do not say that they are a container's: runc, crun and containerd's clients let
 * their caller choose any. Pure and total. Paths have the same form as in a death, from the root of
 * their hierarchy.
 */
#ifndef KT_ATTRIBUTE_CONTAINER_STATE_H
#define KT_ATTRIBUTE_CONTAINER_STATE_H

#include <stdbool.h>
#include <stddef.h>

/* In the v2 hierarchy and in v1's memory hierarchy; empty: none, or none that fits the buffer. */
struct container_cgroups {
	char unified[1024];
	char memory[1024];
};

/* All return false if the text is no such file, and set *ret in any case. */
bool container_state_runc(const char *text, size_t size, struct container_cgroups *ret);
bool container_state_crun(const char *text, size_t size, struct container_cgroups *ret);
/* The OCI bundle's config.json, if its path is absolute. */
bool container_state_oci(const char *text, size_t size, struct container_cgroups *ret);

bool container_cgroups_have(const struct container_cgroups *cgroups, const char *path);

#endif
