// SPDX-License-Identifier: BSD-2-Clause
#include "why/shell.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"

#define LONGEST 1024

static const char plain[] =
	"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789@%_+=:,./-";

/* What the terminal would not show as it is, a shell would still take. */
static bool is_visible(const char *word)
{
	char safe[4 * LONGEST];

	if (strlen(word) > LONGEST)
		return false;
	text_for_terminal_again(word, safe, sizeof(safe));
	return !strcmp(word, safe);
}

static void put_quoted(struct prose *command, const char *word)
{
	prose_put(command, "'");
	for (const char *at = word; *at;) {
		size_t length = strcspn(at, "'");

		prose_put(command, "%.*s", (int)length, at);
		at += length;
		if (*at) {
			prose_put(command, "'\\''");
			at++;
		}
	}
	prose_put(command, "'");
}

void shell_put_argument_with(struct prose *command, const char *before, const char *argument,
			     const char *after)
{
	AUTO_FREE char *word = NULL;

	if (asprintf(&word, "%s%s%s", before, argument, after) < 0) {
		word = NULL;
		command->failed = true;
		return;
	}
	if (!*argument || (!*before && *word == '-') || !is_visible(word))
		command->refused = true;
	else if (word[strspn(word, plain)])
		put_quoted(command, word);
	else
		prose_put(command, "%s", word);
}

void shell_put_argument(struct prose *command, const char *argument)
{
	shell_put_argument_with(command, "", argument, "");
}
