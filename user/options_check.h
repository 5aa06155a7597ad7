/* SPDX-License-Identifier: BSD-2-Clause */
/* Turns the words of a command line into their meaning, for one command. */
#ifndef KT_OPTIONS_CHECK_H
#define KT_OPTIONS_CHECK_H

#include "options_table.h"

/* Also reads RUNTIME_DIRECTORY and OTEL_* from the environment. *ret refers to the words.
 * OPTIONS_BAD: a message said what is wrong. */
enum options_result options_check(const struct command *command, const struct option_words *words,
				  struct options *ret);

#endif
