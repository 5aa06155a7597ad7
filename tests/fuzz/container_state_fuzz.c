// SPDX-License-Identifier: BSD-2-Clause
/* State files of runc, crun and containerd about a running container. */
#include <stdint.h>

#include "attribute/container_state.h"
#include "telling.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void demand_path(const char *path, size_t size)
{
	demand(memchr(path, '\0', size) != NULL, "a string");
	demand(!*path || (path[0] == '/' && path[1]), "a path below the root, or none");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	bool (*const readers[])(const char *, size_t, struct container_cgroups *) = {
		container_state_runc, container_state_crun, container_state_oci
	};

	for (size_t i = 0; i < sizeof(readers) / sizeof(readers[0]); i++) {
		char *text = malloc(size ? size : 1);
		struct container_cgroups cgroups;
		bool is_file;

		memcpy(text, data, size);
		is_file = readers[i](text, size, &cgroups);
		demand_path(cgroups.unified, sizeof(cgroups.unified));
		demand_path(cgroups.memory, sizeof(cgroups.memory));
		demand(is_file || (!*cgroups.unified && !*cgroups.memory),
		       "none from no such file");
		demand(!container_cgroups_have(&cgroups, ""), "no path is nobody's");
		free(text);
	}
	return 0;
}
