// SPDX-License-Identifier: BSD-2-Clause
#include "line/json_tree.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"

/* Keys are our own, and strings have been cleaned: they need no second check. */
void json_tree_put(json_t *object, const char *key, json_t *value)
{
	(void)json_object_set_new_nocheck(object, key, value);
}

/* JSON allows a plain DEL; a terminal need not see it. It can only be within a string. */
static char *escape_del(char *line)
{
	size_t count = 0, length = strlen(line);
	char *bigger, *to;

	for (const char *at = line; *at; at++)
		count += *at == 0x7f;
	bigger = malloc(length + 5 * count + 2);
	if (!bigger)
		return NULL;
	to = bigger;
	for (const char *at = line; *at; at++) {
		if (*at == 0x7f) {
			memcpy(to, "\\u007f", 6);
			to += 6;
		} else {
			*to++ = *at;
		}
	}
	*to++ = '\n';
	*to = '\0';
	return bigger;
}

char *json_tree_line(const json_t *tree)
{
	AUTO_FREE char *text =
		json_dumps(tree, JSON_COMPACT | JSON_ENSURE_ASCII | JSON_REAL_PRECISION(12));

	return text ? escape_del(text) : NULL;
}
