/* SPDX-License-Identifier: BSD-2-Clause */
/* Helpers for reading the JSON files of runtimes. */
#ifndef KT_ATTRIBUTE_JSON_NAMES_H
#define KT_ATTRIBUTE_JSON_NAMES_H

#include <jansson.h>

#include "attribute/names.h"

/* Sets a member of struct names from the value of a key, if that is a string that fits. */
#define JSON_NAMES_TAKE(names, member, object, key)                \
	((void)names_set((names)->member, sizeof((names)->member), \
			 json_string_value(json_object_get(object, key))))

static inline void json_names_cleanup(json_t **json)
{
	json_decref(*json);
}

#define AUTO_JSON __attribute__((cleanup(json_names_cleanup)))

#endif
