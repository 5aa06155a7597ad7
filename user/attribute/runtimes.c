/* SPDX-License-Identifier: BSD-2-Clause */
#include "attribute/runtimes.h"

#include "attribute/runtime_table.h"

static const char *text_of(const char *text)
{
	return text ? text : "";
}

/* Moves to the last "-PREFIX" in the name, so that the prefix is at its beginning. */
static struct span skip_to_dashed(struct span name, const char *prefix)
{
	struct span found = { name.s, 0 };

	for (size_t i = 1; i < name.n; i++)
		if (name.s[i - 1] == '-' && span_starts(span_drop(name, i), prefix))
			found = span_drop(name, i);
	return found;
}

static bool names_id(const struct runtime_form *form, struct span component, struct span *ret_id)
{
	const char *prefix = text_of(form->prefix), *suffix = text_of(form->suffix);
	struct span id = component;

	if (form->after_dash)
		id = skip_to_dashed(id, prefix);
	if (!span_starts(id, prefix) || !span_ends(id, suffix))
		return false;
	id = span_chop(span_drop(id, strlen(prefix)), strlen(suffix));
	if (!form->id(id) || !span_starts(id, text_of(form->id_starts)))
		return false;
	*ret_id = id;
	return true;
}

static bool has_ancestor(const struct path_place *place, const char *name,
			 bool (*is)(struct span component, const char *name))
{
	const char *at = place->path;
	struct span component;

	while (span_next_component(&at, &component) && component.s != place->component.s)
		if (is(component, name))
			return true;
	return false;
}

static bool stands_right(const struct runtime_form *form, const struct path_place *place)
{
	if (form->top && place->depth != 1)
		return false;
	if (form->helper && span_is(place->child, form->helper))
		return false;
	if (form->ancestor && !has_ancestor(place, form->ancestor, span_is))
		return false;
	return !form->ancestor_starts || has_ancestor(place, form->ancestor_starts, span_starts);
}

static bool fits(const struct runtime_form *form, const struct path_place *place,
		 struct span *ret_id)
{
	/* The test that most forms fail comes first. */
	if (form->parent && !span_is(place->parent, form->parent))
		return false;
	if (form->parent_starts && !span_starts(place->parent, form->parent_starts))
		return false;
	if (place->is_scope && !form->suffix)
		return false;
	return names_id(form, place->component, ret_id) && stands_right(form, place);
}

/* The first of the lowest rank that fits. */
bool runtime_match(const struct path_place *place, struct runtime_match *ret)
{
	enum form_rank before = FORM_RANKS;
	struct span id;

	for (const struct runtime *at = runtime_next(NULL); at; at = runtime_next(at))
		for (const struct runtime_form *form = at->forms; form && form->id; form++) {
			if (form->rank >= before || !fits(form, place, &id))
				continue;
			before = form->rank;
			*ret = (struct runtime_match){
				form->kind, id, text_of(form->runtime ? form->runtime : at->name)
			};
		}
	return before != FORM_RANKS;
}
