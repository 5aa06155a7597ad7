// SPDX-License-Identifier: BSD-2-Clause
#include "provoke/evidence.h"

#include <stdint.h>
#include <stdio.h>

#include "base/clock.h"
#include "history/history_read.h"

#define FOUND 1

struct search {
	const struct evidence_death *death;
	struct evidence_row *row;
};

static int take(void *context, const char *line, int64_t realtime_ns)
{
	const struct search *search = context;

	(void)realtime_ns;
	search->row->state =
		evidence_of_line(line, search->death, search->row->note, sizeof(search->row->note));
	return search->row->state == EVIDENCE_MISSING ? 0 : FOUND;
}

static const char *failure_text(int failure, const struct history_reader *reader)
{
	switch (-failure) {
	case HISTORY_MISSING:
		return "there is no such file";
	case HISTORY_NEWER:
		return "a newer killtrace wrote it";
	case HISTORY_FOREIGN:
		return "it is another program's database";
	default:
		return history_error(reader);
	}
}

void evidence_look_history(const struct agent_place *place, const struct evidence_death *death,
			   struct evidence_row *row)
{
	const struct selection any = { .all = true };
	const struct history_query query = { .selection = &any,
					     .since_ns = death->born_ns - NS_PER_S,
					     .until_ns = INT64_MAX };
	struct search search = { death, row };
	struct history_reader *reader;
	int failure = history_open(place->path, &reader);

	(void)snprintf(row->note, sizeof(row->note), "this death is not there");
	if (!failure && history_read(reader, &query, take, &search) < 0)
		failure = -HISTORY_UNREADABLE;
	if (failure)
		(void)snprintf(row->note, sizeof(row->note), "it cannot be read: %s",
			       failure_text(failure, reader));
	history_free(reader);
}
