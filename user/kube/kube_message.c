// SPDX-License-Identifier: BSD-2-Clause
#include "kube/kube_message.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "why/why.h"

/* A longer step is left out: the sentence is worth more. */
#define LONGEST_STEP 400
#define STEP ". Next: "

/* In place: without the marks of names (why/prose.h). */
static void remove_marks(char *text)
{
	char *to = text;

	for (const char *at = text; *at; at++)
		if (*at != PROSE_NAME_BEGINS && *at != PROSE_NAME_ENDS)
			*to++ = *at;
	*to = '\0';
}

/* A command, else the first advice; NULL: there is none. */
static const char *first_step(const struct explanation *explanation)
{
	const struct explanation_item *items = explanation->sections[SECTION_NEXT].items;
	const size_t count = explanation->sections[SECTION_NEXT].count;

	for (size_t i = 0; i < count; i++)
		if (items[i].is_command)
			return items[i].text;
	return count ? items[0].text : NULL;
}

/* "": nothing is known that helps. */
static void find_step(const struct event *event, char ret[LONGEST_STEP + 1])
{
	json_t *record = json_loadb(event->line, event->size, 0, NULL);
	struct explanation explanation = { 0 };
	AUTO_FREE char *step = NULL;
	char safe[LONGEST_STEP + 32]; /* one that is cut has no room in `ret` */
	struct why why;

	*ret = '\0';
	if (record && why_of_record(record, 0, &why)) {
		why_explain(&why, &explanation);
		if (!explanation.failed && first_step(&explanation))
			step = strdup(first_step(&explanation));
		explanation_done(&explanation);
	}
	json_decref(record);
	if (!step)
		return;
	remove_marks(step);
	text_for_terminal_again(step, safe, sizeof(safe));
	if (strlen(safe) <= LONGEST_STEP)
		memcpy(ret, safe, strlen(safe) + 1);
}

void kube_message_write(const struct event *event, char ret[KUBE_MESSAGE_MOST + 1])
{
	char step[LONGEST_STEP + 1];
	size_t room = KUBE_MESSAGE_MOST + 1;

	find_step(event, step);
	if (*step)
		room -= strlen(STEP) + strlen(step);
	text_for_terminal_again(reported_text(event->reported, REPORTED_SUMMARY), ret, room);
	if (*step)
		(void)snprintf(ret + strlen(ret), KUBE_MESSAGE_MOST + 1 - strlen(ret), STEP "%s",
			       step);
}
