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
#include "base/text.h"

/* The longest path there is, each of its bytes replaced by three, as in JSON. */
#define LONGEST_NAME (3 * 1024 + 1)

/* Of "[:alpha:]", "[.x.]", "[=x=]" or "\\]" within a bracket, whose "]" does not close it; of others 1. */
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

/* The "]", NULL: there is none. A "]" that comes first is a member. */
static const char *end_of_bracket(const char *bracket)
{
	const char *first = bracket + (bracket[1] == '!' || bracket[1] == '^' ? 2 : 1);

	for (const char *at = first; *at; at += member_length(at))
		if (*at == ']' && at != first)
			return at;
	return NULL;
}

/* A bracket that is never closed matches itself for fnmatch(), which nobody means. */
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

/* One of several names has to match one of several globs; an empty name matches nothing. */
static bool any_match(char *const *globs, const char *const *names, size_t count)
{
	char clean[LONGEST_NAME];

	if (!globs)
		return true;
	for (size_t i = 0; i < count; i++) {
		text_valid_utf8(names[i], clean, sizeof(clean));
		for (char *const *glob = globs; *glob && clean[0]; glob++)
			if (!fnmatch(*glob, clean, 0))
				return true;
	}
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

bool selection_takes_told(const struct selection *selection, const struct selectable *told)
{
	if (told->routine && !selection->all)
		return false;
	return any_match(selection->cause, &told->cause, 1) &&
	       any_match(selection->unit, told->units, ARRAY_SIZE(told->units)) &&
	       any_match(selection->pod, &told->pod, 1) &&
	       any_match(selection->container, told->containers, ARRAY_SIZE(told->containers)) &&
	       any_match(selection->comm, &told->comm, 1) &&
	       any_match(selection->cgroup, told->cgroups, ARRAY_SIZE(told->cgroups)) &&
	       pid_matches(selection->pid, told->pid);
}

bool selection_takes(const struct selection *selection, const struct report *report)
{
	const struct death *death = report->death;
	const struct owner *owner = &report->whose->owner;
	const struct names *names = &report->whose->names;
	char pod[sizeof(names->namespace) + sizeof(names->pod)] = "";
	const struct selectable told = {
		.routine = report->verdict.routine,
		.pid = death->record.tgid,
		.cause = cause_name(report->verdict.cause),
		.units = { owner->unit, owner->user_unit },
		.pod = pod,
		.containers = { owner->container_id, owner->enclosing_id, owner->machine,
				names->name, names->container },
		.comm = death->comm,
		.cgroups = { attribution_cgroup(death), death->memory_path, death->systemd_path },
	};

	if (names->pod[0])
		(void)snprintf(pod, sizeof(pod), "%s/%s", names->namespace, names->pod);
	return selection_takes_told(selection, &told);
}
