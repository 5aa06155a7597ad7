/* SPDX-License-Identifier: BSD-2-Clause */
/* Trees of JSON values, for records that have been read back. */
#ifndef KT_LINE_JSON_TREE_H
#define KT_LINE_JSON_TREE_H

#include <jansson.h>

/* Takes over the reference. When out of memory, the member is left out. */
void json_tree_put(json_t *object, const char *key, json_t *value);

/* One compact line of pure ASCII without control bytes, ended by a newline; to be freed by the
 * caller. NULL when out of memory. */
char *json_tree_line(const json_t *tree);

#endif
