// SPDX-License-Identifier: BSD-2-Clause
#include "why/explanation.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"

static const struct {
	const char *title, *key;
} sections[] = {
	[SECTION_STACK] = { "Stack", "stack" },    [SECTION_EVIDENCE] = { "Evidence", "evidence" },
	[SECTION_BEFORE] = { "Before", "before" }, [SECTION_ALSO] = { "Also died", "also_died" },
	[SECTION_NEXT] = { "Next", "next" },
};

_Static_assert(ARRAY_SIZE(sections) == SECTION_COUNT, "a title per section");

const char *section_title(enum section section)
{
	return sections[section].title;
}

const char *section_key(enum section section)
{
	return sections[section].key;
}

static struct explanation_item *room(struct explanation *explanation, enum section section)
{
	struct explanation_item *bigger = reallocarray(explanation->sections[section].items,
						       explanation->sections[section].count + 1,
						       sizeof(*bigger));

	if (!bigger)
		return NULL;
	explanation->sections[section].items = bigger;
	return &bigger[explanation->sections[section].count];
}

static void add(struct explanation *explanation, enum section section, const char *label,
		struct prose *text, bool is_command)
{
	struct explanation_item *item;

	if (text->failed)
		explanation->failed = true;
	if (!*prose_text(text) || text->refused) {
		prose_done(text);
		return;
	}
	item = room(explanation, section);
	if (!item) {
		explanation->failed = true;
		prose_done(text);
		return;
	}
	*item = (struct explanation_item){ label, text->text, is_command };
	explanation->sections[section].count++;
	*text = (struct prose){ 0 };
}

void explanation_add(struct explanation *explanation, enum section section, const char *label,
		     struct prose *text)
{
	add(explanation, section, label, text, false);
}

void explanation_say(struct explanation *explanation, enum section section, const char *label,
		     const char *format, ...)
{
	struct prose text = { 0 };
	char *words = NULL;
	va_list args;

	va_start(args, format);
	if (vasprintf(&words, format, args) < 0) {
		words = NULL;
		explanation->failed = true;
	}
	va_end(args);
	if (words)
		prose_put(&text, "%s", words);
	free(words);
	add(explanation, section, label, &text, false);
}

void explanation_add_command(struct explanation *explanation, const char *label,
			     struct prose *command)
{
	add(explanation, SECTION_NEXT, label, command, true);
}

static void free_section(struct explanation *explanation, enum section section)
{
	for (size_t i = 0; i < explanation->sections[section].count; i++)
		free(explanation->sections[section].items[i].text);
	free(explanation->sections[section].items);
}

void explanation_done(struct explanation *explanation)
{
	prose_done(&explanation->answer);
	for (int section = 0; section < SECTION_COUNT; section++)
		free_section(explanation, (enum section)section);
	*explanation = (struct explanation){ 0 };
}
