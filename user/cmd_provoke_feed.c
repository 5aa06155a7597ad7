// SPDX-License-Identifier: BSD-2-Clause
#include "cmd_provoke_feed.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/output.h"
#include "line/json_record.h"
#include "pipeline.h"
#include "source/recording_read.h"

#define LOOK_MS 100

struct stream {
	int fd;
	uint64_t due_ns;
};

struct search {
	const struct evidence_death *death;
	struct evidence_row *row;
};

/* Ends when the time is over, too. */
static ssize_t read_agent(void *cookie, char *data, size_t size)
{
	const struct stream *stream = cookie;
	struct pollfd waits = { .fd = stream->fd, .events = POLLIN };

	while (!output_stop && clock_boottime_ns() < stream->due_ns)
		if (poll(&waits, 1, LOOK_MS) > 0)
			return read(stream->fd, data, size);
	return 0;
}

static int take_death(void *context, const struct report *report)
{
	const struct search *search = context;
	struct evidence_row *row = search->row;
	size_t size;
	AUTO_FREE char *line = json_record_of_death(report, &size);

	if (line)
		row->state = evidence_of_line(line, search->death, row->note, sizeof(row->note));
	return row->state == EVIDENCE_MISSING ? 0 : FRAME_ENOUGH;
}

static int take_losses(void *context, const struct origin *origin, const struct losses *losses,
		       int64_t realtime_ns)
{
	(void)context;
	(void)origin;
	(void)losses;
	(void)realtime_ns;
	return 0;
}

void feed_evidence(const struct feed_client *agent, const struct evidence_death *death,
		   uint64_t due_ns, struct evidence_row *ret)
{
	const struct options options = { .selection.all = true,
					 .tracer.runtime_window_ns = (uint64_t)NS_PER_S };
	AUTO_FREE struct pipeline *pipeline = calloc(1, sizeof(*pipeline));
	struct search search = { death, ret };
	struct stream stream = { agent->fd, due_ns };
	AUTO_FCLOSE FILE *file =
		fopencookie(&stream, "r", (cookie_io_functions_t){ .read = read_agent });
	struct frame_receiver receiver;
	uint64_t offset;
	int result;

	(void)snprintf(ret->note, sizeof(ret->note), "this death is not there");
	if (!pipeline || !file)
		return;
	pipeline->options = &options;
	pipeline->reports = (struct report_receiver){ take_death, take_losses, &search };
	receiver = pipeline_receiver(pipeline);
	result = recording_read_stream(file, &receiver, &output_stop, &pipeline->origin, &offset);
	if (ret->state == EVIDENCE_MISSING && result <= -RECORDING_NOT_ONE &&
	    result != -RECORDING_CUT)
		(void)snprintf(ret->note, sizeof(ret->note), "what it sends %s",
			       recording_failure_text(result));
}
