/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Lines of JSON that somebody else can have written, such as those of a history that came with a
 * file: only what keeps to our schema is taken. The checker knows the keywords that
 * user/line/schema.json has, and refuses everything if it meets another one.
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
