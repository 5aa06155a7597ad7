/* SPDX-License-Identifier: BSD-2-Clause */
/* The path of the data: frame → decode → attribute → explain → select → a printer or the outlets.
 */
#ifndef KT_PIPELINE_H
#define KT_PIPELINE_H

#include <sys/types.h>

#include "options.h"
#include "metrics/metrics.h"
#include "explain/report_receiver.h"
#include "stdout/tally.h"
#include "source/kallsyms.h"

struct feed;
struct handback;
struct memo;
struct named_frame;

struct pipeline {
	const struct options *options;
	struct origin origin;
	const struct kallsyms *symbols;     /* NULL: kernel frames have no names */
	struct naming *naming;              /* NULL: containers have no names */
	pid_t parser;                       /* for live data: "" is the root of this process */
	const char *host_root;              /* for live data: "" is the own root */
	struct feed *feed;                  /* NULL: there is no live view for others */
	struct named_frame *named;          /* scratch of the feed */
	struct report_receiver reports;     /* where they go */
	struct metrics *metrics;            /* NULL: what is hidden is not counted in metrics */
	struct memo *owners, *fingerprints; /* NULL: nothing is remembered */
	struct tally tally;
	int64_t last_ns;                 /* wall clock of the newest record */
	struct handback *handback;       /* NULL: no record comes again */
	struct naming_troubles troubles; /* that were reported */
	bool live;             /* losses are requested once a second: until then they are summed */
	struct losses pending; /* the sum */
	struct kin kin;        /* the deaths before, reported or not */
	/* scratch, reused for every record */
	struct death death;
	struct attribution whose;
	struct kin_child child; /* that `whose` refers to */
	struct report report;
};

/* Makes the memos. Without memory for them, everything is computed each time. */
void pipeline_remember(struct pipeline *pipeline);
void pipeline_forget(struct pipeline *pipeline);

/* A receiver for a source; `pipeline` must outlive it. What cannot be decoded is counted. */
struct frame_receiver pipeline_receiver(struct pipeline *pipeline);

/* Passes new losses on, and adds them to the tally. 0 or the receiver's error. */
int pipeline_tell_losses(struct pipeline *pipeline, const struct losses *losses,
			 int64_t realtime_ns);

#endif
