/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The newest records that an agent keeps for whoever asks later. If there is no room, the workload
 * that has most gives way, within the holder that has most, and of that the oldest record: nobody's
 * deaths push out another's.
 *
 * Ownership: a reference to each piece. Threads: the caller's lock.
 */
#ifndef KT_SOURCE_FEED_KEPT_H
#define KT_SOURCE_FEED_KEPT_H

#include <stdint.h>

#include "source/feed_piece.h"

#define FEED_KEPT 64
#define FEED_KEPT_BYTES (256U << 10)

/* By whom a record is there: hashes, as in attribute/share.h. All zero: by nobody. */
struct feed_share {
	uint64_t holder, workload;
};

/* All zero at first. */
struct feed_kept {
	struct kept_piece {
		struct piece *piece;
		struct feed_share share;
		/* how many pieces the same have */
		unsigned int of_holder, of_workload;
	} pieces[FEED_KEPT]; /* the oldest first */
	unsigned int count;
	size_t bytes;
	uint64_t gone; /* pieces that had to give way */
};

/* A piece that is larger than all the room gives way itself. */
void feed_kept_add(struct feed_kept *kept, struct piece *piece, struct feed_share share);

void feed_kept_clear(struct feed_kept *kept);

#endif
