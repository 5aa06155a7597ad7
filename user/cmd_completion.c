// SPDX-License-Identifier: BSD-2-Clause
/* killtrace completion: what a shell needs to complete commands, options and their values. It is
 * made from the tables that parse them, so that it cannot differ. */
#include "cmd_completion.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/output.h"
#include "base/say.h"
#include "commands.h"
#include "options_bad.h"
#include "stdout/printing.h"

static const struct {
	const char *name;
	void (*put)(struct buffer *out);
} shells[] = {
	{ "bash", completion_bash },
	{ "zsh", completion_zsh },
	{ "fish", completion_fish },
};

void completion_put(struct buffer *out, const char *format, ...)
{
	AUTO_FREE char *text = NULL;
	va_list arguments;

	va_start(arguments, format);
	if (vasprintf(&text, format, arguments) < 0)
		text = NULL;
	va_end(arguments);
	if (text)
		buffer_text(out, text);
	else
		out->failed = true;
}

void completion_words(struct buffer *out, const struct command *command, const char *what)
{
	const char *word;

	for (size_t i = 0; (word = choice_word(command, what, i)); i++)
		completion_put(out, "%s%s", i ? " " : "", word);
}

void completion_quoted(struct buffer *out, const char *text, const char *special)
{
	for (; *text; text++) {
		if (*text == '\'')
			buffer_text(out, "'\\'"); /* out of the quotes, and into them again */
		else if (strchr(special, *text))
			buffer_text(out, "\\");
		buffer_add(out, text, 1);
	}
}

bool completion_operand(const struct command *command, char ret_what[16])
{
	const char *operand = command->operand;

	if (!operand)
		return false;
	operand += *operand == '[';
	(void)snprintf(ret_what, 16, "%.*s", (int)strcspn(operand, "]"), operand);
	return true;
}

static int write_out(struct buffer *out)
{
	const int error = out->failed ? -ENOMEM : output_write(STDOUT_FILENO, out->text, out->size);

	free(out->text);
	return printing_exit_code(error);
}

int cmd_completion(const struct options *options)
{
	const char *names[ARRAY_SIZE(shells)];
	struct buffer out = { 0 };

	for (size_t i = 0; i < ARRAY_SIZE(shells); i++) {
		names[i] = shells[i].name;
		if (strcmp(names[i], options->argument) != 0)
			continue;
		shells[i].put(&out);
		return write_out(&out);
	}
	(void)option_bad_choice(NULL, "unknown shell", options->argument, names,
				ARRAY_SIZE(shells));
	return EXIT_USAGE;
}
