/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A history in memory, of records that come from elsewhere than an agent's database: a recording,
 * or lines of JSON. It is read in the same way as one.
 *
 * Ownership: history_memory_reader() gives the database to the reader.
 */
#ifndef KT_HISTORY_HISTORY_MEMORY_H
#define KT_HISTORY_HISTORY_MEMORY_H

#include "history/history_read.h"

struct history_memory;

/* NULL when out of memory. */
struct history_memory *history_memory_new(void);
void history_memory_free(struct history_memory *memory);

/* A death or losses, as a record of ours. 0 or -ENOMEM: there are too many. */
int history_memory_add(struct history_memory *memory, const json_t *record);

/* Ends the adding. NULL when out of memory. */
struct history_reader *history_memory_reader(struct history_memory *memory);

#endif
