// SPDX-License-Identifier: BSD-2-Clause
#include "top/feeder.h"

#include <errno.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "line/json_record.h"

struct feeder {
	struct printer printer;
	struct top_model *model;
};

/* A line that cannot be read was counted in the model, and ends nothing. */
static int add(struct printer *printer, const struct top_news *news)
{
	struct top_model *model = ((struct feeder *)printer)->model;
	const int error = top_model_add(model, news, clock_boottime_ns());

	return error == -EINVAL ? 0 : error;
}

/* A process that is stuck has not died: it is listed, and does not count. */
static int feeder_death(struct printer *printer, const struct report *report)
{
	const struct death *death = report->death;
	const int64_t time_ns = clock_realtime_ns(death->record.time_ns, death->realtime_offset_ns);
	size_t size;
	AUTO_FREE char *line = json_record_of_death(report, &size);
	const struct top_news news = {
		line, size, 1, time_ns, time_ns, !report->verdict.stuck, true
	};

	return line ? add(printer, &news) : -ENOMEM;
}

static int feeder_row(struct printer *printer, const struct event *row)
{
	const struct top_news news = {
		.line = row->line,
		.size = row->size,
		.deaths = row->reported->repeats.count,
		.first_ns = row->realtime_ns,
		.last_ns = row->last_ns ? row->last_ns : row->realtime_ns,
		.counts = true,
		.is_listed = true,
	};

	return add(printer, &news);
}

static int feeder_losses(struct printer *printer, const struct origin *origin,
			 const struct losses *losses, int64_t realtime_ns)
{
	(void)origin;
	(void)realtime_ns;
	top_model_add_losses(((struct feeder *)printer)->model, losses);
	return 0;
}

static void feeder_free(struct printer *printer)
{
	free(printer);
}

struct printer *top_feeder_new(struct top_model *model)
{
	static const struct printer_ops ops = {
		.death = feeder_death,
		.row = feeder_row,
		.losses = feeder_losses,
		.free = feeder_free,
	};
	struct feeder *feeder = malloc(sizeof(*feeder));

	if (!feeder)
		return NULL;
	*feeder = (struct feeder){ .printer.ops = &ops, .model = model };
	return (struct printer *)feeder;
}
