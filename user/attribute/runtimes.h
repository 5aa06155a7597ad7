/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The runtime of a component of a cgroup's path, by the forms of runtime_table.h.
 *
 * Invariants: a pure function. A form is a whole component, and the first match wins.
 */
#ifndef KT_ATTRIBUTE_RUNTIMES_H
#define KT_ATTRIBUTE_RUNTIMES_H

#include "attribute/runtime_table.h"

/* The place of a component in its path. */
struct path_place {
	const char *path;
	struct span component;
	struct span parent;
	/* The component below, to distinguish a runtime's helper from what it runs. */
	struct span child;
	/* 0 for the path's first component. */
	size_t depth;
	/* The component was put together as a scope: rules for directories do not apply. */
	bool is_scope;
};

struct runtime_match {
	enum owner_kind kind;
	/* As in the path: a machine's name is still escaped. */
	struct span id;
	/* Empty if several runtimes use this form. */
	const char *runtime;
};

bool runtime_match(const struct path_place *place, struct runtime_match *ret);

#endif
