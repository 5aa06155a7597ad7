// SPDX-License-Identifier: BSD-2-Clause
#include "stdout/table.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "line/json_peek.h"
#include "line/json_tree.h"
#include "line/reported.h"
#include "stdout/cells.h"
#include "stdout/evidence_lines.h"
#include "stdout/number_words.h"
#include "stdout/row_clock.h"
#include "stdout/sheet.h"

enum {
	CAUSE_CELLS = 19,
	OWNER_CELLS = 44,
	PROCESS_CELLS = 22,
	AGE_CELLS = 7,
	REASON_INDENT = 9,
	SHORTEST_OWNER = 12, /* a rest of a line that is less is left empty */
	LEGEND = 40,         /* columns from which there is a legend */
	ALIGNED = 72,        /* and from which columns are as wide as their widest text */
	NARROW_OWNER = 24,   /* with less, the process goes into the next line */
	ONE_ROW = 140,       /* columns from which the reason has a column of its own */
	WIDE_OWNER = 160,    /* and from which the owner's is as wide as it gets */
	ROWS_PER_LEGEND = 40,
};

static enum paint paint_of(const struct row *row)
{
	if (row->routine)
		return PAINT_DIM;
	if (row->class == ROW_KERNEL)
		return PAINT_RED;
	return row->class == ROW_RUNTIME ? PAINT_MAGENTA : PAINT_YELLOW;
}

static bool is_narrow(const struct table *table, size_t width)
{
	return width && width < table->clock_cells + CAUSE_CELLS + NARROW_OWNER + PROCESS_CELLS + 3;
}

/* With the blank behind it. */
static void put_column(struct sheet *sheet, enum paint paint, const char *text, size_t cells)
{
	sheet_put(sheet, paint, text, cells);
	sheet_blanks(sheet, 1);
}

static void put_owner(struct sheet *sheet, const char *owner, size_t cells, bool is_last)
{
	char elided[2 * OWNER_CELLS * 4 + 1024];

	cells_elide(owner, cells, elided, sizeof(elided));
	sheet_put(sheet, PAINT_BOLD, elided, is_last ? 0 : cells);
	if (!is_last)
		sheet_blanks(sheet, 1);
}

/* What the row says besides its columns. NULL: no memory. */
static char *reason_text(const struct row *row)
{
	char count[NUMBER_WORDS_SIZE];
	char *text = NULL;
	int length;

	if (row->repeats)
		length = asprintf(&text, "%s%s (and %s more %sin %s)", row->reason,
				  row->routine ? " (routine)" : "",
				  number_words(row->repeats, count),
				  row->differs ? "of its owner, not all like it, " : "", row->span);
	else
		length = asprintf(&text, "%s%s", row->reason, row->routine ? " (routine)" : "");
	return length < 0 ? NULL : text;
}

/* Everything in one row; `width` 0: however long. */
static void put_one_row(struct sheet *sheet, const struct row *row, const char *reason,
			size_t width)
{
	size_t owner = OWNER_CELLS;

	put_column(sheet, paint_of(row), row->cause, CAUSE_CELLS);
	if (!width) {
		put_column(sheet, PAINT_BOLD, row->owner, OWNER_CELLS);
	} else {
		if (width < WIDE_OWNER)
			owner -= WIDE_OWNER - width;
		put_owner(sheet, row->owner, owner, false);
	}
	put_column(sheet, PAINT_NONE, row->process, PROCESS_CELLS);
	put_column(sheet, PAINT_NONE, row->age, AGE_CELLS);
	sheet_wrap(sheet, reason, width, sheet->column + 2);
}

static void put_two_rows(struct sheet *sheet, const struct row *row, const char *reason,
			 size_t width)
{
	char process[1024];

	put_column(sheet, paint_of(row), row->cause, CAUSE_CELLS);
	put_owner(sheet, row->owner, width - sheet->column - PROCESS_CELLS - 2, false);
	/* escapes can make a name too long: its pid stays */
	cells_elide(row->process, width - sheet->column, process, sizeof(process));
	sheet_put(sheet, PAINT_NONE, process, 0);
	sheet_end_line(sheet);
	sheet_blanks(sheet, REASON_INDENT);
	sheet_wrap(sheet, reason, width, REASON_INDENT + 2);
}

