/* SPDX-License-Identifier: BSD-2-Clause */
#include "attribute/owner.h"

#include "attribute/container_path.h"
#include "attribute/slurm_path.h"
#include "attribute/unit_path.h"

#include <string.h>

void owner_from_path(const char *path, struct owner *ret)
{
	memset(ret, 0, sizeof(*ret));
	unit_path_read(path, ret);
	container_path_read(path, ret);
	slurm_path_read(path, ret);
}

#define TAKE(ret, other, field) memcpy((ret)->field, (other)->field, sizeof((ret)->field))

#define FILL(ret, other, field)                  \
	do {                                     \
		if (!(ret)->field[0])            \
			TAKE(ret, other, field); \
	} while (0)

static void take_uid(struct owner *ret, const struct owner *other)
{
	ret->have_owner_uid = other->have_owner_uid;
	ret->owner_uid = other->owner_uid;
}

/* A path that names a unit knows its slice better than a path that ends above it. */
static void merge_units(struct owner *ret, const struct owner *other)
{
	if (!ret->unit[0] && (other->unit[0] || !ret->slice[0])) {
		TAKE(ret, other, unit);
		TAKE(ret, other, user_unit);
		TAKE(ret, other, session);
		if (other->slice[0])
			TAKE(ret, other, slice);
		if (other->have_owner_uid)
			take_uid(ret, other);
		return;
	}
	if (strcmp(ret->unit, other->unit) != 0)
		return;
	FILL(ret, other, user_unit);
	FILL(ret, other, slice);
	FILL(ret, other, session);
	if (!ret->have_owner_uid)
		take_uid(ret, other);
}

static void take_container(struct owner *ret, const struct owner *other)
{
	TAKE(ret, other, container_id);
	TAKE(ret, other, runtime);
	TAKE(ret, other, enclosing_id);
	TAKE(ret, other, enclosing_runtime);
	ret->enclosing_is_node = other->enclosing_is_node;
	ret->node_is_nested = other->node_is_nested;
}

static void take_pod(struct owner *ret, const struct owner *other)
{
	if (!other->pod_uid[0])
		return;
	TAKE(ret, other, pod_uid);
	TAKE(ret, other, qos);
}

static bool same(const char *a, const char *b)
{
	return a[0] && strcmp(a, b) == 0;
}

static bool agree(const char *a, const char *b)
{
	return !a[0] || !b[0] || strcmp(a, b) == 0;
}

/* Controllers may be delegated to different depths: one path can end where the other continues. */
static bool goes_deeper(const struct owner *other, const struct owner *ret)
{
	return same(ret->container_id, other->enclosing_id) ||
	       (!ret->container_id[0] && !ret->pod_uid[0]);
}

static void merge_container(struct owner *ret, const struct owner *other)
{
	if (!agree(ret->pod_uid, other->pod_uid))
		return;
	if (goes_deeper(other, ret)) {
		/* A machine's runtime stays if the other path has neither. */
		if (other->container_id[0] || other->pod_uid[0] || !ret->runtime[0])
			take_container(ret, other);
		take_pod(ret, other);
		return;
	}
	if (!agree(ret->container_id, other->container_id))
		return;
	if (!ret->container_id[0])
		take_container(ret, other);
	if (same(ret->container_id, other->container_id)) {
		FILL(ret, other, runtime);
		if (!ret->enclosing_id[0]) {
			ret->enclosing_is_node = other->enclosing_is_node;
			ret->node_is_nested = other->node_is_nested;
		}
		FILL(ret, other, enclosing_id);
		FILL(ret, other, enclosing_runtime);
	}
	FILL(ret, other, pod_uid);
	if (same(ret->pod_uid, other->pod_uid))
		FILL(ret, other, qos);
}

static void merge_slurm(struct owner *ret, const struct owner *other)
{
	if (ret->slurm_job[0] && !same(ret->slurm_job, other->slurm_job))
		return;
	FILL(ret, other, slurm_job);
	if (!agree(ret->slurm_step, other->slurm_step))
		return;
	FILL(ret, other, slurm_step);
	FILL(ret, other, slurm_task);
}

void owner_merge(struct owner *ret, const struct owner *other)
{
	merge_units(ret, other);
	/* a user's own part of the tree, where a cgroup may have the name of another's container */
	if (other->have_owner_uid && !ret->have_owner_uid)
		return;
	merge_container(ret, other);
	FILL(ret, other, machine);
	FILL(ret, other, podman_pod);
	merge_slurm(ret, other);
}
