/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Whose a process was, read from its cgroup path alone.
 *
 * Purpose: turn a cgroup path into the systemd unit, session, machine, container and pod it names.
 * Ownership: the caller owns the struct; nothing is allocated and nothing is kept.
 * Invariants: pure and total. Any NUL-terminated bytes are taken, nothing outside the string is
 * read, every field is NUL-terminated, and a name that does not fit or is not of the expected form
 * is left out whole: a shortened id could be another container's.
 * Depends on: libc string functions only.
 *
 * Whoever may create cgroups in a delegated subtree may name them as they like, so names below a
 * unit are claims of that unit. The unit itself is systemd's word.
 */
#ifndef KT_ATTRIBUTE_OWNER_H
#define KT_ATTRIBUTE_OWNER_H

#include <stdbool.h>
#include <stdint.h>

/* An empty string means unknown. */
struct owner {
	/* As systemd sees it from the root: the first unit below the slices, none further down. */
	char unit[256];
	/* The unit of the user manager (or session) that `unit` is. */
	char user_unit[256];
	/* The last of the leading slices; empty for the root slice. */
	char slice[256];
	char session[64];
	bool have_owner_uid;
	uint32_t owner_uid;
	/* Registered machine: nspawn container or virtual machine, unescaped. */
	char machine[65];
	/* Innermost container: its id, or its name where the paths carry names (LXC, ctr). */
	char container_id[129];
	/* Of container_id, else of machine; empty where a path of this form has several makers. */
	char runtime[24];
	/* The next container outwards: the node of a kind cluster, the pod's own with dind. */
	char enclosing_id[129];
	char enclosing_runtime[24];
	/* The former: pod_uid is of a pod within it, and container_id of that pod. */
	bool enclosing_is_node;
	/* And the node is itself in another container. */
	bool node_is_nested;
	/*
	 * Outermost Kubernetes pod, with dashes. A static pod's is the undashed hash of its
	 * manifest, which is not the uid the API server shows for its mirror pod.
	 */
	char pod_uid[64];
	/* "guaranteed", "burstable", "besteffort". */
	char qos[16];
	/* Podman's own pods, which are not Kubernetes'. */
	char podman_pod[65];
	/* Of a job of Slurm: its number, and what of it this is, as Slurm's own tools have them. */
	char slurm_job[24];
	char slurm_step[24];
	char slurm_task[24];
};

void owner_from_path(const char *path, struct owner *ret);

/*
 * Adds what a second path of the same process knows (cgroup v1 and hybrid: the memory path, then
 * the systemd one). Fields are taken over in groups, so that no pod is ever paired with a container
 * of another; where the paths contradict each other, the first keeps its word.
 */
void owner_merge(struct owner *ret, const struct owner *other);

#endif
