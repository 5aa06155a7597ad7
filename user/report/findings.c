// SPDX-License-Identifier: BSD-2-Clause
#include "report/findings.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "history/history_find.h"
#include "history/history_scan.h"
#include "line/json_tree.h"
#include "line/record_read.h"
#include "line/reported.h"
#include "report/wording.h"

static int bin_of(const struct findings *findings, int64_t time_ns)
{
	const double span = (double)findings->until_ns - (double)findings->since_ns;
	const double at = ((double)time_ns - (double)findings->since_ns) / (span > 0 ? span : 1);
	const int bin = at >= 0 && at <= 1 ? (int)(at * SET_BINS) : -1;

	return bin == SET_BINS ? SET_BINS - 1 : bin;
}

/* Losses are few: their lines are read. */
struct gathering {
	struct findings *findings;
	struct history_reader *reader;
	int64_t *losses; /* the numbers of their rows */
	size_t loss_count, loss_room;
};

static bool note_losses(struct gathering *gathering, int64_t number)
{
	if (gathering->loss_count == gathering->loss_room) {
		const size_t room = gathering->loss_room ? 2 * gathering->loss_room : 64;
		int64_t *bigger = reallocarray(gathering->losses, room, sizeof(*bigger));

		if (!bigger)
			return false;
		gathering->losses = bigger;
		gathering->loss_room = room;
	}
	gathering->losses[gathering->loss_count++] = number;
	return true;
}

static int take_row(void *context, const struct history_row *row)
{
	struct gathering *gathering = context;
	struct findings *findings = gathering->findings;
	const struct set_deaths deaths = {
		.cause = cause_by_name(row->cause),
		.deaths = row->deaths,
		.first_ns = row->time_ns,
		.last_ns = row->last_ns,
		.number = row->number,
		.bin = bin_of(findings, row->time_ns),
	};
	const char *crash = *row->fingerprint ? row->fingerprint : row->cause;

	if (!row->deaths)
		return note_losses(gathering, row->number) ? 0 : -ENOMEM;
	if (deaths.cause == CAUSE_COUNT) { /* of a foreign file */
		findings->damaged++;
		return 0;
	}
	findings->deaths += row->deaths;
	return sets_add(&findings->owner_sets, row->owner, row->owner_size, &deaths) &&
			       sets_add(&findings->crash_sets, crash, strlen(crash), &deaths)
		       ? 0
		       : -ENOMEM;
}

static int read_losses(const struct gathering *gathering)
{
	struct findings *findings = gathering->findings;
	int error = 0;

	for (size_t i = 0; i < gathering->loss_count && !error; i++) {
		AUTO_FREE char *line = NULL;
		struct losses lost;
		int64_t time_ns = 0;
		json_t *record;
		int bin;

		error = history_line(gathering->reader, gathering->losses[i], &line, &time_ns);
		record = line ? record_read(line) : NULL;
		if (!record)
			continue;
		reported_losses(record, &lost);
		losses_add(&findings->lost, &lost);
		findings->lost_times++;
		bin = bin_of(findings, time_ns);
		if (bin >= 0)
			findings->lost_bins[bin]++;
		json_decref(record);
	}
	return error;
}

/* The time that the page is about: what was asked for, if that has an end on each side. */
static void take_span(struct findings *findings, const struct history_query *query)
{
	findings->since_ns = query->since_ns;
	findings->until_ns = query->until_ns;
	if (findings->since_ns == INT64_MIN)
		findings->since_ns = findings->begins_ns ? findings->begins_ns : findings->now_ns;
	if (findings->until_ns == INT64_MAX)
		findings->until_ns = findings->now_ns;
	if (findings->until_ns < findings->since_ns)
		findings->until_ns = findings->since_ns;
}

static void sum_up(struct findings *findings)
{
	const struct sets *sets = &findings->owner_sets;

	findings->whole.first_ns = INT64_MAX;
	findings->whole.last_ns = INT64_MIN;
	for (size_t i = 0; i < sets->count; i++)
		set_merge(&findings->whole, sets->list[i]);
	if (sets->others.deaths)
		set_merge(&findings->whole, &sets->others);
}

int findings_gather(struct history_reader *reader, const struct history_query *query,
		    const char *history, int64_t now_ns, struct findings **ret)
{
	struct findings *findings = calloc(1, sizeof(*findings));
	struct gathering gathering = { .findings = findings, .reader = reader };
	int error;

	*ret = findings;
	if (!findings)
		return -ENOMEM;
	findings->now_ns = now_ns;
	error = history_begin(reader, &findings->begins_ns);
	take_span(findings, query);
	if (!error)
		error = history_scan(reader, query, take_row, &gathering);
	if (!error)
		error = read_losses(&gathering);
	if (!error)
		error = history_ran(reader, findings->since_ns, findings->until_ns, &findings->ran);
	free(gathering.losses);
	if (error)
		return error;
	sum_up(findings);
	error = wording_owners(reader, findings);
	if (!error)
		error = wording_crashes(reader, history, findings);
	findings->damaged += history_damaged(reader);
	return error;
}

void findings_free(struct findings *findings)
{
	if (!findings)
		return;
	for (size_t i = 0; i < findings->owner_count; i++) {
		free(findings->owners[i].name);
		free(findings->owners[i].newest);
		free(findings->owners[i].id);
	}
	for (size_t i = 0; i < findings->crash_count; i++) {
		struct finding_crash *crash = &findings->crashes[i];

		json_decref(crash->record);
		free(crash->cause);
		free(crash->owner);
		free(crash->process);
		free(crash->reason);
		explanation_done(&crash->why);
	}
	sets_done(&findings->owner_sets);
	sets_done(&findings->crash_sets);
	free(findings->node);
	free(findings);
}
