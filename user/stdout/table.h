/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Deaths and losses as rows for people, the same for live and stored ones. On a terminal the rows
 * are laid out for its width: below 80 columns cause and owner, then process and reason; below 140
 * the reason has lines of its own; else everything is in one row. The owner comes before the
 * process, and loses its middle if it is too long; a reason is never cut. Elsewhere each death is
 * one line with its date, so that it can be searched.
 *
 * In colour, a cause is bold red if the kernel decided, yellow if a process did, magenta if a
 * language runtime did, and dim for a routine end.
 */
#ifndef KT_STDOUT_TABLE_H
#define KT_STDOUT_TABLE_H

#include <jansson.h>
#include <stdint.h>

#include "source/losses.h"
#include "stdout/lines.h"
#include "stdout/row.h"
#include "stdout/screen.h"
#include "stdout/waited.h"

struct table {
	struct screen screen;
	unsigned int rows;   /* since the legend */
	size_t clock_cells;  /* of the column of times */
	struct row last;     /* for repeats of it */
	char *last_line;     /* that it points into */
	struct lines *lines; /* to which rows are added; NULL: each is written at once */
};

/* table_done() frees what it keeps. */
void table_begin(const struct screen *screen, struct table *ret);
void table_done(struct table *table);

/* `line` is the JSON of a death; a line in another form is left out. Returns the same as
 * output_write(), or -ENOMEM. */
int table_death(struct table *table, const char *line, size_t size, int64_t realtime_ns);

/* A stored record of deaths or losses. */
int table_record(struct table *table, const json_t *record, int64_t realtime_ns);

/* A row for each reason. */
int table_losses(struct table *table, const struct losses *losses, int64_t realtime_ns);

/* Between deaths that waited and those to come, on a terminal. */
int table_rule(struct table *table, const struct waited *waited);

#endif
