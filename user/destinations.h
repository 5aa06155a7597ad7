/* SPDX-License-Identifier: BSD-2-Clause */
/* The places that --textfile, --history, --json, --journal, --otlp and --kubernetes-events name,
 * for an agent or a replay. */
#ifndef KT_DESTINATIONS_H
#define KT_DESTINATIONS_H

#include "metrics/metrics.h"
#include "options.h"
#include "outlet/fanout.h"

bool destinations_wanted(const struct options *options);

/* Administrators make folders: if one is missing at the start, the options are wrong. If one goes
 * away later, it is waited for. False: the message named it. */
bool destinations_have_folders(const struct options *options);

/* Gives up everything that the command no longer needs after its setup; to be called before other
 * threads are started. `file` is one that it writes, or NULL. */
void destinations_confine(const struct options *options, bool traces, const char *file);

/* If two agents write to one place, each reports half, or everything is reported twice. False: the
 * message named the other one. */
bool destinations_are_alone(const struct options *options);

/*
 * Adds an outlet for each to the fan-out. Deaths are of the boot `boot_id`. The outlets keep the
 * ledger of `tracer`, which is NULL if records do not come again. False: out of memory.
 */
bool destinations_add(const struct options *options, struct fanout *fanout, struct metrics *metrics,
		      const char *boot_id, const struct tracer *tracer);

#endif
