// SPDX-License-Identifier: BSD-2-Clause
#include "line/select.h"

#include <fnmatch.h>
#include <limits.h>
#include <stddef.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/number.h"
#include "line/what.h"

/* The length of "[:alpha:]", "[.x.]", "[=x=]" or "\\]" within a bracket, whose "]" does not close
 * it; 1 for others. */
static size_t member_length(const char *at)
{
	size_t inner;

	if (at[0] == '\\' && at[1])
		return 2;
	if (at[0] != '[' || (at[1] != ':' && at[1] != '.' && at[1] != '='))
		return 1;
	inner = strspn(at + 2, "abcdefghijklmnopqrstuvwxyz");
	if (!inner && at[1] != ':' && at[2])
		inner = 1;
	return at[2 + inner] == at[1] && at[3 + inner] == ']' ? 4 + inner : 1;
}

/* The closing "]"; NULL: there is none. A "]" that comes first is a member. */
static const char *end_of_bracket(const char *bracket)
{
	const char *first = bracket + (bracket[1] == '!' || bracket[1] == '^' ? 2 : 1);

	for (const char *at = first; *at; at += member_length(at))
		if (*at == ']' && at != first)
			return at;
	return NULL;
}

/* For fnmatch(), a bracket that is never closed matches itself, which is not what a user means. */
static bool glob_is_sound(const char *glob)
{
	for (; *glob; glob++) {
		if (*glob == '\\') {
			if (!*++glob)
				return false;
		} else if (*glob == '[') {
			glob = end_of_bracket(glob);
			if (!glob)
				return false;
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

static bool parse_pid(const char *word, uint64_t *ret)
{
	uint64_t pid;

	if (!number_parse(word, &pid) || !pid || pid > INT_MAX)
		return false;
	*ret = pid;
	return true;
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
	char **const lists[] = { selection->cause,      selection->unit, selection->pod,
				 selection->container,  selection->comm, selection->cgroup,
				 selection->fingerprint };
	uint64_t pid;

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
		const char *slash = strchr(*word, '/');

		*ret_word = *word;
		if (!slash || slash == *word || !slash[1])
			return -SELECTION_BAD_POD;
	}
	for (char **word = selection->pid; word && *word; word++) {
		*ret_word = *word;
		if (!parse_pid(*word, &pid))
			return -SELECTION_BAD_PID;
	}
	return 0;
}

/* One of several names must match one of several globs; an empty name matches nothing. */
static bool any_match(char *const *globs, const struct reported *reported,
		      const enum reported_text *names, size_t count)
{
	if (!globs)
		return true;
	for (size_t i = 0; i < count; i++) {
		const char *name = reported_text(reported, names[i]);

		for (char *const *glob = globs; *glob && *name; glob++)
			if (!fnmatch(*glob, name, 0))
				return true;
	}
	return false;
}

static bool one_matches(char *const *globs, const struct reported *reported,
			enum reported_text name)
{
	return any_match(globs, reported, &name, 1);
}

static bool pid_matches(char *const *words, const struct reported *reported)
{
	uint64_t number;

	if (!words)
		return true;
	if (!reported->has_pid)
		return false;
	for (; *words; words++)
		/* a row of folded deaths names two: the first and the last */
		if (parse_pid(*words, &number) &&
		    (number == reported->pid ||
		     (reported->repeats.count > 1 && number == reported->repeats.last_pid)))
			return true;
	return false;
}

bool selection_is_open(const struct selection *selection)
{
	return !selection->cause && !selection->unit && !selection->pod && !selection->container &&
	       !selection->comm && !selection->cgroup && !selection->fingerprint &&
	       !selection->pid && !selection->what;
}

bool selection_takes(const struct selection *selection, const struct reported *reported)
{
	static const enum reported_text units[] = { REPORTED_UNIT, REPORTED_USER_UNIT,
						    REPORTED_CONTAINER_UNIT };
	static const enum reported_text containers[] = {
		REPORTED_CONTAINER_ID,   REPORTED_ENCLOSING_ID,   REPORTED_MACHINE,
		REPORTED_CONTAINER_NAME, REPORTED_ENCLOSING_NAME, REPORTED_POD_CONTAINER
	};
	static const enum reported_text cgroups[] = { REPORTED_CGROUP, REPORTED_MEMORY_CGROUP,
						      REPORTED_SYSTEMD_CGROUP };

	if (reported->routine && !selection->all)
		return false;
	if (selection->what && !what_is(selection->what, reported))
		return false;
	return one_matches(selection->cause, reported, REPORTED_CAUSE) &&
	       any_match(selection->unit, reported, units, ARRAY_SIZE(units)) &&
	       one_matches(selection->pod, reported, REPORTED_POD) &&
	       any_match(selection->container, reported, containers, ARRAY_SIZE(containers)) &&
	       one_matches(selection->fingerprint, reported, REPORTED_FINGERPRINT) &&
	       one_matches(selection->comm, reported, REPORTED_COMM) &&
	       any_match(selection->cgroup, reported, cgroups, ARRAY_SIZE(cgroups)) &&
	       pid_matches(selection->pid, reported);
}
