// SPDX-License-Identifier: BSD-2-Clause
#include "attribute/container_place.h"

#include <stdio.h>
#include <string.h>

#include "attribute/runtime_table.h"
#include "attribute/span.h"

#define PLACE_SIZE 2048

static bool is_at_or_below(const char *path, const char *place)
{
	size_t length = strlen(place);

	return length > 1 && !strncmp(path, place, length) &&
	       (!path[length] || path[length] == '/');
}

/* "a-b.slice" is /a.slice/a-b.slice; "-.slice" is the root. False if it does not fit or is no
 * slice. */
static bool write_slice(struct span slice, char *ret, size_t size)
{
	static const char suffix[] = ".slice";
	struct span name = span_chop(slice, strlen(suffix));
	size_t used = 0;

	ret[0] = '\0';
	if (!span_ends(slice, suffix) || !name.n || memchr(slice.s, '/', slice.n))
		return false;
	for (size_t i = 1; i <= name.n && !span_is(name, "-"); i++) {
		if (i < name.n && name.s[i] != '-')
			continue;
		used += (size_t)snprintf(ret + used, size - used, "/%.*s%s", (int)i, name.s,
					 suffix);
		if (used >= size)
			return false;
	}
	return true;
}

static bool cut(struct span *rest, struct span *ret)
{
	const char *colon = memchr(rest->s, ':', rest->n);

	if (!colon)
		return false;
	*ret = (struct span){ rest->s, (size_t)(colon - rest->s) };
	*rest = span_drop(*rest, ret->n + 1);
	return true;
}

/* As runc and crun do. */
static bool write_scope(const char *configured, char *ret, size_t size)
{
	struct span rest = { configured, strlen(configured) }, slice, prefix;
	size_t used;

	if (!cut(&rest, &slice) || !cut(&rest, &prefix) || !rest.n)
		return false;
	if (!slice.n)
		slice = (struct span){ "system.slice", strlen("system.slice") };
	if (!write_slice(slice, ret, size))
		return false;
	used = strlen(ret);
	if (span_ends(rest, ".slice"))
		used += (size_t)snprintf(ret + used, size - used, "/%.*s", (int)rest.n, rest.s);
	else
		used += (size_t)snprintf(ret + used, size - used, "/%.*s%s%.*s.scope",
					 (int)prefix.n, prefix.s, prefix.n ? "-" : "", (int)rest.n,
					 rest.s);
	return used < size;
}

/* The names that root gives to services that make containers, and that may keep them below their
 * own cgroup. */
static bool is_runtimes_unit(struct span unit)
{
	for (const struct runtime *at = runtime_next(NULL); at; at = runtime_next(at))
		for (const char *const *name = at->units; name && *name; name++) {
			struct span rest = span_drop(unit, strlen(*name));

			if (span_starts(unit, *name) && rest.n && strchr(".-", rest.s[0]))
				return span_ends(unit, ".service");
		}
	return false;
}

/* Returns path if it does not begin with such a unit. */
static const char *below_runtimes_unit(const char *path)
{
	const char *at = path;
	struct span slice, unit;

	if (!span_next_component(&at, &slice) || !span_is(slice, "system.slice") ||
	    !span_next_component(&at, &unit) || !is_runtimes_unit(unit))
		return path;
	return unit.s + unit.n;
}

/* NULL: the node is not in the path. */
static const char *below_node(const char *path, const char *node_id)
{
	const char *found = strstr(path, node_id);

	return found ? found + strcspn(found, "/") : NULL;
}

static bool fits_from_root(const char *configured, const char *path)
{
	char place[PLACE_SIZE];

	if (configured[0] == '/')
		return is_at_or_below(path, configured);
	if (write_scope(configured, place, sizeof(place)) && is_at_or_below(path, place))
		return true;
	return path[0] == '/' && is_at_or_below(path + 1, configured);
}

bool container_place_fits(const char *configured, const char *path, const char *node_id)
{
	static const char crun[] = "/container";

	if (*node_id)
		path = below_node(path, node_id);
	if (!path)
		return false;
	if (fits_from_root(configured, path) ||
	    fits_from_root(configured, below_runtimes_unit(path)))
		return true;
	/* Podman's node has one more level */
	return *node_id && !strncmp(path, crun, strlen(crun)) &&
	       fits_from_root(configured, path + strlen(crun));
}
