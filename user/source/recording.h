/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Raw kernel records in a file, with all that is needed to tell them again without privileges and
 * byte for byte alike: sequence, clock offset, the names of the kernel frames and of the containers.
 *
 * A file is a header, then chunks. It is written beside its name and renamed when it is complete;
 * a cut file is read up to the cut. Everything in a file is untrusted.
 */
#ifndef KT_SOURCE_RECORDING_H
#define KT_SOURCE_RECORDING_H

#include <stdio.h>

#include "source/frame.h"

struct recording_writer;

/* Creates PATH.partial (0600: it holds addresses). -errno; -EEXIST: PATH is there and no plain file. */
int recording_create(const char *path, const struct origin *origin, struct recording_writer **ret);

/* The same into a stream, which it takes; each frame is flushed. NULL: no memory, or nothing can be written. */
struct recording_writer *recording_create_stream(FILE *stream, const struct origin *origin);

/* 0 or -errno; after an error the file is as it was left by the last whole chunk or cut. */
int recording_write_frame(struct recording_writer *writer, const struct frame *frame);
int recording_write_losses(struct recording_writer *writer, const struct losses *losses,
			   int64_t realtime_ns);

/* Flushes, renames to PATH and frees. -errno: then PATH.partial stays. NULL is fine. A stream has no
 * PATH, here and below. */
int recording_finish(struct recording_writer *writer);

/* Frees and leaves PATH.partial as it is. NULL is fine. */
void recording_abandon(struct recording_writer *writer);

/* Frees and removes PATH.partial: nothing was recorded. NULL is fine. */
void recording_discard(struct recording_writer *writer);

/* Beyond every errno and FRAME_ENOUGH, which a receiver returns. */
enum recording_failure {
	RECORDING_NOT_ONE = 2001, /* no recording of ours */
	RECORDING_VERSION,        /* of another format version */
	RECORDING_CUT,            /* ends within a chunk, or within the header */
	RECORDING_CORRUPT,        /* a chunk that cannot be */
	RECORDING_IO,             /* errno tells */
};

/*
 * Hands everything to the receiver, after storing whose it is in *ret_origin. 0, the receiver's
 * negative return, -EINTR when `stop` was set meanwhile, or -enum recording_failure; *ret_offset is
 * then the byte at which it stood. "-" reads standard input. `stop` is a sig_atomic_t, whose header
 * would give names to fields of event.h.
 */
int recording_read(const char *path, const struct frame_receiver *receiver,
		   const volatile int *stop, struct origin *ret_origin, uint64_t *ret_offset);

const char *recording_failure_text(int failure);

#endif
