// SPDX-License-Identifier: BSD-2-Clause
#include "attribute/naming_query.h"

#include <string.h>

#include "attribute/container_place.h"
#include "attribute/runtime_table.h"

/* The cgroup of a unit itself, and everything above units, belongs to systemd, not to a container.
 */
static bool is_unit(const struct owner *owner, const char *path)
{
	const char *last = strrchr(path, '/');

	return !last || !last[1] || !strcmp(last + 1, owner->unit) ||
	       !strcmp(last + 1, owner->slice);
}

/* containerd puts a container at /NAMESPACE/ID if its client does not choose a path. */
static void read_namespace(const char *path, struct container_query *ret)
{
	const char *slash = *path == '/' ? strchr(path + 1, '/') : NULL;
	size_t size = slash ? (size_t)(slash - path - 1) : 0;

	if (size && size < sizeof(ret->namespace) && !strcmp(slash + 1, ret->id) &&
	    runtime_named(ret->runtime)->has_namespaces_in_paths)
		memcpy(ret->namespace, path + 1, size);
}

bool naming_query_make(const struct owner *owner, const char *path, struct container_query *ret)
{
	bool is_outer = owner->enclosing_id[0] && !owner->enclosing_is_node;
	const char *id = is_outer ? owner->enclosing_id : owner->container_id;
	const char *runtime = is_outer ? owner->enclosing_runtime : owner->runtime;

	memset(ret, 0, sizeof(*ret));
	(void)names_set(ret->id, sizeof(ret->id), id);
	(void)names_set(ret->pod_uid, sizeof(ret->pod_uid), owner->pod_uid);
	(void)names_set(ret->runtime, sizeof(ret->runtime), runtime);
	read_namespace(path, ret);
	if (!ret->id[0] && !ret->pod_uid[0] && !is_unit(owner, path))
		(void)names_set(ret->path, sizeof(ret->path), path);
	return container_files_may_know(ret);
}

bool naming_query_is_pods(const struct owner *owner, const struct container_query *query,
			  const struct names *names)
{
	return owner->pod_uid[0] || runtime_named(names->runtime)->has_pods_in_files ||
	       runtime_named(query->runtime)->has_pods_only;
}

bool naming_query_fits(const struct container_query *query, const struct owner *owner,
		       const char *path, const struct names *names)
{
	bool is_in_node = owner->enclosing_is_node && !strcmp(query->id, owner->container_id);

	return !names->cgroup[0] || query->path[0] ||
	       runtime_named(query->runtime)->lives_elsewhere ||
	       container_place_fits(names->cgroup, path, is_in_node ? owner->enclosing_id : "");
}
