/* SPDX-License-Identifier: BSD-2-Clause */
/* From the words of a command line to what they mean, for one command. */
#ifndef KT_OPTIONS_CHECK_H
#define KT_OPTIONS_CHECK_H

#include "options_table.h"

/* Reads RUNTIME_DIRECTORY and OTEL_* of the environment too. *ret refers to the words. OPTIONS_BAD:
 * one line was said. */
enum options_result options_check(const struct command *command, const struct option_words *words,
				  struct options *ret);

#endif
