// SPDX-License-Identifier: BSD-2-Clause
#include "source/feed_kept.h"

#include <stdbool.h>
#include <string.h>

/* Notes that a share has one piece more, or one less. */
static void count(struct feed_kept *kept, struct feed_share share, bool more)
{
	for (unsigned int i = 0; i < kept->count; i++) {
		struct kept_piece *one = kept->pieces + i;

		if (one->share.holder != share.holder)
			continue;
		one->of_holder += more ? 1U : -1U;
		if (one->share.workload == share.workload)
			one->of_workload += more ? 1U : -1U;
	}
}

static void remove_at(struct feed_kept *kept, unsigned int at)
{
	const struct kept_piece gone = kept->pieces[at];

	kept->bytes -= gone.piece->size;
	kept->count--;
	memmove(kept->pieces + at, kept->pieces + at + 1,
		(kept->count - at) * sizeof(kept->pieces[0]));
	count(kept, gone.share, false);
	piece_unref(gone.piece);
}

/* Of equal ones the oldest. */
static unsigned int find_fullest(const struct feed_kept *kept)
{
	unsigned int found = 0;

	for (unsigned int i = 1; i < kept->count; i++) {
		const struct kept_piece *one = kept->pieces + i, *best = kept->pieces + found;

		if (one->of_holder > best->of_holder ||
		    (one->of_holder == best->of_holder && one->of_workload > best->of_workload))
			found = i;
	}
	return found;
}

void feed_kept_add(struct feed_kept *kept, struct piece *piece, struct feed_share share)
{
	struct kept_piece *added;

	if (piece->size > FEED_KEPT_BYTES) {
		kept->gone++;
		return;
	}
	while (kept->count == FEED_KEPT || kept->bytes + piece->size > FEED_KEPT_BYTES) {
		remove_at(kept, find_fullest(kept));
		kept->gone++;
	}
	added = kept->pieces + kept->count;
	*added = (struct kept_piece){ .piece = piece_ref(piece), .share = share };
	for (unsigned int i = 0; i < kept->count; i++) {
		if (kept->pieces[i].share.holder != share.holder)
			continue;
		added->of_holder = kept->pieces[i].of_holder;
		if (kept->pieces[i].share.workload == share.workload)
			added->of_workload = kept->pieces[i].of_workload;
	}
	kept->count++;
	kept->bytes += piece->size;
	count(kept, share, true);
}

void feed_kept_clear(struct feed_kept *kept)
{
	for (unsigned int i = 0; i < kept->count; i++)
		piece_unref(kept->pieces[i].piece);
	memset(kept, 0, sizeof(*kept));
}
