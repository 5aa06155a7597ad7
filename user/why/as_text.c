// SPDX-License-Identifier: BSD-2-Clause
#include "why/as_text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"

#define TITLE_COLUMN 2
#define ITEM_COLUMN 13
#define LABEL_WIDTH 9

struct page {
	struct buffer *out;
	unsigned int width;
	unsigned int column; /* of what comes next */
};

/* How many columns the first bytes of a text take. The marks of names take none. */
static unsigned int width_of(const char *text, size_t size)
{
	unsigned int width = 0;
	uint32_t point;

	for (const char *at = text; at < text + size; at += text_next_point(at, &point))
		width += *at != PROSE_NAME_BEGINS && *at != PROSE_NAME_ENDS;
	return width;
}

/* Without the marks of names, and harmless to a terminal. */
static void put(struct page *page, const char *text, size_t size)
{
	AUTO_FREE char *clean = malloc(size + 1);
	size_t used = 0;

	if (!clean) {
		page->out->failed = true;
		return;
	}
	for (size_t i = 0; i < size; i++)
		if (text[i] != PROSE_NAME_BEGINS && text[i] != PROSE_NAME_ENDS)
			clean[used++] = text[i];
	clean[used] = '\0';
	text_disarm(clean);
	buffer_text(page->out, clean);
	page->column += width_of(text, size);
}

static void indent(struct page *page, unsigned int column)
{
	while (page->column < column) {
		buffer_text(page->out, " ");
		page->column++;
	}
}

static void end_line(struct page *page)
{
	buffer_text(page->out, "\n");
	page->column = 0;
}

/* A word that is longer than a line, such as a path, goes on in the next line. */
static void put_word(struct page *page, const char *word, size_t size, unsigned int hang)
{
	while (page->column + width_of(word, size) > page->width) {
		size_t part = 0;
		uint32_t point;

		while (part < size && page->column + width_of(word, part) < page->width)
			part += text_next_point(word + part, &point);
		put(page, word, part);
		end_line(page);
		indent(page, hang);
		word += part;
		size -= part;
	}
	put(page, word, size);
}

/* Words up to the width; later lines begin at the column `hang`. */
static void put_wrapped(struct page *page, const char *text, unsigned int hang)
{
	bool is_first = true;

	while (*text) {
		size_t size = strcspn(text, " ");

		const bool is_long = width_of(text, size) > page->width - hang;

		if (!is_first && !is_long &&
		    page->column + 1 + width_of(text, size) > page->width) {
			end_line(page);
			indent(page, hang);
		} else if (!is_first) {
			put(page, " ", 1);
		}
		put_word(page, text, size, hang);
		is_first = false;
		text += size + (text[size] == ' ');
	}
	end_line(page);
}

static void put_item(struct page *page, const struct explanation_item *item)
{
	unsigned int hang = ITEM_COLUMN;

	indent(page, ITEM_COLUMN);
	if (item->label) {
		put(page, item->label, strlen(item->label));
		put(page, ":", 1);
		hang = ITEM_COLUMN + LABEL_WIDTH;
		indent(page, hang);
	}
	if (item->is_command) {
		put(page, item->text, strlen(item->text));
		end_line(page);
	} else {
		put_wrapped(page, item->text, hang);
	}
}

static void put_section(struct page *page, const struct explanation *explanation,
			enum section section)
{
	const char *title = section_title(section);

	if (!explanation->sections[section].count)
		return;
	indent(page, TITLE_COLUMN);
	put(page, title, strlen(title));
	for (size_t i = 0; i < explanation->sections[section].count; i++)
		put_item(page, &explanation->sections[section].items[i]);
}

void as_text(const struct explanation *explanation, unsigned int width, struct buffer *ret)
{
	struct page page = { .out = ret,
			     .width = width < AS_TEXT_NARROWEST ? AS_TEXT_NARROWEST : width };

	put_wrapped(&page, prose_text(&explanation->answer), 0);
	for (int section = 0; section < SECTION_COUNT; section++)
		put_section(&page, explanation, (enum section)section);
}
