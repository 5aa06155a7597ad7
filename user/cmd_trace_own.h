/* SPDX-License-Identifier: BSD-2-Clause */
/* Live tracing with own programs, for a command that shows deaths. */
#ifndef KT_CMD_TRACE_OWN_H
#define KT_CMD_TRACE_OWN_H

#include <stdbool.h>

#include "options.h"
#include "pipeline.h"
#include "stdout/printing.h"

/*
 * Until a request to stop; returns the exit code. False in *ret_began: nothing could be attached,
 * which was reported. To be called after watch_catch_signals(); `printing` is what the pipeline
 * reports to, and still belongs to the caller.
 */
int trace_own(const struct options *options, struct pipeline *pipeline, struct printing *printing,
	      bool *ret_began);

#endif
