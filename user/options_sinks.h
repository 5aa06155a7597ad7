/* SPDX-License-Identifier: BSD-2-Clause */
/* The part of options_check.h about where an agent writes, and what history reads. */
#ifndef KT_OPTIONS_SINKS_H
#define KT_OPTIONS_SINKS_H

#include <stdbool.h>

#include "options_table.h"

enum options_result option_take_history(const struct command *command,
					const struct option_words *words, struct options *ret);
/* After the history and the pins: with --unpin nothing is written. */
enum options_result option_take_sinks(const struct command *command,
				      const struct option_words *words, struct options *ret);

/* A whole number of at least 1. */
bool option_count(const char *word, unsigned long *ret);

#endif
