/* SPDX-License-Identifier: BSD-2-Clause */
/* Which death a person means. */
#ifndef KT_CMD_WHY_CHOOSE_H
#define KT_CMD_WHY_CHOOSE_H

#include <jansson.h>

#include "history/history_read.h"
#include "options.h"

/* The newest death of what was named; a new reference. NULL: *ret_code says how to end, after a
 * message or an answer. */
json_t *why_choose(const struct options *options, struct history_reader *reader, int *ret_code);

#endif
