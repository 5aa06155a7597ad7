/* SPDX-License-Identifier: BSD-2-Clause */
/* One line of JSON of the history, taken apart: for the columns it is found by, and for filters. */
#ifndef KT_SINK_HISTORY_ROW_H
#define KT_SINK_HISTORY_ROW_H

#include <jansson.h>
#include <stdbool.h>

#include "explain/select.h"

struct history_row {
	json_t *json; /* owns all texts but `pod` */
	bool is_death;
	const char *id, *summary,
		*container; /* "" where unknown; `container`: its name, else its id */
	char *pod;
	struct selectable told;
};

/* False: it is no line of ours, or there is no memory; then nothing is to be freed. `line` need not
 * end with its newline. */
bool history_row_read(const char *line, size_t size, struct history_row *ret);
void history_row_done(struct history_row *row);

#endif
