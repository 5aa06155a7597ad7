// SPDX-License-Identifier: BSD-2-Clause
#include "top/page.h"

#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "stdout/cells.h"
#include "top/head.h"
#include "top/pane.h"
#include "top/strip.h"

/* From here owners and deaths are side by side. */
#define WIDE 140
/* From here both are shown, one above the other, and the selected row has its details. */
#define TALL 12
/* Columns between them. */
#define GAP 2

static const char help[] =
	"Keys\n"
	"  Up Down PgUp PgDn Home End, or k j b space g G   move\n"
	"  Tab        owners, or the newest deaths\n"
	"  Enter      why the selected process died; for an owner, its newest\n"
	"  /          show only rows with a text; Esc shows all again\n"
	"  s          sort owners by rate, deaths, last death or name\n"
	"  p          pause: the screen stays, and everything is still counted\n"
	"  ?          this help; q or Esc leaves it\n"
	"  q, Ctrl-C  end; the counts are printed then\n"
	"\n"
	"Rates count the last minute; for the past, the time between an owner's\n"
	"first and last death. Causes are red if the kernel decided, yellow if a\n"
	"process did, magenta if a language runtime did.\n"
	"\n"
	"At most 256 owners are kept: the one with the fewest deaths makes room,\n"
	"and the second row says how often that happened. 200 deaths are listed.\n";

/* Draws lines, wrapped at the width, from `first`; returns how many there are. */
static unsigned int draw_lines(const struct top_pen *pen, const char *text, unsigned int first,
			       unsigned int rows)
{
	unsigned int line = 0;

	while (*text) {
		const size_t length = strcspn(text, "\n");
		size_t done = 0;

		do {
			char part[1024];
			struct strip strip;
			size_t size = length - done < sizeof(part) - 1 ? length - done
								       : sizeof(part) - 1;

			memcpy(part, text + done, size);
			part[size] = '\0';
			size = cells_fit(part, pen->columns);
			part[size] = '\0';
			if (line >= first && line - first < rows) {
				strip = strip_at(pen, line - first, 0, pen->columns, false);
				strip_text(&strip, PAINT_NONE, part);
			}
			line++;
			/* a screen that is narrower than a character shows nothing of it */
			done += size ? size : length - done;
		} while (done < length);
		text += length + (text[length] == '\n');
	}
	return line;
}

static void draw_foot(const struct top_pen *pen, const struct top_look *look)
{
	struct strip strip = strip_at(pen, pen->rows - 1, 0, pen->columns, true);
	char text[TOP_MESSAGE_SIZE + TOP_FILTER_SIZE];

	if (look->over == TOP_OVER_FILTER)
		(void)snprintf(text, sizeof(text), "/%s_  (Enter keeps it, Esc shows all)",
			       look->filter);
	else if (look->over != TOP_OVER_NOTHING)
		(void)snprintf(text, sizeof(text), "q back  %u-%u of %u lines",
			       look->text_first + 1,
			       look->text_first + look->text_page < look->text_lines
				       ? look->text_first + look->text_page
				       : look->text_lines,
			       look->text_lines);
	else if (look->message[0])
		(void)snprintf(text, sizeof(text), "%s", look->message);
	else if (look->filter[0])
		(void)snprintf(text, sizeof(text), "only rows with '%s' (Esc shows all)",
			       look->filter);
	else
		(void)snprintf(text, sizeof(text),
			       "?:help  q:quit  Enter:why  /:filter  s:sort (%s)  p:pause  Tab:%s",
			       top_sort_name(look->sort),
			       look->pane == TOP_PANE_OWNERS ? "deaths" : "owners");
	strip_text(&strip, PAINT_NONE, text);
	strip_fill(&strip);
}

