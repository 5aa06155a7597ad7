// SPDX-License-Identifier: BSD-2-Clause
#include "why/as_markdown.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"

static void put(struct buffer *out, const char *text, size_t size)
{
	AUTO_FREE char *clean = strndup(text, size);

	if (!clean) {
		out->failed = true;
		return;
	}
	text_disarm(clean);
	buffer_text(out, clean);
}

/* One backtick more than the longest row of them in the text. */
static size_t fence_for(const char *text, size_t size)
{
	size_t longest = 0, row = 0;

	for (size_t i = 0; i < size; i++) {
		row = text[i] == '`' ? row + 1 : 0;
		longest = row > longest ? row : longest;
	}
	return longest + 1;
}

static void put_fence(struct buffer *out, size_t count)
{
	while (count--)
		buffer_text(out, "`");
}

/* Beside a backtick the span needs a blank, which is not shown. */
static void put_name(struct buffer *out, const char *name, size_t size)
{
	const size_t fence = fence_for(name, size);

	put_fence(out, fence);
	if (fence > 1)
		buffer_text(out, " ");
	put(out, name, size);
	if (fence > 1)
		buffer_text(out, " ");
	put_fence(out, fence);
}

/* Our own words: these characters in them mean themselves. */
static void put_words(struct buffer *out, const char *words, size_t size)
{
	for (size_t i = 0; i < size; i++) {
		if (strchr("\\`*_[]<>#|&", words[i]))
			buffer_text(out, "\\");
		buffer_add(out, &words[i], 1);
	}
}

static void put_prose(struct buffer *out, const char *text)
{
	static const char begins[] = { PROSE_NAME_BEGINS, '\0' };
	static const char ends[] = { PROSE_NAME_ENDS, '\0' };

	while (*text) {
		size_t size = strcspn(text, begins);

		put_words(out, text, size);
		text += size;
		if (!*text)
			return;
		size = strcspn(++text, ends);
		put_name(out, text, size);
		text += size + (text[size] != '\0');
	}
}

static void put_command(struct buffer *out, const struct explanation_item *item)
{
	size_t fence = fence_for(item->text, strlen(item->text));

	if (fence < 3)
		fence = 3;
	buffer_text(out, "- ");
	buffer_text(out, item->label ? item->label : "run");
	buffer_text(out, ":\n\n  ");
	put_fence(out, fence);
	buffer_text(out, "sh\n  ");
	put(out, item->text, strlen(item->text));
	buffer_text(out, "\n  ");
	put_fence(out, fence);
	buffer_text(out, "\n\n");
}

static void put_item(struct buffer *out, const struct explanation_item *item)
{
	if (item->is_command) {
		put_command(out, item);
		return;
	}
	buffer_text(out, "- ");
	if (item->label) {
		buffer_text(out, item->label);
		buffer_text(out, ": ");
	}
	put_prose(out, item->text);
	buffer_text(out, "\n");
}

void as_markdown(const struct explanation *explanation, struct buffer *ret)
{
	put_prose(ret, prose_text(&explanation->answer));
	buffer_text(ret, "\n");
	for (int section = 0; section < SECTION_COUNT; section++) {
		if (!explanation->sections[section].count)
			continue;
		buffer_text(ret, "\n**");
		buffer_text(ret, section_title((enum section)section));
		buffer_text(ret, "**\n\n");
		for (size_t i = 0; i < explanation->sections[section].count; i++)
			put_item(ret, &explanation->sections[section].items[i]);
	}
}
