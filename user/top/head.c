// SPDX-License-Identifier: BSD-2-Clause
#include "top/head.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/text.h"
#include "stdout/number_words.h"
#include "top/strip.h"

#define WORDS(number) number_words(number, (char[NUMBER_WORDS_SIZE]){ 0 })

static struct strip row_of(const struct top_pen *pen, unsigned int row)
{
	return strip_at(pen, row, 0, pen->columns, false);
}

static void draw_total(const struct top_pen *pen, const struct top_title *title,
		       const struct top_snapshot *snapshot, const struct top_look *look,
		       unsigned int row)
{
	struct strip strip = row_of(pen, row);
	char text[TOP_MESSAGE_SIZE];

	(void)snprintf(text, sizeof(text), "%s %s", WORDS(snapshot->deaths),
		       text_plural(snapshot->deaths, "death", "deaths"));
	strip_text(&strip, PAINT_BOLD, text);
	if (snapshot->is_reading)
		strip_text(&strip, PAINT_NONE, ", reading ...");
	if (look->is_paused)
		strip_text(&strip, PAINT_LOSS, " PAUSED");
	if (losses_any(&snapshot->missing.losses))
		strip_text(&strip, PAINT_LOSS, " LOSSES");
	(void)snprintf(text, sizeof(text), "  %s", title->source);
	strip_text(&strip, PAINT_NONE, text);
}

static void add(struct strip *strip, enum paint paint, const char *before, const char *number,
		const char *after)
{
	char text[TOP_MESSAGE_SIZE];

	(void)snprintf(text, sizeof(text), "%s%s%s", before, number, after);
	strip_text(strip, paint, text);
}

static void draw_rates(const struct top_pen *pen, const struct top_title *title,
		       const struct top_snapshot *snapshot, unsigned int row)
{
	const struct top_missing *missing = &snapshot->missing;
	struct strip strip = row_of(pen, row);

	if (!title->is_past) {
		add(&strip, PAINT_NONE, "last second ", WORDS(snapshot->second), "");
		add(&strip, PAINT_NONE, ", 10 s ", WORDS(snapshot->ten_seconds), "");
		add(&strip, PAINT_NONE, ", minute ", WORDS(snapshot->minute), "; ");
	}
	add(&strip, PAINT_NONE, "", WORDS(snapshot->owner_count),
	    text_plural(snapshot->owner_count, " owner", " owners"));
	if (missing->owners)
		add(&strip, PAINT_LOSS, ", left out ", WORDS(missing->owners), " rarer");
	if (missing->routine)
		add(&strip, PAINT_NONE, ", hidden ", WORDS(missing->routine),
		    text_plural(missing->routine, " routine end (--all)", " routine ends (--all)"));
	if (missing->others)
		add(&strip, PAINT_NONE, ", ", WORDS(missing->others), " filtered out");
	if (missing->unreadable)
		add(&strip, PAINT_LOSS, ", ", WORDS(missing->unreadable), " not readable");
}

/* The most frequent first, as many as fit. */
static void draw_causes(const struct top_pen *pen, const struct top_snapshot *snapshot,
			unsigned int row)
{
	struct strip strip = row_of(pen, row);
	bool drawn[TOP_CAUSES] = { false };

	for (;;) {
		int most = -1;

		for (int i = 0; i < TOP_CAUSES; i++)
			if (!drawn[i] && snapshot->causes[i] &&
			    (most < 0 || snapshot->causes[i] > snapshot->causes[most]))
				most = i;
		if (most < 0)
			break;
		drawn[most] = true;
		strip_text(&strip, PAINT_BOLD,
			   most < CAUSE_COUNT ? cause_name((enum cause)most) : "other");
		add(&strip, PAINT_NONE, " ", WORDS(snapshot->causes[most]), "  ");
	}
}

static void draw_losses(const struct top_pen *pen, const struct losses *losses, unsigned int row)
{
	const char *before = "lost ";
	struct strip strip = row_of(pen, row);

	for (int i = 0; i < LOSS_COUNT; i++) {
		if (!losses->count[i])
			continue;
		add(&strip, PAINT_LOSS, before, WORDS(losses->count[i]), " ");
		strip_text(&strip, PAINT_LOSS, loss_meaning((enum loss)i, losses->count[i]));
		before = "; ";
	}
}

unsigned int head_draw(const struct top_pen *pen, const struct top_title *title,
		       const struct top_snapshot *snapshot, const struct top_look *look,
		       unsigned int most)
{
	unsigned int row = 0;

	if (row < most)
		draw_total(pen, title, snapshot, look, row++);
	if (row < most && losses_any(&snapshot->missing.losses))
		draw_losses(pen, &snapshot->missing.losses, row++);
	if (row < most)
		draw_rates(pen, title, snapshot, row++);
	if (row < most)
		draw_causes(pen, snapshot, row++);
	return row;
}
