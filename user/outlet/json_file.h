/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * JSON lines in a file that is rotated: by size, to one older file PATH.1, or by another program,
 * which then sends SIGHUP. "-" is standard output.
 *
 * A line that could only be written in part is cut off again, so that the file has only whole
 * lines.
 */
#ifndef KT_OUTLET_JSON_FILE_H
#define KT_OUTLET_JSON_FILE_H

#include "outlet/outlet.h"

/* `path` must outlive it; `most_bytes` 0: never rotated by size. NULL when out of memory. */
struct outlet *json_file_new(const char *path, uint64_t most_bytes, const char *boot_id);

#endif
