// SPDX-License-Identifier: BSD-2-Clause
#include "why/as_json.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "line/json_tree.h"

/* Without the marks of names. */
static json_t *plain(const char *text)
{
	AUTO_FREE char *copy = strdup(text);
	char *to = copy;

	if (!copy)
		return NULL;
	for (const char *at = copy; *at; at++)
		if (*at != PROSE_NAME_BEGINS && *at != PROSE_NAME_ENDS)
			*to++ = *at;
	*to = '\0';
	return json_string(copy);
}

static json_t *item_of(const struct explanation_item *item)
{
	json_t *object = json_object();

	if (item->label)
		json_tree_put(object, "label", json_string(item->label));
	json_tree_put(object, item->is_command ? "command" : "text", plain(item->text));
	return object;
}

static json_t *section_of(const struct explanation *explanation, enum section section)
{
	json_t *list = json_array();

	for (size_t i = 0; i < explanation->sections[section].count; i++)
		(void)json_array_append_new(list,
					    item_of(&explanation->sections[section].items[i]));
	return list;
}

json_t *as_json(const struct explanation *explanation, const json_t *record)
{
	json_t *tree = json_copy((json_t *)record), *why = json_object();

	json_tree_put(why, "answer", plain(prose_text(&explanation->answer)));
	for (int section = 0; section < SECTION_COUNT; section++)
		if (explanation->sections[section].count)
			json_tree_put(why, section_key((enum section)section),
				      section_of(explanation, (enum section)section));
	json_tree_put(tree, "why", why);
	return tree;
}
