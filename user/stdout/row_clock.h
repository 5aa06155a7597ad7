/* SPDX-License-Identifier: BSD-2-Clause */
/* The time of a row, on the clock of the wall. */
#ifndef KT_STDOUT_ROW_CLOCK_H
#define KT_STDOUT_ROW_CLOCK_H

#include <stdint.h>

#include "stdout/screen.h"

#define ROW_CLOCK_SIZE 32

/* "03:11:52" today, "Nov 28 23:59:58" this year, else and where no terminal is
 * "2026-11-28 23:59:58". */
void row_clock(const struct screen *screen, int64_t realtime_ns, char ret_text[ROW_CLOCK_SIZE]);

#endif
