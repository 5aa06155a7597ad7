/* SPDX-License-Identifier: BSD-2-Clause */
/* Which deaths are reported: filters by cause and by identity. */
#ifndef KT_LINE_SELECT_H
#define KT_LINE_SELECT_H

#include <stdbool.h>

#include "line/reported.h"

/* Each list is NULL-terminated, or NULL for "any". One match in a list is enough; all lists must
 * match. Entries are globs as in fnmatch(3), and `*` also matches '/'. */
struct selection {
	char **cause;
	char **unit;
	char **pod;       /* NAMESPACE/NAME */
	char **container; /* id or name */
	char **comm;
	char **cgroup;
	char **fingerprint;
	char **pid;       /* decimal numbers, no globs */
	const char *what; /* as in line/what.h; NULL: any */
	bool all;         /* routine ends too */
};

enum selection_failure {
	SELECTION_UNKNOWN_CAUSE = 1,
	SELECTION_BAD_GLOB,
	SELECTION_BAD_PID,
	SELECTION_BAD_POD,
};

/* 0 or -enum selection_failure, with the invalid word in *ret_word (owned by the selection). */
int selection_check(const struct selection *selection, const char **ret_word);

/* No list restricts it: only whether an end is routine counts. */
bool selection_is_open(const struct selection *selection);

/* Names are matched as they are in JSON, so that a filter selects the same deaths live and in the
 * history. */
bool selection_takes(const struct selection *selection, const struct reported *reported);

#endif
