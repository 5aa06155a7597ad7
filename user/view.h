/* SPDX-License-Identifier: BSD-2-Clause */
/* The live view beside an agent: what the agent sees, without programs of its own. */
#ifndef KT_VIEW_H
#define KT_VIEW_H

#include <stdbool.h>

#include "pipeline.h"
#include "stdout/printing.h"

/*
 * False: no agent answers, which was reported if there should be one; the command needs programs of
 * its own. Otherwise everything was shown, and *ret_code is the exit code. To be called after
 * watch_catch_signals(); `printing` is what the pipeline reports to, and still belongs to the
 * caller.
 */
bool view_agent(const struct options *options, struct pipeline *pipeline, struct printing *printing,
		int *ret_code);

#endif