static void put_narrow_rows(struct sheet *sheet, const struct row *row, const char *reason,
			    size_t width)
{
	const size_t indent = width < ALIGNED ? 1 : REASON_INDENT;
	AUTO_FREE char *rest = NULL;

	sheet_put(sheet, paint_of(row), row->cause, width < ALIGNED ? 0 : CAUSE_CELLS);
	if (sheet->column + 1 + SHORTEST_OWNER > width)
		sheet_end_line(sheet);
	sheet_blanks(sheet, 1);
	put_owner(sheet, row->owner, width > sheet->column ? width - sheet->column : 1, true);
	sheet_end_line(sheet);
	if (asprintf(&rest, "%s %s", row->process, reason) < 0)
		rest = NULL;
	sheet_blanks(sheet, indent);
	sheet_wrap(sheet, rest ? rest : reason, width, indent + 2);
}

static void put_legend(struct table *table, struct sheet *sheet, size_t width)
{
	if (table->screen.wishes.no_legend || table->screen.size_fd < 0 || table->rows ||
	    (width && width < LEGEND))
		return;
	put_column(sheet, PAINT_DIM, "TIME", table->clock_cells);
	if (is_narrow(table, width)) {
		put_column(sheet, PAINT_DIM, "CAUSE", width < ALIGNED ? 0 : CAUSE_CELLS);
		sheet_put(sheet, PAINT_DIM, "OWNER / PROCESS REASON", 0);
	} else if (width && width < ONE_ROW) {
		put_column(sheet, PAINT_DIM, "CAUSE", CAUSE_CELLS);
		put_column(sheet, PAINT_DIM, "OWNER", width - sheet->column - PROCESS_CELLS - 2);
		sheet_put(sheet, PAINT_DIM, "PROCESS / REASON", 0);
	} else {
		put_column(sheet, PAINT_DIM, "CAUSE", CAUSE_CELLS);
		put_column(sheet, PAINT_DIM, "OWNER",
			   width && width < WIDE_OWNER ? OWNER_CELLS - (WIDE_OWNER - width)
						       : OWNER_CELLS);
		put_column(sheet, PAINT_DIM, "PROCESS", PROCESS_CELLS);
		put_column(sheet, PAINT_DIM, "AGE", AGE_CELLS);
		sheet_put(sheet, PAINT_DIM, "REASON", 0);
	}
	sheet_end_line(sheet);
}

/* The start of each row. In a table of the past the column is as wide as the widest time so far. */
static void begin_row(struct table *table, struct sheet *sheet, int64_t realtime_ns, size_t width)
{
	char clock[ROW_CLOCK_SIZE];

	row_clock(&table->screen, realtime_ns, clock);
	if (table->screen.past && strlen(clock) > table->clock_cells)
		table->clock_cells = strlen(clock);
	put_legend(table, sheet, width);
	put_column(sheet, PAINT_NONE, clock, table->clock_cells);
	table->rows = (table->rows + 1) % ROWS_PER_LEGEND;
}

/* The row just above, again. */
static void put_more(struct sheet *sheet, const struct row *row)
{
	char count[NUMBER_WORDS_SIZE], text[128];

	const struct json_walk_value repeats = json_walk_member(&row->record, "repeats");
	char last[48] = "";

	if (json_peek_has(&repeats, "last_pid"))
		(void)snprintf(last, sizeof(last), " (last pid %" PRIu64 ")",
			       json_peek_number(&repeats, "last_pid"));
	(void)snprintf(text, sizeof(text), "  \xe2\x86\x91 \xc3\x97%s more in %s%s",
		       number_words(row->repeats + 1, count), row->span, last);
	sheet_put(sheet, PAINT_NONE, text, 0);
	sheet_end_line(sheet);
}

