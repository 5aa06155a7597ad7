/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Reads the live tracer in the event loop: records as they come, losses a second after them, and
 * processes that were killed and do not die.
 */
#ifndef KT_READING_H
#define KT_READING_H

#include "source/tracer.h"
#include "watch.h"

struct reading_of {
	struct tracer *tracer;
	const struct frame_receiver *receiver;
	/* After records were read or losses were reported, and every so often as long as something
	 * waits: 1. 0: nothing does; a negative return ends the reading. NULL: what was read and
	 * reported is finished. */
	int (*settle)(void *context);
	void *settle_context;
	uint64_t duration_ns; /* 0: no end */
	int reader_fd;        /* a pipe: ends with -EPIPE when its reader is gone; -1: none */
};

/* Runs with the clients that `watch` already has. 0 at an orderly end, else the receiver's negative
 * return or -errno. */
int reading_run(struct watch *watch, const struct reading_of *of);

#endif
