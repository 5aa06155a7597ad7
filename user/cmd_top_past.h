/* SPDX-License-Identifier: BSD-2-Clause */
/* Fills the model of `killtrace top` from a history. */
#ifndef KT_CMD_TOP_PAST_H
#define KT_CMD_TOP_PAST_H

#include "history/history_read.h"
#include "options.h"
#include "top/model.h"

/* What is there now. The results of history_read(). */
int top_past_read(struct history_reader *reader, const struct history_query *query,
		  struct top_model *model);

/* What is there, and then what an agent adds, until a request to stop. Messages say what failed.
 * Returns the exit code. */
int top_past_run(struct history_reader *reader, const struct options *options,
		 struct top_model *model);

#endif
