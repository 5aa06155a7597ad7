// SPDX-License-Identifier: BSD-2-Clause
#include "top/pane.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "stdout/number_words.h"
#include "stdout/row_clock.h"
#include "top/strip.h"

/* Below this width a row has only what is needed most. */
#define NARROW 60

enum { COUNT_CELLS = 9, RATE_CELLS = 9, CAUSE_CELLS = 19, CLOCK_CELLS = 8, LONGEST_OWNER = 44 };

#define TEXT_SIZE 1024

struct drawing {
	const struct top_pen *pen;
	const struct top_title *title;
	const struct top_snapshot *snapshot;
	const struct top_look *look;
	const struct pane_place *place;
	unsigned int clock; /* cells of a time here */
};

static enum paint paint_of(enum row_class class, bool is_routine)
{
	static const enum paint paints[] = {
		[ROW_KERNEL] = PAINT_RED,
		[ROW_PROCESS] = PAINT_YELLOW,
		[ROW_RUNTIME] = PAINT_MAGENTA,
	};

	return is_routine ? PAINT_DIM : paints[class];
}

/* "segfault 1,204, sigkill": a single cause needs no count. */
static void write_causes(const struct top_owner *owner, char *ret, size_t size)
{
	bool written[TOP_CAUSES] = { false };
	char words[NUMBER_WORDS_SIZE];
	size_t used = 0;

	*ret = '\0';
	while (used < size) {
		int most = -1;

		for (int i = 0; i < TOP_CAUSES; i++)
			if (!written[i] && owner->causes[i] &&
			    (most < 0 || owner->causes[i] > owner->causes[most]))
				most = i;
		if (most < 0)
			break;
		written[most] = true;
		number_words(owner->causes[most], words);
		used += (size_t)snprintf(ret + used, size - used, "%s%s%s%s", used ? ", " : "",
					 most < CAUSE_COUNT ? cause_name((enum cause)most)
							    : "other",
					 owner->causes[most] == owner->deaths ? "" : " ",
					 owner->causes[most] == owner->deaths ? "" : words);
	}
}

/* Of the last minute, or, for the past, over the time from the first to the last. */
static void write_rate(const struct top_title *title, const struct top_owner *owner,
		       char ret[NUMBER_RATE_SIZE])
{
	const double span = (double)(owner->last_ns - owner->first_ns) / (double)NS_PER_S;

	*ret = '\0';
	if (title->is_past && owner->deaths > 1)
		number_rate_words(owner->deaths, span, ret);
	else if (!title->is_past && owner->minute)
		number_rate_words(owner->minute, TOP_SECONDS, ret);
}

/* The same cells for titles and rows. */
static unsigned int owner_cells(const struct drawing *drawing, const struct strip *strip)
{
	const unsigned int cells = strip_left(strip) / 2;

	if (drawing->place->columns < NARROW)
		return strip_left(strip);
	return cells < LONGEST_OWNER ? cells : LONGEST_OWNER;
}

static void draw_owner(const struct drawing *drawing, struct strip *strip, unsigned int place)
{
	const struct top_owner *owner = &drawing->snapshot->owners[drawing->look->owners[place]];
	const enum paint paint = paint_of(owner->class, owner->routine);
	char words[NUMBER_WORDS_SIZE], rate[NUMBER_RATE_SIZE], clock[ROW_CLOCK_SIZE];
	char causes[TEXT_SIZE];

	strip_number(strip, number_words(owner->deaths, words), COUNT_CELLS);
	write_rate(drawing->title, owner, rate);
	if (drawing->place->columns < NARROW) {
		strip_name(strip, PAINT_BOLD, owner->name, owner_cells(drawing, strip));
		return;
	}
	strip_number(strip, rate, RATE_CELLS);
	row_clock(drawing->title->screen, owner->last_ns, clock);
	strip_name(strip, PAINT_NONE, clock, drawing->clock);
	strip_name(strip, PAINT_BOLD, owner->name, owner_cells(drawing, strip));
	write_causes(owner, causes, sizeof(causes));
	strip_text(strip, paint, causes);
}

