// SPDX-License-Identifier: BSD-2-Clause
#include "attribute/container_state.h"

#include <string.h>

#include "attribute/json_names.h"
#include "attribute/span.h"

/* As whole components, of which there is one at least. */
static bool is_end_of(const char *end, const char *path)
{
	return end && end[0] == '/' && end[1] && path &&
	       span_ends((struct span){ path, strlen(path) }, end);
}

bool container_state_runc(const char *text, size_t size, const char *path)
{
	AUTO_JSON json_t *state = json_loadb(text, size, 0, NULL);
	const char *controller;
	json_t *value;

	json_object_foreach(json_object_get(state, "cgroup_paths"), controller, value)
		if (is_end_of(path, json_string_value(value)))
			return true;
	return false;
}

bool container_state_crun(const char *text, size_t size, const char *path)
{
	AUTO_JSON json_t *status = json_loadb(text, size, 0, NULL);

	return is_end_of(json_string_value(json_object_get(status, "cgroup-path")), path);
}

bool container_state_oci(const char *text, size_t size, const char *path)
{
	AUTO_JSON json_t *config = json_loadb(text, size, 0, NULL);
	const json_t *linux_part = json_object_get(config, "linux");

	return is_end_of(json_string_value(json_object_get(linux_part, "cgroupsPath")), path);
}
