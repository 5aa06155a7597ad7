/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The event loop of everything that reads the live tracer: sleeps until records wait, somebody
 * interrupts, the time is up or the reader of stdout is gone. Idle, it never wakes up.
 */
#ifndef KT_WATCH_H
#define KT_WATCH_H

#include <stdbool.h>
#include <stdint.h>

#include "source/tracer.h"

/* To be called before anything else that can take long, so that Ctrl-C ends it orderly. SIGHUP ends it
 * too, or is kept for what watch_add() names. */
void watch_catch_signals(bool keep_hangups);

/* From the event loop: at SIGHUP; every so often (`every_ns` 0: never); and whenever
 * records were handed out, to say what is done with: true when some are to be handed out again. */
void watch_add(void (*hangup)(void *context), void (*tick)(void *context),
	       bool (*settle)(void *context, struct tracer *tracer), uint64_t every_ns,
	       void *context);

/*
 * 0 at an orderly end, else the receiver's negative return or -errno. `duration_ns` 0: no end.
 * `reader_fd`: ends with -EPIPE when its reader is gone; -1: nobody reads.
 */
int watch_run(struct tracer *tracer, const struct frame_receiver *receiver, uint64_t duration_ns,
	      int reader_fd);

#endif
