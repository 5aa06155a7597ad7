/* SPDX-License-Identifier: BSD-2-Clause */
/* A report as the public JSON record: names, order and units follow the schema. */
#ifndef KT_LINE_JSON_RECORD_H
#define KT_LINE_JSON_RECORD_H

#include "explain/report.h"
#include "source/losses.h"

#define JSON_RECORD_ID_SIZE 64

/* "BOOT-SEQUENCE", the id of a death. Returns ret_id. */
const char *json_record_id(const struct origin *origin, uint64_t sequence,
			   char ret_id[JSON_RECORD_ID_SIZE]);

/* One compact line of pure ASCII without control bytes, ended by a newline; to be freed by the
 * caller. NULL when out of memory. */
char *json_record_of_death(const struct report *report, size_t *ret_size);
char *json_record_of_losses(const struct origin *origin, const struct losses *losses,
			    int64_t realtime_ns, size_t *ret_size);

#endif
