/* SPDX-License-Identifier: BSD-2-Clause */
/* The live view beside an agent: what it sees, with no programs of one's own. */
#ifndef KT_VIEW_H
#define KT_VIEW_H

#include <stdbool.h>

#include "pipeline.h"

/*
 * False: no agent answers, which was said if there should be one; programs of one's own are needed.
 * Else all was shown, and *ret_code is the exit code. After watch_catch_signals(); what prints
 * stays the caller's.
 */
bool view_agent(const struct options *options, struct pipeline *pipeline, int *ret_code);

#endif
