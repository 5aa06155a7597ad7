/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * How many looks at cgroups there may be in a second, and how long they may take: together, and of
 * one cgroup, so that a cgroup whose processes are killed all the time leaves looks for others.
 *
 * Ownership: none. An empty one is all zero. Invariants: it keeps as many looks as there may be in
 * a second, so each of a second is there until the next one.
 */
#ifndef KT_SOURCE_LIMIT_BUDGET_H
#define KT_SOURCE_LIMIT_BUDGET_H

#include <stdbool.h>
#include <stdint.h>

#define LIMIT_LOOKS_MOST 32

struct limit_budget {
	struct {
		uint64_t cgroup_id, time_ns, spent_ns; /* time 0: there was none */
	} looks[LIMIT_LOOKS_MOST];
	unsigned int next;
};

/* Whether that cgroup may be looked at. Times are of CLOCK_BOOTTIME. */
bool limit_budget_allows(const struct limit_budget *budget, uint64_t cgroup_id, uint64_t now_ns);

/* It was, which took `spent_ns`. */
void limit_budget_count(struct limit_budget *budget, uint64_t cgroup_id, uint64_t now_ns,
			uint64_t spent_ns);

#endif
