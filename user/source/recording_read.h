/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Reads what recording_write.h wrote, from a file or a stream. A cut file is read up to the cut.
 * Everything in a file is untrusted.
 */
#ifndef KT_SOURCE_RECORDING_READ_H
#define KT_SOURCE_RECORDING_READ_H

#include <stdint.h>
#include <stdio.h>

#include "source/frame.h"

/* Beyond every errno and FRAME_ENOUGH, which a receiver returns. */
enum recording_failure {
	RECORDING_NOT_ONE = 2001, /* not a recording of ours */
	RECORDING_VERSION,        /* of another format version */
	RECORDING_CUT,            /* ends within a chunk, or within the header */
	RECORDING_CORRUPT,        /* a chunk that is impossible */
	RECORDING_IO,             /* errno says why */
};

/*
 * Passes everything to the receiver, after storing its origin in *ret_origin. 0, the receiver's
 * negative return, -EINTR if `stop` was set meanwhile, or -enum recording_failure; *ret_offset is
 * then the byte that was reached. "-" reads standard input.
 */
int recording_read(const char *path, const struct frame_receiver *receiver,
		   const volatile int *stop, struct origin *ret_origin, uint64_t *ret_offset);

/* The same from a stream, which stays open. A read that fails with EINTR is repeated unless `stop`
 * is set. */
int recording_read_stream(FILE *stream, const struct frame_receiver *receiver,
			  const volatile int *stop, struct origin *ret_origin,
			  uint64_t *ret_offset);

const char *recording_failure_text(int failure);

#endif
