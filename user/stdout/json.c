// SPDX-License-Identifier: BSD-2-Clause
#include "stdout/json.h"

#include <errno.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "line/json_record.h"

struct json_printer {
	struct printer printer;
	struct lines lines;
};

static int write_line(struct printer *printer, const char *line, size_t size)
{
	return line ? lines_add(printer->lines, line, size) : -ENOMEM;
}

static int json_death(struct printer *printer, const struct report *report)
{
	size_t size = 0;
	AUTO_FREE char *line = json_record_of_death(report, &size);

	return write_line(printer, line, size);
}

static int json_row(struct printer *printer, const struct event *row)
{
	return write_line(printer, row->line, row->size);
}

static int json_losses(struct printer *printer, const struct origin *origin,
		       const struct losses *losses, int64_t realtime_ns)
{
	size_t size = 0;
	AUTO_FREE char *line = json_record_of_losses(origin, losses, realtime_ns, &size);

	return write_line(printer, line, size);
}

static void json_free(struct printer *printer)
{
	lines_done(printer->lines);
	free(printer);
}

struct printer *printer_json_new(int fd)
{
	static const struct printer_ops ops = {
		.death = json_death,
		.row = json_row,
		.losses = json_losses,
		.free = json_free,
	};
	struct json_printer *printer = malloc(sizeof(*printer));

	if (!printer)
		return NULL;
	*printer = (struct json_printer){ { &ops, &printer->lines }, { .fd = fd } };
	return (struct printer *)printer;
}
