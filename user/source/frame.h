/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One record of the kernel side with what user space has to add to it, from the ring buffer or from
 * a recording. A frame owns nothing: it is valid during the call that passes it on.
 */
#ifndef KT_SOURCE_FRAME_H
#define KT_SOURCE_FRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "source/losses.h"

struct frame {
	uint64_t sequence;          /* unique within one boot, growing */
	int64_t realtime_offset_ns; /* CLOCK_REALTIME - CLOCK_BOOTTIME when it was read */
	const void *record;         /* a struct kt_record, not yet checked */
	size_t record_size;
	const char *symbols; /* names of the kernel frames, each ended by a newline; NULL: look up
			      */
	size_t kallsyms_size;
	const char *names; /* of containers, as attribute/names.h writes them; NULL: look up */
	size_t names_size;
};

/* Where the records come from; the same for all frames of a source. */
struct origin {
	char boot_id[40];
	char node[256];
};

/* Returned by a receiver that needs no more frames: ends the reading without being an error. */
#define FRAME_ENOUGH (-1001)

/* What a source passes on. A negative return ends the reading and is passed on. */
struct frame_receiver {
	int (*frame)(void *context, const struct frame *frame);
	int (*losses)(void *context, const struct losses *losses, int64_t realtime_ns);
	void *context;
};

#endif
