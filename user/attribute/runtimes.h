/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The one table of what container runtimes and machine managers call their cgroups.
 *
 * Invariants: data plus one matcher; a runtime is added by adding its rows. Every row names a whole
 * path component, and the first row that fits wins.
 */
#ifndef KT_ATTRIBUTE_RUNTIMES_H
#define KT_ATTRIBUTE_RUNTIMES_H

#include "attribute/span.h"

enum owner_kind {
	OWNER_CONTAINER,
	OWNER_MACHINE,
	OWNER_PODMAN_POD,
};

/* Where in its path a component stands. */
struct path_place {
	const char *path;
	struct span component;
	struct span parent;
	/* The component below, to tell a runtime's helper from what it runs. */
	struct span child;
	/* 0 for the path's first component. */
	size_t depth;
	/* The component was put together as a scope: rules for directories do not apply. */
	bool is_scope;
};

struct runtime_match {
	enum owner_kind kind;
	/* As it stands in the path: a machine's name is still escaped. */
	struct span id;
	/* Empty where several runtimes use this form. */
	const char *runtime;
};

bool runtime_match(const struct path_place *place, struct runtime_match *ret);

#endif
