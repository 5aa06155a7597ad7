// SPDX-License-Identifier: BSD-2-Clause
#include "stdout/otlp_lines.h"

#include <errno.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "line/json_record.h"
#include "base/output.h"

struct otlp_lines {
	struct printer printer;
	struct lines lines;
	struct otlp_request request; /* reused */
};

static int make_line(struct otlp_request *request, const char *line, size_t size)
{
	int error = otlp_request_add(request, line, size);

	return !error && !otlp_request_end(request) ? -ENOMEM : error;
}

int otlp_line_write(int fd, struct otlp_request *request, const char *line, size_t size)
{
	int error = make_line(request, line, size);

	if (!error)
		error = output_write(fd, request->body.text, request->body.size);
	otlp_request_reset(request);
	return error;
}

/* As in the daemon and the history, the request is made from the line of the public record. */
static int write_line(struct printer *printer, const char *line, size_t size)
{
	struct otlp_request *request = &((struct otlp_lines *)printer)->request;
	int error = line ? make_line(request, line, size) : -ENOMEM;

	if (!error)
		error = lines_add(printer->lines, request->body.text, request->body.size);
	otlp_request_reset(request);
	return error;
}

static int otlp_lines_death(struct printer *printer, const struct report *report)
{
	size_t size = 0;
	AUTO_FREE char *line = json_record_of_death(report, &size);

	return write_line(printer, line, size);
}

static int otlp_lines_row(struct printer *printer, const struct event *row)
{
	return write_line(printer, row->line, row->size);
}

static int otlp_lines_losses(struct printer *printer, const struct origin *origin,
			     const struct losses *losses, int64_t realtime_ns)
{
	size_t size = 0;
	AUTO_FREE char *line = json_record_of_losses(origin, losses, realtime_ns, &size);

	return write_line(printer, line, size);
}

static void otlp_lines_free(struct printer *printer)
{
	otlp_request_done(&((struct otlp_lines *)printer)->request);
	lines_done(printer->lines);
	free(printer);
}

struct printer *printer_otlp_lines_new(int fd)
{
	static const struct printer_ops ops = {
		.death = otlp_lines_death,
		.row = otlp_lines_row,
		.losses = otlp_lines_losses,
		.free = otlp_lines_free,
	};
	struct otlp_lines *lines = calloc(1, sizeof(*lines));

	if (!lines)
		return NULL;
	lines->printer = (struct printer){ &ops, &lines->lines };
	lines->lines.fd = fd;
	return (struct printer *)lines;
}
