/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * An explanation of one death: the answer, and what stands behind it. It is made by why_explain()
 * and written by a renderer (as_text.h, as_json.h, as_markdown.h). Texts are prose: names in them
 * are safe and marked.
 *
 * Ownership: its maker frees it with explanation_done(). When out of memory, `failed` is set; it is
 * checked once, at the end.
 */
#ifndef KT_WHY_EXPLANATION_H
#define KT_WHY_EXPLANATION_H

#include <stdbool.h>
#include <stddef.h>

#include "why/prose.h"

/* In the order in which people read them. */
enum section {
	SECTION_STACK,
	SECTION_EVIDENCE, /* what proves the answer, and what is missing */
	SECTION_BEFORE,   /* earlier signals, and how often it happened */
	SECTION_ALSO,     /* what died with it */
	SECTION_NEXT,     /* what to do */
	SECTION_COUNT
};

struct explanation_item {
	const char *label; /* one word, "limit", of the program's own; NULL: none */
	char *text;        /* a sentence, or a command */
	bool is_command;   /* for a shell, in one piece */
};

struct explanation {
	struct prose answer; /* its first sentence is the answer */
	struct {
		struct explanation_item *items;
		size_t count;
	} sections[SECTION_COUNT];
	bool failed;
};

/* "Evidence", and "evidence" in JSON. */
const char *section_title(enum section section);
const char *section_key(enum section section);

/* Takes the text over; an empty one is not added. `label` is one of our own words, or NULL. */
void explanation_add(struct explanation *explanation, enum section section, const char *label,
		     struct prose *text);

/* The same for a text in one piece. */
void explanation_say(struct explanation *explanation, enum section section, const char *label,
		     const char *format, ...) __attribute__((format(printf, 4, 5)));

/* A command for SECTION_NEXT, made with shell_put_argument(). It is dropped if one of its arguments
 * was refused. Takes it over. */
void explanation_add_command(struct explanation *explanation, const char *label,
			     struct prose *command);

void explanation_done(struct explanation *explanation);

#endif
