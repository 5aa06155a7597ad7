/* SPDX-License-Identifier: BSD-2-Clause */
/* The places that --textfile, --history, --json, --journal and --otlp name: an agent's, or a replay's. */
#ifndef KT_OUTLETS_H
#define KT_OUTLETS_H

#include "pipeline.h"
#include "sink/metrics.h"

bool outlets_wanted(const struct options *options);

/* Two that write to one place would each tell half, or all twice. False: it was said who does. */
bool outlets_are_alone(const struct options *options);

/*
 * Adds an outlet for each to the pipeline's sink, a fan-out; its origin is known. `tracer`, whose ledger
 * they keep, is NULL for what does not come again. False: out of memory.
 */
bool outlets_add(const struct options *options, struct pipeline *pipeline, struct metrics *metrics,
		 const struct tracer *tracer);

#endif
