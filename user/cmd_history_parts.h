/* SPDX-License-Identifier: BSD-2-Clause */
/* Parts of `killtrace history`: deaths that match a pattern, and deaths that are counted. */
#ifndef KT_CMD_HISTORY_PARTS_H
#define KT_CMD_HISTORY_PARTS_H

#include "history/history_read.h"
#include "options.h"

/* cmd_history_grep.c: an extended regular expression; without a capital letter it ignores case.
 * NULL: it is invalid, or there is no memory, and a message said so. */
struct history_grep;
struct history_grep *history_grep_new(const char *pattern);
void history_grep_free(struct history_grep *grep);

/* Whether the row of a death, or its summary, has a match; for a struct history_query. */
bool history_grep_matches(void *grep, const char *line);

/* cmd_history_groups.c: prints the groups; *ret_deaths: how many deaths are in them. The results of
 * history_read(). */
int history_show_groups(struct history_reader *reader, const struct options *options,
			const struct history_query *query, const struct screen *screen,
			uint64_t *ret_deaths);

#endif
