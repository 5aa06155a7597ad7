// SPDX-License-Identifier: BSD-2-Clause
#include "sink/otlp_lines.h"

#include <errno.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "sink/json_record.h"
#include "sink/output.h"

struct otlp_lines {
	struct sink sink;
	int fd;
	struct otlp_request request; /* reused */
};

int otlp_line_write(int fd, struct otlp_request *request, json_t *record)
{
	int error = otlp_request_add(request, record);

	if (!error && !otlp_request_end(request))
		error = -ENOMEM;
	if (!error)
		error = output_write(fd, request->text, request->size);
	otlp_request_reset(request);
	return error;
}

/* As the daemon's and the history's: what a collector gets is made of the line of the public record. */
static int write_line(struct sink *sink, const char *line, size_t size)
{
	struct otlp_lines *lines = (struct otlp_lines *)sink;
	json_t *record = line ? json_loadb(line, size, 0, NULL) : NULL;
	int error = record ? otlp_line_write(lines->fd, &lines->request, record) : -ENOMEM;

	json_decref(record);
	return error;
}

static int otlp_lines_death(struct sink *sink, const struct report *report)
{
	size_t size = 0;
	AUTO_FREE char *line = json_record_of_death(report, &size);

	return write_line(sink, line, size);
}

static int otlp_lines_losses(struct sink *sink, const struct origin *origin,
			     const struct losses *losses, int64_t realtime_ns)
{
	size_t size = 0;
	AUTO_FREE char *line = json_record_of_losses(origin, losses, realtime_ns, &size);

	return write_line(sink, line, size);
}

static void otlp_lines_free(struct sink *sink)
{
	otlp_request_done(&((struct otlp_lines *)sink)->request);
	free(sink);
}

struct sink *sink_otlp_lines_new(int fd)
{
	static const struct sink_ops ops = { otlp_lines_death, otlp_lines_losses, otlp_lines_free };
	struct otlp_lines *lines = calloc(1, sizeof(*lines));

	if (!lines)
		return NULL;
	lines->sink.ops = &ops;
	lines->fd = fd;
	return (struct sink *)lines;
}
