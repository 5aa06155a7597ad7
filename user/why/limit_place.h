/* SPDX-License-Identifier: BSD-2-Clause */
/* Whose memory limit it was that an OOM kill found full, and how to set another one. */
#ifndef KT_WHY_LIMIT_PLACE_H
#define KT_WHY_LIMIT_PLACE_H

#include "why/why.h"

enum limit_place {
	LIMIT_UNKNOWN, /* the record does not name the cgroup */
	LIMIT_CONTAINER,
	LIMIT_POD,
	LIMIT_UNIT,
	LIMIT_SLICE,
	LIMIT_OWN,   /* its own cgroup, which has none of these names */
	LIMIT_ABOVE, /* a cgroup above it */
};

enum limit_place limit_place_of(const json_t *record);

/* "the container reached its own memory limit", without the figure. */
void limit_place_put(struct prose *prose, const json_t *record);

/* The command that sets a limit half as high again, if the place has one. */
void limit_place_add_command(const struct why *why, struct explanation *ret);

#endif
