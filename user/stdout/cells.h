/* SPDX-License-Identifier: BSD-2-Clause */
/* How many cells of a terminal a text takes: a character can take none, one or two. Texts are valid
 * UTF-8 without control characters. */
#ifndef KT_STDOUT_CELLS_H
#define KT_STDOUT_CELLS_H

#include <stddef.h>

/* Reads the widths of characters from the system, which opens a file: call it before the process is
 * confined. Without it, or where the system has none, each character takes one cell. */
void cells_begin(void);

size_t cells_of(const char *text);

/* How many bytes at the start take at most so many cells. Whole characters only. */
size_t cells_fit(const char *text, size_t cells);

/* Leaves out the middle of a text that is too long: both ends of a name say something, and the end
 * most. `size` is at least 8. */
void cells_elide(const char *text, size_t cells, char *ret, size_t size);

#endif
