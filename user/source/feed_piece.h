/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Bytes that are sent to a client of a feed as a whole or not at all.
 *
 * Ownership: counted references, which threads may share. Immutable once made.
 */
#ifndef KT_SOURCE_FEED_PIECE_H
#define KT_SOURCE_FEED_PIECE_H

#include <stdatomic.h>
#include <stddef.h>

struct piece {
	atomic_uint references;
	size_t size;
	char bytes[];
};

/* A copy, with one reference; NULL when out of memory. */
struct piece *piece_new(const char *bytes, size_t size);
struct piece *piece_ref(struct piece *piece);
/* NULL is fine. */
void piece_unref(struct piece *piece);

#endif
