/* SPDX-License-Identifier: BSD-2-Clause */
/* The JSON Schema to which every line of JSON output conforms, as `killtrace schema` prints it. */
#ifndef KT_LINE_SCHEMA_H
#define KT_LINE_SCHEMA_H

#include <stddef.h>

extern const char *const schema_text; /* not ended by a NUL */
extern const size_t schema_size;

#endif
