/* SPDX-License-Identifier: BSD-2-Clause */
/* The completion for each shell, and what they have in common. */
#ifndef KT_CMD_COMPLETION_H
#define KT_CMD_COMPLETION_H

#include "base/buffer.h"
#include "options_choices.h"

void completion_bash(struct buffer *out);
void completion_zsh(struct buffer *out);
void completion_fish(struct buffer *out);

/* Adds text. */
void completion_put(struct buffer *out, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* Adds the words that `what` stands for, separated by blanks. */
void completion_words(struct buffer *out, const struct command *command, const char *what);

/* Adds text that is within single quotes of the shell, with a backslash before each special
 * character. */
void completion_quoted(struct buffer *out, const char *text, const char *special);

/* "[WHAT]" is an operand, too: the word for it without brackets in *ret_what. False: it takes none.
 */
bool completion_operand(const struct command *command, char ret_what[16]);

#endif
