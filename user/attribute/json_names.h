/* SPDX-License-Identifier: BSD-2-Clause */
/* Helpers of the readers of runtimes' JSON files. */
#ifndef KT_ATTRIBUTE_JSON_NAMES_H
#define KT_ATTRIBUTE_JSON_NAMES_H

#include <jansson.h>

#include "attribute/names.h"

/* Sets a member of struct names from the string of a key, if it is one, there and of a good size.
 */
#define JSON_NAMES_TAKE(names, member, object, key)                \
	((void)names_set((names)->member, sizeof((names)->member), \
			 json_string_value(json_object_get(object, key))))

static inline void json_names_cleanup(json_t **json)
{
	json_decref(*json);
}

#define AUTO_JSON __attribute__((cleanup(json_names_cleanup)))

#endif
