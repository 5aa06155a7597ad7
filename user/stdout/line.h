/* SPDX-License-Identifier: BSD-2-Clause */
/* Lines for people, about deaths and losses: the only way for such text to a terminal. */
#ifndef KT_STDOUT_LINE_H
#define KT_STDOUT_LINE_H

#include <stdbool.h>
#include <stdint.h>

#include "line/reported.h"

/*
 * Local time, since people look at a clock on the wall. `with_day` for events that may be of
 * another day. In colour, kills by the kernel are red, those by processes and runtimes yellow, and
 * a routine end is dim. Everything that a terminal obeys is removed from the texts, and a text that
 * is longer than any of ours is cut. Returns the same as output_write().
 */
int line_write_death(int fd, bool color, bool with_day, const struct reported *reported);

/* A line for each reason. */
int line_write_losses(int fd, bool with_day, const struct losses *losses, int64_t realtime_ns);

/* For a stored record, whose time comes from the database. */
int line_write_record(int fd, bool color, const json_t *record, int64_t realtime_ns);

#endif
