// SPDX-License-Identifier: BSD-2-Clause
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "line/record_read.h"
#include "why/fact.h"
#include "why/past.h"

#define AROUND_NS (2 * NS_PER_S)
/* In a storm of deaths, the first ones around this one say enough. */
#define MOST_AROUND 64

/* Newest first: this death is the first. */
static int take_age(void *context, const char *line, int64_t time_ns)
{
	struct why_past *past = context;
	json_t *record = record_read(line);

	if (record && fact(record, "victim.age_seconds"))
		past->ages[past->age_count++] = fact_real(record, "victim.age_seconds");
	if (record && !past->before_ns && time_ns < past->same.last_ns)
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
	int error;

	*ret = (struct why_past){ 0 };
	error = history_begin(reader, &ret->begins_ns);
	if (!error && *same.text)
		error = history_count(reader, &same, why->time_ns, &ret->same);
	if (!error && *same.text)
		error = history_find_lines(reader, &same, why->time_ns, PAST_AGES, true, take_age,
					   ret);
	return error ? error : read_around(reader, why, &ret->around);
}

void past_done(struct why_past *past)
{
	json_decref(past->around);
	*past = (struct why_past){ 0 };
}
