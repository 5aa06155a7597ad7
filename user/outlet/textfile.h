/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * DIR/killtrace.prom, for node_exporter's textfile collector, always complete: it is written beside
 * its name and then renamed. Beside it is killtrace.state, from which the counters continue after a
 * restart.
 *
 * No foreign file is overwritten: a killtrace.prom without our first line stays, and the folder may
 * not be a symbolic link.
 */
#ifndef KT_OUTLET_TEXTFILE_H
#define KT_OUTLET_TEXTFILE_H

#include "metrics/metrics.h"
#include "outlet/outlet.h"

/* `directory` and `metrics` must outlive it. Continues from the counters that were saved there.
 * NULL when out of memory. */
struct outlet *textfile_new(const char *directory, struct metrics *metrics);

#endif
