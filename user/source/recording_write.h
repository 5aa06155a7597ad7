/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Raw kernel records in a file, with everything that is needed to report them again without
 * privileges and byte for byte alike: sequence, clock offset, the names of the kernel frames and of
 * the containers.
 *
 * A file is written beside its name and renamed when it is complete.
 */
#ifndef KT_SOURCE_RECORDING_WRITE_H
#define KT_SOURCE_RECORDING_WRITE_H

#include <stdint.h>
#include <stdio.h>

#include "source/frame.h"

struct recording_writer;

/* Creates PATH.partial (0600: it holds addresses). -errno; -EEXIST: PATH exists and is not a plain
 * file. */
int recording_create(const char *path, const struct origin *origin, struct recording_writer **ret);

/* The same into a stream, which it takes over; each frame is flushed. NULL: no memory, or nothing
 * can be written. */
struct recording_writer *recording_create_stream(FILE *stream, const struct origin *origin);

/* 0 or -errno; after an error the file ends with the last whole chunk, or is cut. */
int recording_write_frame(struct recording_writer *writer, const struct frame *frame);
int recording_write_losses(struct recording_writer *writer, const struct losses *losses,
			   int64_t realtime_ns);

/* Flushes, renames to PATH and frees. -errno: PATH.partial stays. NULL is fine. A stream has no
 * PATH, here and below. */
int recording_finish(struct recording_writer *writer);

/* Frees and leaves PATH.partial as it is. NULL is fine. */
void recording_abandon(struct recording_writer *writer);

/* Frees and removes PATH.partial: nothing was recorded. NULL is fine. */
void recording_discard(struct recording_writer *writer);

/* The same as bytes, for a caller that sends them itself: first the header, then any of the others.
 * To be freed by the caller; NULL: no memory. */
char *recording_header_bytes(const struct origin *origin, size_t *ret_size);
char *recording_frame_bytes(const struct frame *frame, size_t *ret_size);
char *recording_losses_bytes(const struct losses *losses, int64_t realtime_ns, size_t *ret_size);

#endif
