/* SPDX-License-Identifier: BSD-2-Clause */
/* The options for browsing the history: how much of it, in which order, and counted by what. */
#ifndef KT_OPTIONS_BROWSE_H
#define KT_OPTIONS_BROWSE_H

#include "options.h"
#include "options_table.h"

/* One of the checks of options_check(). */
enum options_result option_take_browse(const struct command *command,
				       const struct option_words *words, struct options *ret);

#endif
