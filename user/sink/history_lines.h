/* SPDX-License-Identifier: BSD-2-Clause */
/* Stored lines of JSON for people: as the live stream told them, with the date. */
#ifndef KT_SINK_HISTORY_LINES_H
#define KT_SINK_HISTORY_LINES_H

#include <stdbool.h>
#include <stdint.h>

/* Writes a death as one line, losses as a line for each reason; what is not readable is left out. 0 or
 * -errno as output_write() has it. */
int history_lines_write(int fd, bool color, const char *line, int64_t realtime_ns);

#endif
