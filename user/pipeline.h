/* SPDX-License-Identifier: BSD-2-Clause */
/* The way of the data: frame → decode → attribute → explain → select → a printer or the outlets. */
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
struct named_frame;

struct pipeline {
	const struct options *options;
	struct origin origin;
	const struct kallsyms *symbols; /* NULL: kernel frames stay nameless */
	struct naming *naming;          /* NULL: containers stay nameless */
	pid_t parser;                   /* whose children read for it (parser_starter()); 0: none */
	const char *host_root;          /* of what is live: "" is this process's own */
	struct feed *feed;              /* NULL: nobody else sees what comes */
	struct named_frame *named;      /* its scratch */
	struct report_receiver reports; /* where they go */
	struct metrics *metrics;        /* NULL: what is hidden is not counted for anybody */
	struct tally tally;
	int64_t last_ns;                 /* wall clock of the newest record */
	struct handback *handback;       /* NULL: no record comes again */
	struct naming_troubles troubles; /* that were told */
	bool live;             /* losses are asked for once a second: until then they are summed */
	struct losses pending; /* the sum */
	struct kin kin;        /* of the deaths that came before, reported or not */
	/* scratch, reused for every record */
	struct death death;
	struct attribution whose;
	struct kin_child child; /* of whose */
	struct report report;
};

/* A receiver for a source; `pipeline` has to outlive it. What cannot be decoded is counted. */
struct frame_receiver pipeline_receiver(struct pipeline *pipeline);

/* Hands new losses on, and into the tally. 0 or the receiver's error. */
int pipeline_tell_losses(struct pipeline *pipeline, const struct losses *losses,
			 int64_t realtime_ns);

#endif
