/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The map that a compiler at run time writes of its code, for Linux's perf: lines of
 * "ADDRESS SIZE NAME", both numbers in hex (tools/perf/Documentation/jit-interface.txt).
 *
 * Its owner can write anything into it, while it is read, too: an answer is text of one line or
 * nothing. In the process without privileges.
 */
#ifndef KT_SYMBOLS_PERF_MAP_H
#define KT_SYMBOLS_PERF_MAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PERF_MAP_LINE 4096
/* Of a larger file only the end is read: code moves, and the newest line about it counts. */
#define PERF_MAP_MOST_BYTES ((uint64_t)32 << 20)

struct perf_map_place {
	uint64_t address; /* that is looked for */
	bool is_found;
	uint64_t start;
	char name[256]; /* any bytes; ended, and cut */
};

/* Takes the whole lines of `bytes`, which it may change: the last line that covers an address
 * counts. How many bytes were taken; a line without an end is not. */
size_t perf_map_read(char *bytes, size_t size, struct perf_map_place *places, size_t count);

/* The same for a plain file. False: it could not be read to its end. */
bool perf_map_read_file(int fd, struct perf_map_place *places, size_t count);

#endif
