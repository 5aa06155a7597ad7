// SPDX-License-Identifier: BSD-2-Clause
#include "attribute/container_state.h"

#include <string.h>

#include "attribute/json_bound.h"
#include "attribute/json_names.h"

#define MOUNTED "/sys/fs/cgroup"
#define UNIFIED "/unified"

static void set(char *ret, size_t size, const char *path)
{
	/* the root belongs to no container */
	if (path && path[0] == '/' && path[1])
		(void)names_set(ret, size, path);
}

static const char *below(const char *path, const char *folder)
{
	size_t length = strlen(folder);

	return path && !strncmp(path, folder, length) && path[length] == '/' ? path + length : NULL;
}

/* libcontainer/container_linux.go, State: by name of the controller, "" for v2, with the folder
 * where the hierarchy is mounted; that of v1's memory may be "memory" or "cpu,memory". */
bool container_state_runc(const char *text, size_t size, struct container_cgroups *ret)
{
	AUTO_JSON json_t *state = json_bound_load(text, size, JSON_BOUND_BYTES);
	const json_t *places = json_object_get(state, "cgroup_paths");
	const char *unified = below(json_string_value(json_object_get(places, "")), MOUNTED);
	const char *memory = below(json_string_value(json_object_get(places, "memory")), MOUNTED);
	const char *hybrid = below(unified, UNIFIED);

	memset(ret, 0, sizeof(*ret));
	set(ret->unified, sizeof(ret->unified), hybrid ? hybrid : unified);
	set(ret->memory, sizeof(ret->memory), memory ? strchr(memory + 1, '/') : NULL);
	return json_is_object(state);
}

/* crun and OCI bundles have one path for all hierarchies. */
static void set_both(struct container_cgroups *ret, const json_t *path)
{
	memset(ret, 0, sizeof(*ret));
	set(ret->unified, sizeof(ret->unified), json_string_value(path));
	set(ret->memory, sizeof(ret->memory), json_string_value(path));
}

/* src/libcrun/status.c */
bool container_state_crun(const char *text, size_t size, struct container_cgroups *ret)
{
	AUTO_JSON json_t *status = json_bound_load(text, size, JSON_BOUND_BYTES);

	set_both(ret, json_object_get(status, "cgroup-path"));
	return json_is_object(status);
}

bool container_state_oci(const char *text, size_t size, struct container_cgroups *ret)
{
	AUTO_JSON json_t *config = json_bound_load(text, size, JSON_BOUND_BYTES);

	set_both(ret, json_object_get(json_object_get(config, "linux"), "cgroupsPath"));
	return json_is_object(config);
}

bool container_cgroups_have(const struct container_cgroups *cgroups, const char *path)
{
	return *path && (!strcmp(cgroups->unified, path) || !strcmp(cgroups->memory, path));
}
