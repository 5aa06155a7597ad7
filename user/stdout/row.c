// SPDX-License-Identifier: BSD-2-Clause
#include "stdout/row.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/text.h"
#include "line/json_peek.h"
#include "line/owner_name.h"
#include "line/reason.h"

#define NAME_SIZE 512

/* More than thirty years. */
#define LONGEST 1000000000U

void row_age(double seconds, char ret_text[ROW_AGE_SIZE])
{
	const bool is_known = seconds >= 0; /* a foreign record can have any number */
	const unsigned int whole = is_known && seconds < LONGEST ? (unsigned int)seconds : LONGEST;
	const unsigned int s = whole % 60, m = whole / 60 % 60, h = whole / 3600 % 24,
			   d = whole / 86400;

	if (!is_known)
		(void)snprintf(ret_text, ROW_AGE_SIZE, "?");
	else if (seconds < 10)
		(void)snprintf(ret_text, ROW_AGE_SIZE, "%.1fs", seconds);
	else if (whole < 60)
		(void)snprintf(ret_text, ROW_AGE_SIZE, "%us", s);
	else if (whole < 3600)
		(void)snprintf(ret_text, ROW_AGE_SIZE, "%um%02us", m, s);
	else if (!d)
		(void)snprintf(ret_text, ROW_AGE_SIZE, "%uh%02um", h, m);
	else
		(void)snprintf(ret_text, ROW_AGE_SIZE, "%ud%02uh", d, h);
}

static char *safe_text(const struct json_walk_value *object, const char *key)
{
	AUTO_FREE char *text = json_peek_text(object, key);
	char safe[NAME_SIZE];

	text_for_terminal(text ? text : "?", safe, sizeof(safe));
	return strdup(safe);
}

/* "nginx[1139]" */
static char *process_of(const struct json_walk_value *record)
{
	const struct json_walk_value victim = json_walk_member(record, "victim");
	AUTO_FREE char *comm = safe_text(&victim, "comm");
	char *process = NULL;

	if (!json_peek_has(&victim, "pid"))
		return comm ? strdup(comm) : NULL;
	if (!comm ||
	    asprintf(&process, "%s[%" PRIu64 "]", comm, json_peek_number(&victim, "pid")) < 0)
		return NULL;
	return process;
}

static char *owner_of(const struct json_walk_value *record)
{
	char owner[OWNER_NAME_SIZE];

	owner_name_write(record, owner);
	return strdup(owner);
}

static char *reason_of(const struct json_walk_value *record)
{
	char reason[REASON_SIZE];

	reason_write(record, reason);
	return strdup(reason);
}

static enum row_class class_of(const struct json_walk_value *record)
{
	if (json_peek_is(record, "class", "kernel"))
		return ROW_KERNEL;
	return json_peek_is(record, "class", "runtime") ? ROW_RUNTIME : ROW_PROCESS;
}

static void take_age(struct row *row)
{
	const struct json_walk_value victim = json_walk_member(&row->record, "victim");

	if (json_peek_has(&victim, "age_seconds"))
		row_age(json_peek_real(&victim, "age_seconds"), row->age);
}

static void take_repeats(struct row *row)
{
	const struct json_walk_value repeats = json_walk_member(&row->record, "repeats");
	const uint64_t count = json_peek_number(&repeats, "count");
	AUTO_FREE char *first = json_peek_text(&repeats, "first");
	AUTO_FREE char *last = json_peek_text(&repeats, "last");
	int64_t from_ns, to_ns;

	if (count < 2)
		return;
	row->repeats = count - 1;
	row->differs = json_peek_has(&repeats, "differ");
	if (clock_parse_rfc3339(first, &from_ns) && clock_parse_rfc3339(last, &to_ns) &&
	    from_ns <= to_ns)
		row_age((double)(to_ns - from_ns) / (double)NS_PER_S, row->span);
}

int row_of_line(const char *line, size_t size, struct row *ret)
{
	struct row row = { 0 };

	if (!json_walk_line(line, size, &row.record) || !json_peek_has(&row.record, "cause"))
		return -EINVAL;
	row.cause = safe_text(&row.record, "cause");
	row.owner = owner_of(&row.record);
	row.process = process_of(&row.record);
	row.reason = reason_of(&row.record);
	row.class = class_of(&row.record);
	row.routine = json_peek_bool(&row.record, "routine");
	take_age(&row);
	take_repeats(&row);
	if (!row.cause || !row.owner || !row.process || !row.reason) {
		row_done(&row);
		return -ENOMEM;
	}
	*ret = row;
	return 0;
}

void row_done(struct row *row)
{
	free(row->cause);
	free(row->owner);
	free(row->process);
	free(row->reason);
	*row = (struct row){ 0 };
}

static size_t length_of_comm(const char *process)
{
	const char *pid = strrchr(process, '[');

	return pid ? (size_t)(pid - process) : strlen(process);
}

static bool same_member(const struct row *row, const struct row *other, const char *object,
			const char *key)
{
	struct json_walk_value a = row->record, b = other->record;

	if (object) {
		a = json_walk_member(&a, object);
		b = json_walk_member(&b, object);
	}
	a = json_walk_member(&a, key);
	b = json_walk_member(&b, key);
	return a.kind == b.kind && a.size == b.size && (!a.size || !memcmp(a.at, b.at, a.size));
}

/* Two instances of a unit, and two users in one, have the same name. */
static bool is_same_crash(const struct row *row, const struct row *other)
{
	return same_member(row, other, NULL, "fingerprint") &&
	       same_member(row, other, "victim", "uid") &&
	       same_member(row, other, "sender", "uid") &&
	       same_member(row, other, "cgroup", "path");
}

bool row_is_like(const struct row *row, const struct row *other)
{
	const size_t length = length_of_comm(row->process);

	return row->cause && other->cause && !strcmp(row->cause, other->cause) &&
	       !strcmp(row->owner, other->owner) && !strcmp(row->reason, other->reason) &&
	       length == length_of_comm(other->process) &&
	       !strncmp(row->process, other->process, length) && is_same_crash(row, other);
}