static void draw_text(const struct top_pen *pen, struct top_look *look)
{
	const char *text = look->over == TOP_OVER_HELP ? help : look->text;

	look->text_page = pen->rows > 1 ? pen->rows - 1 : 1;
	look->text_lines = draw_lines(pen, text, UINT32_MAX, 0);
	if (look->text_first >= look->text_lines)
		look->text_first = look->text_lines ? look->text_lines - 1 : 0;
	(void)draw_lines(pen, text, look->text_first, look->text_page);
	if (pen->rows > 1)
		draw_foot(pen, look);
}

/* What a row of a list has no room for. */
static void draw_details(const struct top_pen *pen, const struct top_snapshot *snapshot,
			 const struct top_look *look, unsigned int row)
{
	struct strip strip = strip_at(pen, row, 0, pen->columns, false);
	const unsigned int place = top_look_selected(look, snapshot, look->pane);
	char text[TOP_WORD_SIZE + TOP_REASON_SIZE + 4];

	if (look->pane == TOP_PANE_OWNERS && place < look->owner_count) {
		const struct top_owner *owner = &snapshot->owners[look->owners[place]];

		(void)snprintf(text, sizeof(text), "%s: %s", owner->process, owner->reason);
	} else if (look->pane == TOP_PANE_DEATHS && place < look->death_count) {
		const struct top_death *death = &snapshot->list[look->deaths[place]];

		(void)snprintf(text, sizeof(text), "%s: %s", death->process, death->reason);
	} else {
		(void)snprintf(text, sizeof(text), "%s",
			       look->filter[0] ? "no row has the text" : "no deaths");
	}
	strip_text(&strip, PAINT_NONE, text);
}

/* Of rows `first` up to the footer. */
static void place_panes(const struct top_pen *pen, unsigned int first, unsigned int rows,
			enum top_pane chosen, struct pane_place ret[2])
{
	const unsigned int owners = pen->columns * 9 / 20, half = rows / 2;

	ret[TOP_PANE_OWNERS] = ret[TOP_PANE_DEATHS] = (struct pane_place){ 0 };
	if (rows < TALL - 4) {
		ret[chosen] = (struct pane_place){ first, 0, rows, pen->columns };
	} else if (pen->columns >= WIDE) {
		ret[TOP_PANE_OWNERS] = (struct pane_place){ first, 0, rows, owners };
		ret[TOP_PANE_DEATHS] = (struct pane_place){ first, owners + GAP, rows,
							    pen->columns - owners - GAP };
	} else {
		ret[TOP_PANE_OWNERS] = (struct pane_place){ first, 0, half, pen->columns };
		ret[TOP_PANE_DEATHS] =
			(struct pane_place){ first + half, 0, rows - half, pen->columns };
	}
}

static void draw_panes(const struct top_pen *pen, const struct top_title *title,
		       const struct top_snapshot *snapshot, struct top_look *look,
		       unsigned int first, unsigned int rows)
{
	struct pane_place places[2];

	place_panes(pen, first, rows, look->pane, places);
	for (int pane = TOP_PANE_OWNERS; pane <= TOP_PANE_DEATHS; pane++)
		if (places[pane].rows)
			pane_draw(pen, title, snapshot, look, (enum top_pane)pane, &places[pane]);
	look->page = places[look->pane].rows > 1 ? places[look->pane].rows - 1 : 1;
}

void top_page_draw(const struct top_pen *pen, const struct top_title *title,
		   const struct top_snapshot *snapshot, struct top_look *look)
{
	const bool is_tall = pen->rows >= TALL;
	unsigned int head, foot;

	if (!pen->rows || !pen->columns)
		return;
	if (look->over == TOP_OVER_HELP || look->over == TOP_OVER_TEXT) {
		draw_text(pen, look);
		return;
	}
	head = head_draw(pen, title, snapshot, look, is_tall ? 4 : pen->rows > 2);
	foot = is_tall ? 2 : pen->rows > 1;
	if (pen->rows > head + foot)
		draw_panes(pen, title, snapshot, look, head, pen->rows - head - foot);
	if (is_tall)
		draw_details(pen, snapshot, look, pen->rows - 2);
	if (foot)
		draw_foot(pen, look);
}
