// SPDX-License-Identifier: BSD-2-Clause
/* Two cgroup paths of one process, with a NUL between them, and their owner. */
#include <stdint.h>

#include "attribute/owner.h"
#include "telling.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void demand_terminated(const struct owner *owner)
{
	demand(memchr(owner->unit, 0, sizeof(owner->unit)) != NULL, "unit ends");
	demand(memchr(owner->user_unit, 0, sizeof(owner->user_unit)) != NULL, "user unit ends");
	demand(memchr(owner->slice, 0, sizeof(owner->slice)) != NULL, "slice ends");
	demand(memchr(owner->session, 0, sizeof(owner->session)) != NULL, "session ends");
	demand(memchr(owner->machine, 0, sizeof(owner->machine)) != NULL, "machine ends");
	demand(memchr(owner->container_id, 0, sizeof(owner->container_id)) != NULL, "id ends");
	demand(memchr(owner->pod_uid, 0, sizeof(owner->pod_uid)) != NULL, "pod ends");
	demand(memchr(owner->qos, 0, sizeof(owner->qos)) != NULL, "qos ends");
	demand(memchr(owner->podman_pod, 0, sizeof(owner->podman_pod)) != NULL, "podman pod ends");
	demand(memchr(owner->slurm_job, 0, sizeof(owner->slurm_job)) != NULL, "slurm job ends");
	demand(memchr(owner->slurm_step, 0, sizeof(owner->slurm_step)) != NULL, "slurm step ends");
	demand(memchr(owner->slurm_task, 0, sizeof(owner->slurm_task)) != NULL, "slurm task ends");
}

/*
 * Names are taken literally from the path. The only exception is a directory that should be a slice
 * and a scope ("SLICE:PREFIX:ID"): there a dash stands for a colon.
 */
static bool stands_at(const char *at, const char *name)
{
	while (*name && (*at == *name || (*at == ':' && *name == '-')))
		at++, name++;
	return !*name;
}

static void demand_part_of(const char *path, const char *name)
{
	while (*path && !stands_at(path, name))
		path++;
	demand(stands_at(path, name), "a name that stands in the path");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *first = malloc(size + 1), *second;
	struct owner owner, other;

	memcpy(first, data, size);
	first[size] = '\0';
	second = strlen(first) < size ? first + strlen(first) + 1 : first + size;
	owner_from_path(first, &owner);
	demand_terminated(&owner);
	demand_part_of(first, owner.user_unit);
	demand_part_of(first, owner.container_id);
	demand_part_of(first, owner.enclosing_id);
	owner_from_path(second, &other);
	owner_merge(&owner, &other);
	demand_terminated(&owner);
	free(first);
	return 0;
}
