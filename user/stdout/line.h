/* SPDX-License-Identifier: BSD-2-Clause */
/* Lines for people, of deaths and of what was lost: the only way of such text to a terminal. */
#ifndef KT_STDOUT_LINE_H
#define KT_STDOUT_LINE_H

#include <stdbool.h>
#include <stdint.h>

#include "line/reported.h"

/*
 * Local time, since people look at a clock on the wall. `with_day` for what may be of another day.
 * In colour, the kernel's doing is red, what processes and runtimes did yellow, and a routine end
 * dim. Of the texts nothing is left that a terminal obeys, and what is longer than any of ours is
 * cut. As output_write().
 */
int line_write_death(int fd, bool color, bool with_day, const struct reported *reported);

/* A line for each reason. */
int line_write_losses(int fd, bool with_day, const struct losses *losses, int64_t realtime_ns);

/* Of a stored record; a database knows its time without it. */
int line_write_record(int fd, bool color, const json_t *record, int64_t realtime_ns);

#endif
