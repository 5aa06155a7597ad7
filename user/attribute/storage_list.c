// SPDX-License-Identifier: BSD-2-Clause
#include "attribute/storage_list.h"

#include <string.h>

#include "attribute/json_bound.h"
#include "attribute/json_names.h"

/* Podman: libpod/storage.go, RuntimeContainerMetadata */
static void take_metadata(const char *text, struct names *ret)
{
	AUTO_JSON json_t *metadata = text ? json_bound_load(text, strlen(text), JSON_BOUND_BYTES)
					  : NULL;

	JSON_NAMES_TAKE(ret, image, metadata, "image-name");
	JSON_NAMES_TAKE(ret, name, metadata, "name");
}

bool storage_list_read(const char *text, size_t size, const char *id, struct names *ret)
{
	AUTO_JSON json_t *list = json_bound_load(text, size, JSON_BOUND_LIST_BYTES);
	const json_t *container;
	size_t i;

	if (!json_is_array(list))
		return false;
	json_array_foreach(list, i, container) {
		const char *found = json_string_value(json_object_get(container, "id"));
		const json_t *called = json_object_get(container, "names");

		if (!found || strcmp(found, id) != 0)
			continue;
		take_metadata(json_string_value(json_object_get(container, "metadata")), ret);
		if (!ret->name[0])
			(void)names_set(ret->name, sizeof(ret->name),
					json_string_value(json_array_get(called, 0)));
		return true;
	}
	return true;
}
