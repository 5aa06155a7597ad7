/* SPDX-License-Identifier: BSD-2-Clause */
/* Says why a history cannot be read, and what to do. */
#ifndef KT_CMD_HISTORY_FAILURE_H
#define KT_CMD_HISTORY_FAILURE_H

#include "history/history_read.h"

/* `failure` is what history_open() returned. */
void history_say_failure(const char *path, int failure, const struct history_reader *reader);

#endif
