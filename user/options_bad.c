// SPDX-License-Identifier: BSD-2-Clause
#include "options_bad.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/cleanup.h"
#include "base/nearest.h"
#include "base/say.h"
#include "options_table.h"

enum options_result option_bad(const struct command *command, const char *what, const char *word,
			       const char *hint)
{
	if (hint)
		say("%s '%s'; did you mean '%s'?", what, word, hint);
	else
		say("%s '%s'; see 'killtrace %s --help'", what, word, command->name);
	return OPTIONS_BAD;
}

enum options_result option_bad_choice(const struct command *command, const char *what,
				      const char *word, const char *const *choices, size_t count)
{
	const char *near = nearest_word(word, choices, count);
	char all[256] = "";
	size_t used = 0;

	if (near)
		return option_bad(command, what, word, near);
	for (size_t i = 0; i < count && used < sizeof(all); i++)
		used += (size_t)snprintf(all + used, sizeof(all) - used, "%s%s",
					 i == 0          ? ""
					 : i + 1 < count ? ", "
							 : " or ",
					 choices[i]);
	say("%s '%s': it is one of %s", what, word, all);
	return OPTIONS_BAD;
}

/* What people call a cause, where no edit leads there. */
static const char *cause_of_alias(const char *word)
{
	static const struct {
		const char *alias, *cause;
	} aliases[] = {
		{ "segv", "segfault" },
		{ "sigsegv", "segfault" },
		{ "gpf", "general-protection" },
		{ "sigill", "illegal-instruction" },
		{ "ud2", "illegal-instruction" },
		{ "sigfpe", "divide-error" },
		{ "sigtrap", "breakpoint" },
		{ "sigbus", "bus-error" },
		{ "sigsys", "seccomp" },
		{ "sigxcpu", "rlimit-cpu" },
		{ "sigxfsz", "rlimit-fsize" },
		{ "sigabrt", "abort" },
		{ "kill", "sigkill" },
		{ "oomd", "oom-userspace" },
		{ "panic", "runtime-crash" },
		{ "sigterm", "signal" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(aliases); i++)
		if (!strcasecmp(word, aliases[i].alias))
			return aliases[i].cause;
	return NULL;
}

enum options_result option_bad_cause(const struct command *command, const char *word)
{
	const char *causes[CAUSE_COUNT], *near;
	const size_t length = strlen(word);

	for (int i = 0; i < CAUSE_COUNT; i++) {
		causes[i] = cause_name((enum cause)i);
		if (length && !strncmp(causes[i], word, length) && causes[i][length] == '-') {
			say("unknown cause '%s'; did you mean '%s-*'?", word, word);
			return OPTIONS_BAD;
		}
	}
	near = cause_of_alias(word);
	if (!near)
		near = nearest_word(word, causes, CAUSE_COUNT);
	if (near)
		return option_bad(command, "unknown cause", word, near);
	say("unknown cause '%s'; '--cause help' lists them", word);
	return OPTIONS_BAD;
}

enum options_result option_bad_time(const char *option, const char *word)
{
	say("%s: invalid time '%s'; valid times are 2h, '1h 30m ago', 10:30, yesterday, 2026-11-21, '2026-11-21 10:41 UTC' or @1795257673",
	    option, word);
	return OPTIONS_BAD;
}

enum options_result option_bad_name(const struct command *command, const char *word)
{
	const char *candidates[OPTION_TABLE_MOST], *near;
	char named[80], typed[64];
	size_t count = 0;

	for (const struct poptOption *at = option_table_next(command->groups, NULL);
	     at && count < ARRAY_SIZE(candidates); at = option_table_next(command->groups, at))
		candidates[count++] = at->longName;
	(void)snprintf(typed, sizeof(typed), "%s", word + strspn(word, "-"));
	typed[strcspn(typed, "=")] = '\0';
	near = nearest_word(typed, candidates, count);
	(void)snprintf(named, sizeof(named), "--%s", near ? near : "");
	return option_bad(command, "unknown option", word, near ? named : NULL);
}
