// SPDX-License-Identifier: BSD-2-Clause
#include "provoke/evidence.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"

/* The wall clock can be corrected between two looks at it. */
#define SLACK_NS NS_PER_S

static bool is_it(const json_t *victim, const struct evidence_death *death)
{
	const json_int_t pid = json_integer_value(json_object_get(victim, "pid"));
	const json_int_t ns_pid = json_integer_value(json_object_get(victim, "ns_pid"));
	int64_t start_ns;

	return (pid == death->pid || ns_pid == death->pid) &&
	       clock_parse_rfc3339(json_string_value(json_object_get(victim, "start_time")),
				   &start_ns) &&
	       start_ns >= death->born_ns - SLACK_NS && start_ns <= death->gone_ns + SLACK_NS;
}

static enum evidence_state judge(const json_t *record, const struct evidence_death *death,
				 char *ret_note, size_t size)
{
	const char *cause = json_string_value(json_object_get(record, "cause"));

	if (!cause || !is_it(json_object_get(record, "victim"), death))
		return EVIDENCE_MISSING;
	(void)snprintf(ret_note, size, "as %s", cause);
	return strcmp(cause, cause_name(death->cause)) != 0 ? EVIDENCE_WRONG : EVIDENCE_RIGHT;
}

enum evidence_state evidence_of_line(const char *line, const struct evidence_death *death,
				     char *ret_note, size_t size)
{
	json_t *record = json_loads(line, 0, NULL);
	const enum evidence_state state = judge(record, death, ret_note, size);

	json_decref(record);
	return state;
}
