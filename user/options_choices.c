// SPDX-License-Identifier: BSD-2-Clause
#include "options_choices.h"

#include <string.h>

#include "base/cleanup.h"
#include "explain/cause.h"
#include "provoke/kind.h"
#include "source/hooks.h"

static bool is(const char *what, const char *word)
{
	return !strcmp(what, word);
}

enum choices choices_of(const char *what)
{
	if (!what)
		return CHOICES_NONE;
	if (is(what, "FILE") || is(what, "PATH"))
		return CHOICES_FILES;
	if (is(what, "DIR"))
		return CHOICES_FOLDERS;
	if (is(what, "CAUSE") || is(what, "KIND") || is(what, "HOOK") || is(what, "FORMAT") ||
	    is(what, "SHELL"))
		return CHOICES_WORDS;
	return CHOICES_FREE;
}

static const char *hook_at(size_t index)
{
	return index < HOOK_COUNT ? hook_name((enum hook)index) : NULL;
}

static const char *cause_at(size_t index)
{
	return index < CAUSE_COUNT ? cause_name((enum cause)index) : NULL;
}

/* Without those that are refused. */
static const char *kind_at(size_t index)
{
	for (int i = 0; i < CAUSE_COUNT; i++)
		if (!provoke_kind((enum cause)i)->refusal && !index--)
			return cause_name((enum cause)i);
	return NULL;
}

const char *choice_word(const struct command *command, const char *what, size_t index)
{
	static const char *const formats[] = { "human", "json", "otlp", NULL };
	static const char *const of_why[] = { "human", "json", "md", NULL };
	static const char *const of_doctor[] = { "human", "json", NULL };
	static const char *const shells[] = { "bash", "zsh", "fish", NULL };

	if (is(what, "HOOK"))
		return hook_at(index);
	if (is(what, "CAUSE"))
		return cause_at(index);
	if (is(what, "KIND"))
		return kind_at(index);
	if (is(what, "SHELL"))
		return shells[index];
	if (command->groups & OPTIONS_DOCTOR)
		return of_doctor[index];
	return command->groups & OPTIONS_WHY ? of_why[index] : formats[index];
}
