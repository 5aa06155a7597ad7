/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The owner of a process, read from its cgroup path alone.
 *
 * Purpose: turn a cgroup path into the systemd unit, session, machine, container and pod it names.
 * Ownership: the caller owns the struct; nothing is allocated and nothing is kept.
 * Invariants: pure and total. Any NUL-terminated bytes are accepted, nothing outside the string is
 * read, and every field is NUL-terminated. A name that does not fit or does not have the expected
 * form is left out: a shortened id could be another container's.
 * Depends on: libc string functions only.
 *
 * A process that may create cgroups in a delegated subtree can give them any name, so names below a
 * unit are claims of that unit. The name of the unit itself comes from systemd.
 */
#ifndef KT_ATTRIBUTE_OWNER_H
#define KT_ATTRIBUTE_OWNER_H

#include <stdbool.h>
#include <stdint.h>

/* An empty string means unknown. */
struct owner {
	/* As systemd sees it from the root: the first unit below the slices, not one further down.
	 */
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
	/* Innermost container: its id, or its name if paths have names (LXC, ctr). */
	char container_id[129];
	/* Of container_id, else of machine; empty if several runtimes use this form of path. */
	char runtime[24];
	/* The next container outwards: the node of a kind cluster, the pod's own with dind. */
	char enclosing_id[129];
	char enclosing_runtime[24];
	/* The former: pod_uid is of a pod within it, and container_id is of that pod. */
	bool enclosing_is_node;
	/* The node itself is in another container, too. */
	bool node_is_nested;
	/*
	 * Outermost Kubernetes pod, with dashes. For a static pod it is the undashed hash of its
	 * manifest, which is not the uid that the API server shows for its mirror pod.
	 */
	char pod_uid[64];
	/* "guaranteed", "burstable", "besteffort". */
	char qos[16];
	/* Podman's own pods, which are not Kubernetes'. */
	char podman_pod[65];
	/* Of a Slurm job: its number and the part of the job, as Slurm's own tools name them. */
	char slurm_job[24];
	char slurm_step[24];
	char slurm_task[24];
};

void owner_from_path(const char *path, struct owner *ret);

/*
 * Adds what a second path of the same process says (cgroup v1 and hybrid: the memory path, then the
 * systemd one). Fields are taken over in groups, so that a pod is never paired with a container of
 * another pod. If the paths contradict each other, the first one wins.
 */
void owner_merge(struct owner *ret, const struct owner *other);

#endif