static void draw_death(const struct drawing *drawing, struct strip *strip, unsigned int place)
{
	const struct top_death *death = &drawing->snapshot->list[drawing->look->deaths[place]];
	char clock[ROW_CLOCK_SIZE], words[NUMBER_WORDS_SIZE], text[TEXT_SIZE];

	row_clock(drawing->title->screen, death->time_ns, clock);
	strip_name(strip, PAINT_NONE, clock, drawing->clock);
	if (drawing->place->columns < NARROW) {
		strip_name(strip, paint_of(death->class, death->routine), death->cause,
			   strip_left(strip) / 2);
		strip_name(strip, PAINT_BOLD, death->owner, owner_cells(drawing, strip));
		return;
	}
	strip_name(strip, paint_of(death->class, death->routine), death->cause, CAUSE_CELLS);
	strip_name(strip, PAINT_BOLD, death->owner, owner_cells(drawing, strip));
	if (death->repeats) {
		(void)snprintf(text, sizeof(text), "\xc3\x97%s ",
			       number_words(death->repeats + 1, words));
		strip_text(strip, PAINT_BOLD, text);
	}
	(void)snprintf(text, sizeof(text), "%s  %s", death->process, death->reason);
	strip_text(strip, PAINT_NONE, text);
}

static void draw_title(const struct drawing *drawing, enum top_pane pane)
{
	const struct pane_place *place = drawing->place;
	const bool is_narrow = place->columns < NARROW, is_owners = pane == TOP_PANE_OWNERS;
	struct strip strip = strip_at(drawing->pen, place->row, place->column, place->columns,
				      drawing->look->pane == pane);

	if (is_owners)
		strip_number(&strip, "DEATHS", COUNT_CELLS);
	if (is_owners && !is_narrow)
		strip_number(&strip, "RATE", RATE_CELLS);
	if (!is_owners || !is_narrow)
		strip_name(&strip, PAINT_NONE, is_owners ? "LAST" : "TIME", drawing->clock);
	if (!is_owners)
		strip_name(&strip, PAINT_NONE, "CAUSE",
			   is_narrow ? strip_left(&strip) / 2 : CAUSE_CELLS);
	strip_name(&strip, PAINT_BOLD, "OWNER", owner_cells(drawing, &strip));
	if (!is_narrow)
		strip_text(&strip, PAINT_NONE, is_owners ? "CAUSES" : "PROCESS  REASON");
	strip_fill(&strip);
}

/* Times of other days are longer. */
static unsigned int clock_cells(const struct drawing *drawing, enum top_pane pane,
				unsigned int first, unsigned int count)
{
	unsigned int cells = CLOCK_CELLS;
	char clock[ROW_CLOCK_SIZE];

	for (unsigned int i = first; i < count && i < first + drawing->place->rows; i++) {
		const struct top_look *look = drawing->look;

		row_clock(drawing->title->screen,
			  pane == TOP_PANE_OWNERS
				  ? drawing->snapshot->owners[look->owners[i]].last_ns
				  : drawing->snapshot->list[look->deaths[i]].time_ns,
			  clock);
		if (strlen(clock) > cells)
			cells = (unsigned int)strlen(clock);
	}
	return cells;
}

void pane_draw(const struct top_pen *pen, const struct top_title *title,
	       const struct top_snapshot *snapshot, const struct top_look *look, enum top_pane pane,
	       const struct pane_place *place)
{
	struct drawing drawing = { pen, title, snapshot, look, place, 0 };
	const unsigned int count = pane == TOP_PANE_OWNERS ? look->owner_count : look->death_count;
	const unsigned int selected = top_look_selected(look, snapshot, pane);
	const unsigned int rows = place->rows ? place->rows - 1 : 0;
	/* the selected row is always seen, as far up as possible */
	const unsigned int first = selected >= rows && rows ? selected - rows + 1 : 0;

	drawing.clock = clock_cells(&drawing, pane, first, count);
	draw_title(&drawing, pane);
	for (unsigned int i = 0; i < rows && first + i < count; i++) {
		struct strip strip = strip_at(pen, place->row + 1 + i, place->column,
					      place->columns,
					      look->pane == pane && first + i == selected);

		if (pane == TOP_PANE_OWNERS)
			draw_owner(&drawing, &strip, first + i);
		else
			draw_death(&drawing, &strip, first + i);
		strip_fill(&strip);
	}
}
