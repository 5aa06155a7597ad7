/* SPDX-License-Identifier: BSD-2-Clause */
/* Lines of a foreign database, as a history in memory. */
#ifndef KT_FUZZ_PAST_H
#define KT_FUZZ_PAST_H

#include "base/cleanup.h"
#include "demand.h"
#include "history/history_memory.h"
#include "line/record_read.h"

static inline struct history_reader *past_of(const uint8_t *data, size_t size)
{
	struct history_memory *memory = history_memory_new();
	AUTO_FREE char *lines = malloc(size + 1);
	struct history_reader *reader;
	char *rest = lines, *line;

	demand(memory != NULL, "a history");
	memcpy(lines, data, size);
	lines[size] = '\0';
	while ((line = strsep(&rest, "\n"))) {
		json_t *record = record_read(line);

		if (record)
			demand(!history_memory_add(memory, record), "a row");
		json_decref(record);
	}
	reader = history_memory_reader(memory);
	demand(reader != NULL, "a reader");
	history_memory_free(memory);
	return reader;
}

#endif
