/* SPDX-License-Identifier: BSD-2-Clause */
/* The answer that there is no death, as far as the history proves it. */
#ifndef KT_CMD_WHY_ABSENT_H
#define KT_CMD_WHY_ABSENT_H

#include "history/history_read.h"
#include "options.h"

/* Prints it, and returns the exit code. */
int why_say_absent(const struct options *options, struct history_reader *reader);

#endif
