// SPDX-License-Identifier: BSD-2-Clause
#include "stdout/human.h"

#include <errno.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "line/json_record.h"
#include "stdout/table.h"

struct human_printer {
	struct printer printer;
	struct table table;
	struct lines lines;
};

static int human_death(struct printer *printer, const struct report *report)
{
	struct human_printer *human = (struct human_printer *)printer;
	const struct death *death = report->death;
	size_t size;
	AUTO_FREE char *line = json_record_of_death(report, &size);

	return line ? table_death(&human->table, line, size,
				  clock_realtime_ns(death->record.time_ns,
						    death->realtime_offset_ns))
		    : -ENOMEM;
}

static int human_row(struct printer *printer, const struct event *row)
{
	return table_death(&((struct human_printer *)printer)->table, row->line, row->size,
			   row->realtime_ns);
}

static int human_losses(struct printer *printer, const struct origin *origin,
			const struct losses *losses, int64_t realtime_ns)
{
	(void)origin;
	return table_losses(&((struct human_printer *)printer)->table, losses, realtime_ns);
}

static int human_rule(struct printer *printer, const struct waited *waited)
{
	return table_rule(&((struct human_printer *)printer)->table, waited);
}

static const char *human_owner(const struct printer *printer)
{
	return ((const struct human_printer *)printer)->table.last.owner;
}

static void human_free(struct printer *printer)
{
	table_done(&((struct human_printer *)printer)->table);
	lines_done(printer->lines);
	free(printer);
}

struct printer *printer_human_new(const struct screen *screen)
{
	/* without a terminal there is no rule, which would end a folded row */
	static const struct printer_ops ops[] = {
		{ .death = human_death,
		  .row = human_row,
		  .losses = human_losses,
		  .owner = human_owner,
		  .free = human_free },
		{ .death = human_death,
		  .row = human_row,
		  .losses = human_losses,
		  .rule = human_rule,
		  .owner = human_owner,
		  .free = human_free },
	};
	struct human_printer *printer = malloc(sizeof(*printer));

	if (!printer)
		return NULL;
	printer->printer = (struct printer){ &ops[screen->size_fd >= 0], &printer->lines };
	printer->lines = (struct lines){ .fd = screen->fd };
	table_begin(screen, &printer->table);
	printer->table.lines = &printer->lines;
	return (struct printer *)printer;
}
