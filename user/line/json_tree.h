/* SPDX-License-Identifier: BSD-2-Clause */
/* Trees of JSON values, where something is made of a record that has been read back. */
#ifndef KT_LINE_JSON_TREE_H
#define KT_LINE_JSON_TREE_H

#include <jansson.h>

/* Takes the reference. Out of memory, a member stays out. */
void json_tree_put(json_t *object, const char *key, json_t *value);

/* One compact line of pure ASCII without control bytes, ended by a newline; to be freed by the
 * caller. NULL when out of memory. */
char *json_tree_line(const json_t *tree);

#endif
