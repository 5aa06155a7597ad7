// SPDX-License-Identifier: BSD-2-Clause
#include "cmd_why_choose.h"

#include <string.h>

#include "attribute/stable_name.h"
#include "base/clock.h"
#include "base/say.h"
#include "cmd_why_absent.h"
#include "cmd_why_input.h"
#include "history/history_find.h"
#include "line/record_read.h"

/* Of a pod's newest deaths, so that one that says nothing does not hide the others. */
#define LOOKED_AT 8

/* The replicas of one workload: their pods have names that differ only in what a controller adds.
 */
static bool are_replicas(const struct history_names *names)
{
	char first[STABLE_NAME_SIZE] = "", other[STABLE_NAME_SIZE] = "";

	for (unsigned int i = 0; i < names->count; i++) {
		stable_name_of_pod(names->names[i].text, "", i ? other : first, STABLE_NAME_SIZE);
		if (names->names[i].kind != HISTORY_POD || (i && strcmp(first, other) != 0))
			return false;
	}
	return names->count && !names->more;
}

static const struct history_name *newest(const struct history_names *names)
{
	const struct history_name *best = &names->names[0];

	for (unsigned int i = 1; i < names->count; i++)
		if (names->names[i].last_ns > best->last_ns)
			best = &names->names[i];
	return best;
}

static int say_ambiguous(const char *word, const struct history_names *names)
{
	say("'%s' can be any of these; name one of them in full", word);
	for (unsigned int i = 0; i < names->count; i++)
		say("  %s %s", history_kind_name(names->names[i].kind), names->names[i].text);
	if (names->more)
		say("  and others");
	return EXIT_USAGE;
}

/* The end of the container that only holds a pod's namespaces: it has no name, and the runtime
 * kills it after the others, so it is the newest death of most pods. */
static bool only_held_namespaces(const json_t *record)
{
	const json_t *owner = json_object_get(record, "kubernetes");
	const char *cause = json_string_value(json_object_get(record, "cause"));

	return json_object_get(owner, "pod") && !json_object_get(owner, "container") && cause &&
	       !strcmp(cause, "sigkill");
}

/* Of those that are given, newest first: the first that says something, else the first. */
static int take(void *context, const char *line, int64_t time_ns)
{
	json_t **record = context, *next;

	(void)time_ns;
	if (*record && !only_held_namespaces(*record))
		return 0;
	next = record_read(line);
	if (!next)
		return *record ? 0 : 1;
	if (*record && only_held_namespaces(next)) {
		json_decref(next);
		return 0;
	}
	json_decref(*record);
	*record = next;
	return 0;
}

/* The newest death; a routine end only if there is no other. */
static json_t *find(const struct options *options, struct history_reader *reader,
		    const struct history_name *name, int *ret_code)
{
	json_t *record = NULL;
	char input[WHY_INPUT_NAME_SIZE];
	int error = 0;

	for (int routine = 0; routine < 2 && !error && !record; routine++)
		error = history_find_lines(reader, name, INT64_MAX,
					   name->kind == HISTORY_POD ? LOOKED_AT : 1, routine, take,
					   &record);
	if (error > 0) {
		say("the newest death in %s is not of a form that this killtrace knows; read it "
		    "with the killtrace that wrote it",
		    why_input_name(options, input));
		*ret_code = EXIT_FAILED;
	} else if (error) {
		*ret_code = why_input_failed(options, reader, error);
	} else if (!record) {
		*ret_code = why_say_absent(options, reader);
	}
	return record;
}

static bool is_word(const struct options *options)
{
	return options->argument && strcmp(options->argument, "-") != 0;
}

json_t *why_choose(const struct options *options, struct history_reader *reader, int *ret_code)
{
	const struct history_name any = { .kind = HISTORY_ANY };
	struct history_names names = { 0 };
	json_t *record = NULL;
	int error = is_word(options) ? history_find_names(reader, options->argument, &names) : 0;

	if (error)
		*ret_code = why_input_failed(options, reader, error);
	else if (!is_word(options))
		record = find(options, reader, &any, ret_code);
	else if (!names.count)
		*ret_code = why_say_absent(options, reader);
	else if (names.count > 1 && !are_replicas(&names))
		*ret_code = say_ambiguous(options->argument, &names);
	else
		record = find(options, reader, newest(&names), ret_code);
	history_names_done(&names);
	return record;
}
