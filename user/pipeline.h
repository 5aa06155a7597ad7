/* SPDX-License-Identifier: BSD-2-Clause */
/* The way of the data: frame → decode → attribute and explain → select → sink. */
#ifndef KT_PIPELINE_H
#define KT_PIPELINE_H

#include "options.h"
#include "sink/sink.h"
#include "sink/tally.h"
#include "source/symbols.h"

struct pipeline {
	const struct options *options;
	struct origin origin;
	const struct symbols *symbols; /* NULL: kernel frames stay nameless */
	struct naming *naming;         /* NULL: containers stay nameless */
	struct sink *sink;
	struct tally tally;
	unsigned long told; /* deaths that reached the sink */
	int64_t last_ns;    /* wall clock of the newest record */
	uint64_t newest; /* sequence of what was told; older ones come again for a sink that is behind */
	bool output_gone; /* the sink failed: what still comes is counted as lost */
	bool leaves; /* but for the record that it did not take: the source keeps it for the next reader */
	struct naming_troubles troubles; /* that were told */
	/* scratch, reused for every record */
	struct death death;
	struct attribution whose;
	struct report report;
};

/* A receiver for a source; `pipeline` has to outlive it. What cannot be decoded is counted. */
struct frame_receiver pipeline_receiver(struct pipeline *pipeline);

/* Whether stdout is a terminal that shows colours to somebody who wants them. */
bool pipeline_has_color(void);

/* A sink for the chosen output on stdout. NULL when out of memory. */
struct sink *pipeline_new_sink(const struct options *options);

/* Hands new losses to the sink and into the tally. 0 or the sink's error. */
int pipeline_tell_losses(struct pipeline *pipeline, const struct losses *losses,
			 int64_t realtime_ns);

/*
 * What a reading's end means: the exit code, after saying what has to be said. A reader that went
 * away and an order to stop are no failures.
 */
int pipeline_exit_code(int result);

#endif
