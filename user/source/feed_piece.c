// SPDX-License-Identifier: BSD-2-Clause
#include "source/feed_piece.h"

#include <stdlib.h>
#include <string.h>

struct piece *piece_new(const char *bytes, size_t size)
{
	struct piece *piece = malloc(sizeof(*piece) + size);

	if (!piece)
		return NULL;
	atomic_init(&piece->references, 1);
	piece->size = size;
	memcpy(piece->bytes, bytes, size);
	return piece;
}

struct piece *piece_ref(struct piece *piece)
{
	(void)atomic_fetch_add(&piece->references, 1);
	return piece;
}

void piece_unref(struct piece *piece)
{
	if (piece && atomic_fetch_sub(&piece->references, 1) == 1)
		free(piece);
}
