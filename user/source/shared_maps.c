// SPDX-License-Identifier: BSD-2-Clause
#include "source/shared_maps.h"

#include <string.h>

int shared_maps_take(const struct bpf_object *owner, const struct bpf_object *guest)
{
	struct bpf_map *map;

	bpf_object__for_each_map(map, guest) {
		struct bpf_map *theirs = bpf_object__find_map_by_name(owner, bpf_map__name(map));
		int error;

		if (bpf_map__is_internal(map) || !theirs ||
		    !strcmp(bpf_map__name(map), "exit_scratches"))
			continue;
		error = bpf_map__reuse_fd(map, bpf_map__fd(theirs));
		if (error)
			return error;
	}
	return 0;
}
