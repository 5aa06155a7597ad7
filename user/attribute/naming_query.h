/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The question about the owner of a cgroup, and how much of the answer can be trusted: any user can
 * name a cgroup after another's container.
 *
 * Invariants: pure functions.
 */
#ifndef KT_ATTRIBUTE_NAMING_QUERY_H
#define KT_ATTRIBUTE_NAMING_QUERY_H

#include "attribute/container_files.h"
#include "attribute/owner.h"

/* The question about the innermost container at `path` that has files here. False: there is nothing
 * to ask. */
bool naming_query_make(const struct owner *owner, const char *path, struct container_query *ret);

/*
 * Whether the pod in the names can be trusted. An image's labels are beside cri-dockerd's, and
 * Podman copies an image's annotations to where CRI-O has its own: for these two the path must also
 * say that it is a pod. containerd keeps the kubelet's apart.
 */
bool naming_query_is_pods(const struct owner *owner, const struct container_query *query,
			  const struct names *names);

/*
 * Whether the container is configured to live at `path`. If not, a cgroup was named after another's
 * container, and the id alone is better than the names of that container. What Kata runs on the
 * host is not where the container's configuration says.
 */
bool naming_query_fits(const struct container_query *query, const struct owner *owner,
		       const char *path, const struct names *names);

#endif
