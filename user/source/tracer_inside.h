/* SPDX-License-Identifier: BSD-2-Clause */
/* The parts of a tracer, for tracer.c, which starts it, and tracer_read.c, which reads it. */
#ifndef KT_SOURCE_TRACER_INSIDE_H
#define KT_SOURCE_TRACER_INSIDE_H

#include "source/missed_exits.h"
#include "source/pinned.h"
#include "source/tracer.h"

struct limit_files;
struct programs;
struct ring;
struct stuck;

struct tracer {
	struct tracer_options options; /* as used: without a `pin` that is not armed */
	struct programs *programs;
	struct stuck *stuck; /* NULL: switched off or refused */
	int stuck_error;
	bool doom;                  /* a process was killed since tracer_tell_stuck() */
	bool keeps;                 /* records go when they are released, not when they are read */
	struct limit_files *limits; /* NULL: they cannot be seen */
	struct ring *ring;
	int poll_fd; /* of the ring, or of the predecessors' while there are any */
	uint64_t base_sequence;
	uint64_t old_size,
		old_highest; /* of the fullest ring that was replaced; 0: there is none */
	struct missed_exits missed_exits;
	struct losses seen;                    /* totals of this generation at the last look */
	struct losses told_before;             /* the part that earlier agents reported */
	struct losses gone;                    /* of predecessors that are gone */
	const struct frame_receiver *receiver; /* during tracer_drain() */
	uint64_t drained;                      /* records of the last tracer_drain() */
	int64_t realtime_offset_ns;

	struct pinned pinned;
};

/* From here on tracer_fd() is readable when records wait in this ring, too. 0 or -errno. */
int tracer_watch_ring(const struct tracer *tracer, const struct ring *ring);

#endif
