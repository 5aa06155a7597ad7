/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Deaths counted by what they have in common, for `history --group-by`.
 *
 * Ownership: groups_done() frees them. Invariants: the key of a group is made from the JSON record
 * of a death, so that it has the words of its row.
 */
#ifndef KT_STDOUT_GROUPS_H
#define KT_STDOUT_GROUPS_H

#include <stdbool.h>
#include <stdint.h>

#include "stdout/screen.h"

enum group_by {
	GROUP_BY_CAUSE,
	GROUP_BY_OWNER,
	GROUP_BY_COMM,
	GROUP_BY_WHERE,
	GROUP_BY_FINGERPRINT,
	GROUP_BY_COUNT,
	GROUP_BY_NOTHING = GROUP_BY_COUNT,
};

const char *group_by_name(enum group_by by);
/* GROUP_BY_NOTHING: no such name. */
enum group_by group_by_of(const char *name);

struct groups;

/* NULL when out of memory. */
struct groups *groups_new(enum group_by by);
void groups_free(struct groups *groups);

/* Deaths that are like that of the line. 0, -ENOMEM, or -EINVAL: it is not a line of a death. */
int groups_add(struct groups *groups, const char *line, uint64_t deaths, int64_t first_ns,
	       int64_t last_ns);

/* In all groups. */
uint64_t groups_deaths(const struct groups *groups);

/* Rows, the largest groups first, `most` of them (0: all); or objects of JSON. Returns the same as
 * output_write(), or -ENOMEM. */
int groups_print(struct groups *groups, const struct screen *screen, unsigned long most);
int groups_print_json(struct groups *groups, int fd, unsigned long most);

#endif
