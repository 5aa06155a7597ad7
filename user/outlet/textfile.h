/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * DIR/killtrace.prom, for node_exporter's textfile collector, always whole: written beside and
 * renamed. Beside it killtrace.state, from which the counters go on after a restart.
 *
 * Nothing that is not ours is overwritten: a killtrace.prom without our first line stays, and the
 * folder may not be a symbolic link.
 */
#ifndef KT_OUTLET_TEXTFILE_H
#define KT_OUTLET_TEXTFILE_H

#include "metrics/metrics.h"
#include "outlet/outlet.h"

/* `directory` and `metrics` have to outlive it. Takes up the counters that were saved there. NULL
 * when out of memory. */
struct outlet *textfile_new(const char *directory, struct metrics *metrics);

#endif
