/* SPDX-License-Identifier: BSD-2-Clause */
/* A report as the public JSON record: names, order and units are those of the schema. */
#ifndef KT_SINK_JSON_RECORD_H
#define KT_SINK_JSON_RECORD_H

#include "explain/report.h"
#include "source/losses.h"

/* One compact line of pure ASCII without control bytes, ended by a newline; to be freed by the
 * caller. NULL when out of memory. */
char *json_record_of_death(const struct report *report, size_t *ret_size);
char *json_record_of_losses(const struct origin *origin, const struct losses *losses,
			    int64_t realtime_ns, size_t *ret_size);

#endif
