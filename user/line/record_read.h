/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Lines of JSON that may come from elsewhere, such as those of a history in a foreign file: only
 * what conforms to our schema is accepted. The checker knows the keywords in user/line/schema.json,
 * and refuses everything if there is another one.
 */
#ifndef KT_LINE_RECORD_READ_H
#define KT_LINE_RECORD_READ_H

#include <jansson.h>

/*
 * The record of a line, without the members that this version does not know (a newer one adds
 * fields); a new reference. NULL: it is no record, or there is no memory.
 */
json_t *record_read(const char *line);

#endif
