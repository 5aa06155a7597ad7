// SPDX-License-Identifier: BSD-2-Clause
#include <string.h>

#include "cmd_completion.h"
#include "commands.h"

static void put_words(struct buffer *out, const struct command *command, const char *what)
{
	completion_put(out, " -a '");
	completion_words(out, command, what);
	completion_put(out, "'");
}

static void put_value(struct buffer *out, const struct command *command, const char *what)
{
	switch (choices_of(what)) {
	case CHOICES_WORDS:
		completion_put(out, " -x");
		put_words(out, command, what);
		break;
	case CHOICES_FILES:
		completion_put(out, " -r -F");
		break;
	case CHOICES_FOLDERS:
		completion_put(out, " -x -a '(__fish_complete_directories)'");
		break;
	case CHOICES_FREE:
		completion_put(out, " -x");
		break;
	case CHOICES_NONE:
		break;
	}
}

static void put_line(struct buffer *out, const struct command *command)
{
	completion_put(out, "complete -c killtrace -n '__killtrace_is %s'", command->name);
}

static void put_description(struct buffer *out, const char *text)
{
	completion_put(out, " -d '");
	for (const char *quote; (quote = strchr(text, '\'')); text = quote + 1)
		completion_put(out, "%.*s\\'", (int)(quote - text), text);
	completion_put(out, "%s'\n", text);
}

static void put_command(struct buffer *out, const struct command *command)
{
	char what[16];

	completion_put(out, "complete -c killtrace -n __killtrace_begins -a %s", command->name);
	put_description(out, command->help);
	for (const struct poptOption *at = option_table_next(command->groups, NULL); at;
	     at = option_table_next(command->groups, at)) {
		put_line(out, command);
		completion_put(out, " -l %s", at->longName);
		if (at->shortName)
			completion_put(out, " -s %c", at->shortName);
		put_value(out, command, at->argDescrip);
		put_description(out, at->descrip);
	}
	if (!completion_operand(command, what))
		return;
	if (choices_of(what) == CHOICES_FILES) {
		put_line(out, command);
		completion_put(out, " -F\n");
	} else if (choices_of(what) == CHOICES_WORDS) {
		put_line(out, command);
		put_words(out, command, what);
		completion_put(out, "\n");
	}
}

void completion_fish(struct buffer *out)
{
	completion_put(out,
		       "# fish completion for killtrace, printed by 'killtrace completion "
		       "fish'\n\nfunction __killtrace_begins\n"
		       "\tset -l words (commandline -opc)\n\ttest (count $words) -eq 1; or "
		       "test \"$words[2..]\" = help\nend\n\n"
		       "function __killtrace_is\n\tset -l words (commandline -opc)\n"
		       "\tset -l command trace\n\tif set -q words[2]; and not string match -q -- "
		       "'-*' $words[2]\n\t\tset command $words[2]\n\tend\n"
		       "\ttest $command = $argv[1]\nend\n\ncomplete -c killtrace -f\n"
		       "complete -c killtrace -n 'test (count (commandline -opc)) -eq 1' -a help"
		       " -d 'Show the options of a command'\n");
	for (const struct command *at = command_at(0); at->name; at++)
		put_command(out, at);
}