static void put_row(const struct table *table, struct sheet *sheet, const struct row *row,
		    size_t width)
{
	AUTO_FREE char *reason = reason_text(row);

	if (!reason)
		sheet->text.failed = true;
	else if (is_narrow(table, width))
		put_narrow_rows(sheet, row, reason, width);
	else if (width && width < ONE_ROW)
		put_two_rows(sheet, row, reason, width);
	else
		put_one_row(sheet, row, reason, width);
	evidence_lines_put(sheet, &table->screen, &row->record, width);
}

/* Takes over the row and its line. */
static void keep(struct table *table, struct row *row, char *line)
{
	row_done(&table->last);
	free(table->last_line);
	table->last = *row;
	table->last_line = line;
}

static int finish(const struct table *table, struct sheet *sheet)
{
	return table->lines ? sheet_add(sheet, table->lines) : sheet_write(sheet, table->screen.fd);
}

int table_death(struct table *table, const char *line, size_t size, int64_t realtime_ns)
{
	struct sheet sheet = { .color = table->screen.color };
	const size_t width = screen_width(&table->screen);
	char *copy = strndup(line, size);
	struct row row;
	int error = copy ? row_of_line(copy, strlen(copy), &row) : -ENOMEM;

	if (error) {
		free(copy);
		return error == -EINVAL ? 0 : error;
	}
	begin_row(table, &sheet, realtime_ns, width);
	if (table->screen.size_fd >= 0 && row.repeats && !row.differs &&
	    row_is_like(&row, &table->last))
		put_more(&sheet, &row);
	else
		put_row(table, &sheet, &row, width);
	keep(table, &row, copy);
	return finish(table, &sheet);
}

int table_losses(struct table *table, const struct losses *losses, int64_t realtime_ns)
{
	struct sheet sheet = { .color = table->screen.color };
	const size_t width = screen_width(&table->screen);
	char text[256], count[NUMBER_WORDS_SIZE];

	for (int i = 0; i < LOSS_COUNT; i++) {
		if (!losses->count[i])
			continue;
		begin_row(table, &sheet, realtime_ns, width);
		sheet_put(&sheet, PAINT_LOSS, "LOST", 0);
		sheet_blanks(&sheet, is_narrow(table, width) ? 1 : CAUSE_CELLS - 3);
		(void)snprintf(text, sizeof(text), "%s %s", number_words(losses->count[i], count),
			       loss_meaning((enum loss)i, losses->count[i]));
		sheet_wrap(&sheet, text, width, REASON_INDENT + 2);
	}
	row_done(&table->last);
	return finish(table, &sheet);
}

int table_rule(struct table *table, const struct waited *waited)
{
	struct sheet sheet = { .color = table->screen.color };
	char text[128], count[NUMBER_WORDS_SIZE], clock[ROW_CLOCK_SIZE];

	row_clock(&table->screen, waited->first_ns, clock);
	(void)snprintf(text, sizeof(text), "-- %s %s waited since %s (%s) --",
		       number_words(waited->deaths, count),
		       text_plural(waited->deaths, "death", "deaths"), clock, waited->how);
	sheet_wrap(&sheet, text, screen_width(&table->screen), 3);
	row_done(&table->last);
	return finish(table, &sheet);
}

int table_record(struct table *table, const json_t *record, int64_t realtime_ns)
{
	struct losses losses;
	AUTO_FREE char *line = NULL;

	if (!json_object_get(record, "cause")) {
		reported_losses(record, &losses);
		return table_losses(table, &losses, realtime_ns);
	}
	line = json_tree_line(record);
	return line ? table_death(table, line, strlen(line), realtime_ns) : -ENOMEM;
}

void table_begin(const struct screen *screen, struct table *ret)
{
	*ret = (struct table){ .screen = *screen, .clock_cells = strlen("23:59:58") };
}

void table_done(struct table *table)
{
	row_done(&table->last);
	free(table->last_line);
	table->last_line = NULL;
}
