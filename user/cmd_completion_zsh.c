// SPDX-License-Identifier: BSD-2-Clause
#include <stdio.h>

#include "cmd_completion.h"
#include "commands.h"

/* A colon ends a part of what _arguments takes, a bracket the description. */
#define SPECIAL ":[]\\"

static void put_action(struct buffer *out, const struct command *command, const char *what)
{
	switch (choices_of(what)) {
	case CHOICES_WORDS:
		completion_put(out, ":%s:(", what);
		completion_words(out, command, what);
		completion_put(out, ")");
		break;
	case CHOICES_FILES:
		completion_put(out, ":%s:_files", what);
		break;
	case CHOICES_FOLDERS:
		completion_put(out, ":%s:_files -/", what);
		break;
	case CHOICES_FREE:
		completion_put(out, ":");
		completion_quoted(out, what, SPECIAL);
		completion_put(out, ": ");
		break;
	case CHOICES_NONE:
		break;
	}
}

static void put_option(struct buffer *out, const struct command *command,
		       const struct poptOption *option, const char *name)
{
	const bool is_long = name[1] == '-';
	const bool takes = option->argDescrip != NULL;

	completion_put(out, " \\\n\t\t\t'*%s%s[", name, !takes ? "" : is_long ? "=" : "+");
	completion_quoted(out, option->descrip, SPECIAL);
	completion_put(out, "]");
	put_action(out, command, option->argDescrip);
	completion_put(out, "'");
}

static void put_command(struct buffer *out, const struct command *command)
{
	char name[64], what[16];

	completion_put(out, "\t%s)\n\t\t_arguments", command->name);
	for (const struct poptOption *at = option_table_next(command->groups, NULL); at;
	     at = option_table_next(command->groups, at)) {
		(void)snprintf(name, sizeof(name), "--%s", at->longName);
		put_option(out, command, at, name);
		(void)snprintf(name, sizeof(name), "-%c", at->shortName);
		if (at->shortName)
			put_option(out, command, at, name);
	}
	if (completion_operand(command, what)) {
		completion_put(out, " \\\n\t\t\t'1");
		put_action(out, command, what);
		completion_put(out, "'");
	}
	completion_put(out, "\n\t\t;;\n");
}

void completion_zsh(struct buffer *out)
{
	completion_put(out, "#compdef killtrace\n"
			    "# zsh completion for killtrace, printed by 'killtrace completion zsh'"
			    "\n\n_killtrace() {\n\tlocal -a commands\n\tlocal command=trace\n\n"
			    "\tcommands=(\n");
	for (const struct command *at = command_at(0); at->name; at++) {
		completion_put(out, "\t\t'%s:", at->name);
		completion_quoted(out, at->help, "\\");
		completion_put(out, "'\n");
	}
	completion_put(out, "\t\t'help:Show the options of a command'\n\t)\n"
			    "\tif { (( CURRENT == 2 )) && [[ $words[2] != -* ]] } ||\n"
			    "\t\t{ (( CURRENT == 3 )) && [[ $words[2] == help ]] }; then\n"
			    "\t\t_describe command commands\n\t\treturn\n\tfi\n"
			    "\tif [[ $words[2] != -* ]]; then\n\t\tcommand=$words[2]\n"
			    "\t\tshift words\n\t\t(( CURRENT-- ))\n\tfi\n\tcase $command in\n");
	for (const struct command *at = command_at(0); at->name; at++)
		put_command(out, at);
	completion_put(out, "\tesac\n}\n\n"
			    "if [[ $funcstack[1] == _killtrace ]]; then\n\t_killtrace \"$@\"\n"
			    "else\n\tcompdef _killtrace killtrace\nfi\n");
}
