// SPDX-License-Identifier: BSD-2-Clause
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "line/record_read.h"
#include "why/fact.h"
#include "why/past.h"

#define AROUND_NS (2 * NS_PER_S)
/* In a storm of deaths, the first ones around this one say enough. */
#define MOST_AROUND 64

struct same {
	const struct why *why;
	struct why_past *past;
};

/* Containers and pods have names that change with each start. */
static void take_other(const json_t *one, const json_t *other, struct why_past *past)
{
	const char *unit = fact_text(other, "systemd.unit");

	if (past->other[0] || !*unit || !fact_has_text(one, "systemd.unit") ||
	    fact(one, "container") || fact(other, "container") || fact(one, "systemd.user_unit") ||
	    fact(other, "systemd.user_unit") || fact_is(one, "systemd.unit", unit))
		return;
	(void)snprintf(past->other, sizeof(past->other), "%s", unit);
}

/* One decision of the kernel, such as that about a whole cgroup, is one event. */
static bool is_of_one_event(const struct why *why, const json_t *other, int64_t time_ns)
{
	return why->time_ns - time_ns < AROUND_NS && time_ns - why->time_ns < AROUND_NS &&
	       !fact_is(other, "id", fact_text(why->record, "id")) &&
	       (past_is_kin(why->record, other) || past_is_kin(other, why->record));
}

/* Newest first: this death is the first. */
static int take_age(void *context, const char *line, int64_t time_ns)
{
	const struct same *same = context;
	struct why_past *past = same->past;
	json_t *record = record_read(line);

	if (!record)
		return 0;
	if (is_of_one_event(same->why, record, time_ns)) {
		past->kin++;
		json_decref(record);
		return 0;
	}
	take_other(same->why->record, record, past);
	if (fact(record, "victim.age_seconds"))
		past->ages[past->age_count++] = fact_real(record, "victim.age_seconds");
	if (!past->before_ns && time_ns < past->same.last_ns)
		past->before_ns = time_ns;
	json_decref(record);
	return 0;
}

struct around {
	const struct why *why;
	json_t *records;
};

static int take_around(void *context, const char *line, int64_t time_ns)
{
	struct around *around = context;
	json_t *record = record_read(line);

	(void)time_ns;
	if (record && fact(record, "cause") && json_array_size(around->records) < MOST_AROUND &&
	    !fact_is(record, "id", fact_text(around->why->record, "id")))
		(void)json_array_append(around->records, record);
	json_decref(record);
	return 0;
}

static int read_around(struct history_reader *reader, const struct why *why, json_t **ret)
{
	const struct selection all = { .all = true };
	const struct history_query query = {
		.selection = &all,
		.since_ns = why->time_ns - AROUND_NS,
		.until_ns = why->time_ns + AROUND_NS,
		.limit = MOST_AROUND,
	};
	struct around around = { why, json_array() };
	int error = history_read(reader, &query, take_around, &around);

	*ret = around.records;
	return error;
}

int past_read(struct history_reader *reader, const struct why *why, struct why_past *ret)
{
	const struct history_name same = { HISTORY_FINGERPRINT,
					   (char *)fact_text(why->record, "fingerprint"), 0 };
	struct same context = { why, ret };
	int error;

	*ret = (struct why_past){ 0 };
	error = history_begin(reader, &ret->begins_ns);
	if (!error && *same.text)
		error = history_count(reader, &same, why->time_ns, &ret->same);
	if (!error && *same.text)
		error = history_find_lines(reader, &same, why->time_ns, PAST_AGES, true, take_age,
					   &context);
	return error ? error : read_around(reader, why, &ret->around);
}

void past_done(struct why_past *past)
{
	json_decref(past->around);
	*past = (struct why_past){ 0 };
}
