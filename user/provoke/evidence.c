// SPDX-License-Identifier: BSD-2-Clause
#include "provoke/evidence.h"

#include <inttypes.h>
#include <stdio.h>
#include <sys/stat.h>

static void want(struct evidence *evidence, int which, const char *place, bool there, bool names_it)
{
	evidence->row[which] = (struct evidence_row){
		.place = place,
		.state = there ? EVIDENCE_MISSING : EVIDENCE_ABSENT,
		.names_it = names_it,
	};
}

void evidence_begin(struct evidence *evidence, const struct agent *agent, enum cause cause)
{
	*evidence = (struct evidence){ .agent = agent };
	want(evidence, EVIDENCE_HISTORY, "history", agent->history.path, true);
	want(evidence, EVIDENCE_JSON, "JSON file", agent->json.path, true);
	want(evidence, EVIDENCE_COUNTERS, "counters", agent->textfile.path, false);
	want(evidence, EVIDENCE_JOURNAL, "journal", agent->journal, false);
	want(evidence, EVIDENCE_OTLP, "collector", agent->otlp, false);
	if (agent->textfile.path)
		evidence_read_counters(&agent->textfile, cause, &evidence->before);
	if (agent->json.path && stat(agent->json.path, &evidence->json_before))
		evidence->json_before = (struct stat){ 0 };
}

static void compare(struct evidence_row *row, const char *series, uint64_t before, uint64_t after)
{
	if (row->state != EVIDENCE_MISSING)
		return;
	if (after > before)
		row->state = EVIDENCE_RIGHT;
	(void)snprintf(row->note, sizeof(row->note), "%s %s %" PRIu64 " to %" PRIu64, series,
		       after > before ? "rose from" : "did not rise:", before, after);
}

/* What the agent has delivered to places that cannot be looked at. */
static void look_delivered(struct evidence *evidence, const struct evidence_counters *after)
{
	const char *series = "killtrace_sink_reported_total";
	struct evidence_row *journal = &evidence->row[EVIDENCE_JOURNAL];
	struct evidence_row *otlp = &evidence->row[EVIDENCE_OTLP];

	if (after) {
		compare(journal, series, evidence->before.journal, after->journal);
		compare(otlp, series, evidence->before.otlp, after->otlp);
		return;
	}
	for (int i = EVIDENCE_JOURNAL; i <= EVIDENCE_OTLP; i++) {
		struct evidence_row *row = &evidence->row[i];

		if (row->state != EVIDENCE_MISSING)
			continue;
		row->state = EVIDENCE_UNSEEN;
		(void)snprintf(row->note, sizeof(row->note),
			       "not checked: without --textfile the agent does not say what it "
			       "delivered");
	}
}

static void look_counters(struct evidence *evidence, const struct evidence_death *death)
{
	struct evidence_row *row = &evidence->row[EVIDENCE_COUNTERS];
	struct evidence_counters after;
	char series[80];

	evidence_read_counters(&evidence->agent->textfile, death->cause, &after);
	if (!after.read || !evidence->before.read) {
		(void)snprintf(row->note, sizeof(row->note), "there is no killtrace.prom");
		look_delivered(evidence, NULL);
		return;
	}
	(void)snprintf(series, sizeof(series), "killtrace_kills_total{cause=\"%s\"}",
		       cause_name(death->cause));
	compare(row, series, evidence->before.kills, after.kills);
	look_delivered(evidence, &after);
}

bool evidence_look(struct evidence *evidence, const struct evidence_death *death)
{
	struct evidence_row *row = evidence->row;
	bool all = true;

	if (row[EVIDENCE_HISTORY].state == EVIDENCE_MISSING)
		evidence_look_history(&evidence->agent->history, death, &row[EVIDENCE_HISTORY]);
	if (row[EVIDENCE_JSON].state == EVIDENCE_MISSING)
		evidence_look_json(&evidence->agent->json, &evidence->json_before, death,
				   &row[EVIDENCE_JSON]);
	if (row[EVIDENCE_COUNTERS].state == EVIDENCE_ABSENT)
		look_delivered(evidence, NULL);
	else
		look_counters(evidence, death);
	for (int i = 0; i < EVIDENCE_ROWS; i++)
		if (row[i].state == EVIDENCE_MISSING)
			all = false;
	return all;
}
