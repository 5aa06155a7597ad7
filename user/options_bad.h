/* SPDX-License-Identifier: BSD-2-Clause */
/* The message about a mistake on the command line: it names the word, and the nearest valid one.
 * All functions return OPTIONS_BAD. */
#ifndef KT_OPTIONS_BAD_H
#define KT_OPTIONS_BAD_H

#include <stddef.h>

#include "options.h"

/* "WHAT 'WORD'; did you mean 'HINT'?", or without a hint "see 'killtrace COMMAND --help'". */
enum options_result option_bad(const struct command *command, const char *what, const char *word,
			       const char *hint);

/* If no choice is near, all of them are named, so they must be few. */
enum options_result option_bad_choice(const struct command *command, const char *what,
				      const char *word, const char *const *choices, size_t count);

enum options_result option_bad_cause(const struct command *command, const char *word);
enum options_result option_bad_time(const char *option, const char *word);

/* An option that the command does not have. */
enum options_result option_bad_name(const struct command *command, const char *word);

#endif
