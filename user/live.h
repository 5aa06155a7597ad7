/* SPDX-License-Identifier: BSD-2-Clause */
/* Starts the live tracer for a command, with words for whoever waits. */
#ifndef KT_LIVE_H
#define KT_LIVE_H

#include "attribute/naming.h"
#include "options.h"
#include "source/symbols.h"

struct live {
	struct tracer *tracer;
	struct symbols *symbols; /* NULL: hidden or unreadable, which was said */
	struct naming *naming;   /* NULL: containers stay nameless, which was said */
};

/* After watch_catch_signals(), since it can take long. With options->confine, privileges that are needed no more are given up once all is attached.
 * EXIT_DONE, or an exit code after one line that says what failed and what to do. */
int live_start(const struct options *options, struct live *ret);
void live_done(struct live *live);

#endif
