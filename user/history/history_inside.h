/* SPDX-License-Identifier: BSD-2-Clause */
/* What the files that read the history share. For them only. */
#ifndef KT_HISTORY_HISTORY_INSIDE_H
#define KT_HISTORY_HISTORY_INSIDE_H

#include <sqlite3.h>

#include "history/history_read.h"

sqlite3 *history_sqlite(const struct history_reader *reader);

/* After a failure of SQLite: -EINTR if stop was requested, else HISTORY_FAILED, and history_error()
 * says why. */
int history_failed(struct history_reader *reader);

/* For history_damaged(). */
void history_count_damaged(struct history_reader *reader);

/* A reader of a database that is open already, and now belongs to it. NULL when out of memory. */
struct history_reader *history_reader_of(sqlite3 *sqlite);

/* The part of a name that a line has in one piece, as it is: of "shop/web-0" the pod, of "docker:web"
 * the container. */
const char *history_word_in_line(const char *word);

/* The numbers of the rows that history_read() would pass on, newest first; to be freed. Its
 * results. */
int history_find_numbers(struct history_reader *reader, const struct history_query *query,
			 int64_t **ret_numbers, size_t *ret_count);

/* Whether the column is there: an older history lacks some. */
bool history_has_column(const struct history_reader *reader, const char *name);

#endif
