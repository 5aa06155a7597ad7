/* SPDX-License-Identifier: BSD-2-Clause */
/* Which deaths are told: filters by cause and by identity. */
#ifndef KT_EXPLAIN_SELECT_H
#define KT_EXPLAIN_SELECT_H

#include <stdbool.h>

#include "explain/report.h"

/* Each list is NULL-terminated, or NULL for "any". Within a list one match is enough; every list
 * that is there has to match. Entries are globs as fnmatch(3) knows them, `*` matching '/' too. */
struct selection {
	char **cause;
	char **unit;
	char **pod;       /* NAMESPACE/NAME */
	char **container; /* id or name */
	char **comm;
	char **cgroup;
	char **pid; /* decimal numbers, no globs */
	bool all;   /* routine ends too */
};

enum selection_failure {
	SELECTION_UNKNOWN_CAUSE = 1,
	SELECTION_BAD_GLOB,
	SELECTION_BAD_PID,
	SELECTION_BAD_POD,
};

/* 0 or -enum selection_failure, with the culprit in *ret_word (owned by the selection). */
int selection_check(const struct selection *selection, const char **ret_word);

/* What of a death can be asked for. Nothing is NULL; "" is unknown, and matches nothing. */
struct selectable {
	bool routine;
	uint32_t pid;
	const char *cause;
	const char *units[2];
	const char *pod; /* NAMESPACE/NAME */
	const char *containers[5];
	const char *comm;
	const char *cgroups[3];
};

/* Names are matched as JSON tells them, so that what was live and what is history match alike. */
bool selection_takes(const struct selection *selection, const struct report *report);
bool selection_takes_told(const struct selection *selection, const struct selectable *told);

#endif
