/* SPDX-License-Identifier: BSD-2-Clause */
/* What the value of an option, or the operand of a command, can be: for shells that complete it. */
#ifndef KT_OPTIONS_CHOICES_H
#define KT_OPTIONS_CHOICES_H

#include "options_table.h"

enum choices {
	CHOICES_NONE, /* it takes no value */
	CHOICES_FILES,
	CHOICES_FOLDERS,
	CHOICES_WORDS, /* choice_word() has them */
	CHOICES_FREE,
};

/* `what` is the word for it in the help, such as "FILE"; NULL: it takes no value. */
enum choices choices_of(const char *what);

/* The words that `what` stands for with this command; NULL: there are no more. */
const char *choice_word(const struct command *command, const char *what, size_t index);

#endif
