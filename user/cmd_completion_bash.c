// SPDX-License-Identifier: BSD-2-Clause
#include "cmd_completion.h"
#include "commands.h"

/* The line of the command that takes the option with these words; options of one name have values
 * of one kind, but not always the same words. */
static void put_value(struct buffer *out, const struct command *command,
		      const struct poptOption *option)
{
	const char *what = option->argDescrip;

	if (choices_of(what) == CHOICES_NONE)
		return;
	completion_put(out, "\t%s:--%s", command->name, option->longName);
	if (option->shortName)
		completion_put(out, " | %s:-%c", command->name, option->shortName);
	switch (choices_of(what)) {
	case CHOICES_WORDS:
		completion_put(out, ") words='");
		completion_words(out, command, what);
		completion_put(out, "' ;;\n");
		break;
	case CHOICES_FILES:
		completion_put(out, ") files=-f ;;\n");
		break;
	case CHOICES_FOLDERS:
		completion_put(out, ") files=-d ;;\n");
		break;
	default:
		completion_put(out, ") ;;\n");
	}
}

static void put_values(struct buffer *out)
{
	for (const struct command *at = command_at(0); at->name; at++)
		for (const struct poptOption *option = option_table_next(at->groups, NULL); option;
		     option = option_table_next(at->groups, option))
			put_value(out, at, option);
}

static void put_options(struct buffer *out, const struct command *command)
{
	completion_put(out, "\t%s:-*) words='", command->name);
	for (const struct poptOption *at = option_table_next(command->groups, NULL); at;
	     at = option_table_next(command->groups, at))
		completion_put(out, "--%s ", at->longName);
	completion_put(out, "' ;;\n");
}

static void put_operand(struct buffer *out, const struct command *command)
{
	char what[16];

	if (!completion_operand(command, what))
		return;
	if (choices_of(what) == CHOICES_FILES)
		completion_put(out, "\t%s:*) files=-f ;;\n", command->name);
	if (choices_of(what) != CHOICES_WORDS)
		return;
	completion_put(out, "\t%s:*) words='", command->name);
	completion_words(out, command, what);
	completion_put(out, "' ;;\n");
}

static void put_commands(struct buffer *out, const char *between)
{
	for (const struct command *at = command_at(0); at->name; at++)
		completion_put(out, "%s%s", at->name, at[1].name ? between : "");
}

void completion_bash(struct buffer *out)
{
	completion_put(out,
		       "# bash completion for killtrace, printed by 'killtrace completion "
		       "bash'\n\n_killtrace()\n{\n"
		       "\tlocal cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]}"
		       "\n\tlocal command=trace words='' files=''\n\n\tCOMPREPLY=()\n"
		       "\t# bash takes --option=value apart\n"
		       "\tif [[ $cur == = ]]; then\n\t\tcur=\n"
		       "\telif [[ $prev == = && $COMP_CWORD -gt 2 ]]; then\n"
		       "\t\tprev=${COMP_WORDS[COMP_CWORD - 2]}\n\tfi\n"
		       "\tcase ${COMP_WORDS[1]} in\n\t");
	put_commands(out, " | ");
	completion_put(out, ") [[ $COMP_CWORD -eq 1 ]] || command=${COMP_WORDS[1]} ;;\n\tesac\n\n"
			    "\tcase $command:$prev in\n");
	put_values(out);
	completion_put(out, "\t*)\n\t\tcase $command:$cur in\n");
	for (const struct command *at = command_at(0); at->name; at++) {
		put_options(out, at);
		put_operand(out, at);
	}
	completion_put(out, "\t\tesac\n\t\tif [[ $COMP_CWORD -eq 1 && $cur != -* || "
			    "$COMP_CWORD -eq 2 && ${COMP_WORDS[1]} == help ]]; then\n"
			    "\t\t\twords='");
	put_commands(out, " ");
	completion_put(out, " help'\n\t\tfi\n\t\t;;\n\tesac\n\n"
			    "\tif [[ -n $files ]]; then\n\t\tcompopt -o filenames\n"
			    "\t\tmapfile -t COMPREPLY < <(compgen \"$files\" -- \"$cur\")\n"
			    "\telif [[ -n $words ]]; then\n"
			    "\t\tmapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$cur\")\n"
			    "\tfi\n}\n\ncomplete -F _killtrace killtrace\n");
}
