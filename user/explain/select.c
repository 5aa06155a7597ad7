// SPDX-License-Identifier: BSD-2-Clause
#include "explain/select.h"

#include <errno.h>
#include <fnmatch.h>
#include <limits.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"

/* A bracket that is never closed matches itself for fnmatch(), which nobody means. */
static bool glob_is_sound(const char *glob)
{
	for (; *glob; glob++) {
		if (*glob == '\\') {
			if (!*++glob)
				return false;
		} else if (*glob == '[') {
			const char *first = glob[1] == '!' || glob[1] == '^' ? glob + 2 : glob + 1;
			const char *end = *first ? strchr(first + 1, ']') : NULL;

			if (!end)
				return false;
			glob = end;
		}
	}
	return true;
}

static bool matches_some_cause(const char *glob)
{
	for (unsigned int i = 0; i < CAUSE_COUNT; i++)
		if (!fnmatch(glob, cause_name((enum cause)i), 0))
			return true;
	return false;
}

static bool parse_pid(const char *word, unsigned long *ret)
{
	char *end;

	errno = 0;
	*ret = strtoul(word, &end, 10);
	return !errno && *word >= '0' && *word <= '9' && !*end && *ret && *ret <= INT_MAX;
}

static const char *first_bad_glob(char *const *globs)
{
	for (; globs && *globs; globs++)
		if (!glob_is_sound(*globs))
			return *globs;
	return NULL;
}

int selection_check(const struct selection *selection, const char **ret_word)
{
	char **const lists[] = { selection->cause,     selection->unit, selection->pod,
				 selection->container, selection->comm, selection->cgroup };
	unsigned long pid;

	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
		*ret_word = first_bad_glob(lists[i]);
		if (*ret_word)
			return -SELECTION_BAD_GLOB;
	}
	for (char **word = selection->cause; word && *word; word++) {
		*ret_word = *word;
		if (!matches_some_cause(*word))
			return -SELECTION_UNKNOWN_CAUSE;
	}
	for (char **word = selection->pod; word && *word; word++) {
		*ret_word = *word;
		if (!strchr(*word, '/'))
			return -SELECTION_BAD_POD;
	}
	for (char **word = selection->pid; word && *word; word++) {
		*ret_word = *word;
		if (!parse_pid(*word, &pid))
			return -SELECTION_BAD_PID;
	}
	return 0;
}

/* One of several names has to match one of several globs; an empty name matches nothing. */
static bool any_match(char *const *globs, const char *const *names, size_t count)
{
	if (!globs)
		return true;
	for (; *globs; globs++)
		for (size_t i = 0; i < count; i++)
			if (names[i][0] && !fnmatch(*globs, names[i], 0))
				return true;
	return false;
}

static bool pid_matches(char *const *words, uint32_t pid)
{
	unsigned long number;

	if (!words)
		return true;
	for (; *words; words++)
		if (parse_pid(*words, &number) && number == pid)
			return true;
	return false;
}

bool selection_takes(const struct selection *selection, const struct report *report)
{
	const struct death *death = report->death;
	const char *cause = cause_name(report->verdict.cause), *comm = death->comm;
	const struct owner *owner = &report->whose->owner;
	const struct names *names = &report->whose->names;
	char text[sizeof(names->namespace) + sizeof(names->pod)] = "";
	const char *const units[] = { owner->unit, owner->user_unit };
	const char *const containers[] = { owner->container_id, owner->enclosing_id, owner->machine,
					   names->name, names->container };
	const char *const pod = text;
	const char *const cgroups[] = { death->cgroup_path, death->memory_path };

	if (report->verdict.routine && !selection->all)
		return false;
	if (names->pod[0])
		(void)snprintf(text, sizeof(text), "%s/%s", names->namespace, names->pod);
	return any_match(selection->cause, &cause, 1) && any_match(selection->unit, units, 2) &&
	       any_match(selection->pod, &pod, 1) &&
	       any_match(selection->container, containers, ARRAY_SIZE(containers)) &&
	       any_match(selection->comm, &comm, 1) && any_match(selection->cgroup, cgroups, 2) &&
	       pid_matches(selection->pid, death->record.tgid);
}
