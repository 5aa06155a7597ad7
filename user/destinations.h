/* SPDX-License-Identifier: BSD-2-Clause */
/* The places that --textfile, --history, --json, --journal and --otlp name: an agent's, or a
 * replay's. */
#ifndef KT_DESTINATIONS_H
#define KT_DESTINATIONS_H

#include "metrics/metrics.h"
#include "options.h"
#include "outlet/fanout.h"

bool destinations_wanted(const struct options *options);

/* Folders are made by administrators: one that is missing at the start is a mistake in the options.
 * One that goes away later is waited for. False: it was said which. */
bool destinations_have_folders(const struct options *options);

/* Gives up all that the command needs no more, now that it is set up; before other threads are
 * started. `file` is one that it writes, or is NULL. */
void destinations_confine(const struct options *options, bool traces, const char *file);

/* Two that write to one place would each tell half, or all twice. False: it was said who does. */
bool destinations_are_alone(const struct options *options);

/*
 * Adds an outlet for each to the fan-out. Deaths are of the boot `boot_id`. `tracer`, whose ledger
 * they keep, is NULL for what does not come again. False: out of memory.
 */
bool destinations_add(const struct options *options, struct fanout *fanout, struct metrics *metrics,
		      const char *boot_id, const struct tracer *tracer);

#endif
