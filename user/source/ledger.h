/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What one agent leaves to the next about the ring buffer that both read: how far each outlet has
 * come, and which losses were reported. It is a BPF array that is pinned beside the ring buffer and
 * mapped by every reader, so it is as new as the last store, however the reader ended.
 *
 * Only one process writes it at a time: the one that holds the lock of the pins. If the layout
 * changes, its number changes; a ledger with another number is ignored.
 */
#ifndef KT_SOURCE_LEDGER_H
#define KT_SOURCE_LEDGER_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "source/losses.h"

#define LEDGER_LAYOUT 1
#define LEDGER_OUTLETS 8
#define LEDGER_LOSSES 16

/* How far an outlet has come. */
struct ledger_outlet {
	char name[16];
	/* Deaths up to this sequence are written, counted as lost, or at risk. */
	atomic_uint_least64_t safe;
	/* How many are at risk: they are lost if the agent ends now. */
	atomic_uint_least64_t risked;
};

/* What an outlet has written for good since the pins were made: deaths with a record of their own,
 * and deaths in the record of another. */
struct ledger_counts {
	atomic_uint_least64_t reported, folded;
};

struct ledger {
	uint32_t layout;
	uint32_t armed;                      /* by `killtrace arm`: any agent may read */
	uint64_t base_sequence;              /* of the record at position 0 */
	uint64_t told_losses[LEDGER_LOSSES]; /* by enum loss: totals that are already reported */
	struct ledger_counts counts[LEDGER_OUTLETS]; /* by outlet; 0 from agents without counts */
	struct ledger_outlet outlets[LEDGER_OUTLETS];
};

_Static_assert(sizeof(struct ledger) == 16 + 8 * LEDGER_LOSSES + 48 * LEDGER_OUTLETS,
	       "another layout wants another number");

/* The descriptor of a new array that is to be pinned, or -errno. */
int ledger_create(void);

/* Maps a ledger, in *ret; -EPROTO: it has another layout. A new one is to be filled in. 0 or
 * -errno. */
int ledger_map(int fd, struct ledger **ret);
/* NULL is fine. */
void ledger_unmap(struct ledger *ledger);

/* Totals that earlier agents have reported. */
void ledger_read_told(const struct ledger *ledger, struct losses *ret);
/* These totals are reported, and safe with the outlets. NULL is fine. */
void ledger_write_told(struct ledger *ledger, const struct losses *totals);

/* The row of an outlet, by its name; made if there is none yet. NULL: there is no room. */
struct ledger_outlet *ledger_outlet(struct ledger *ledger, const char *name);

/* Counts of the outlet in this row. */
struct ledger_counts *ledger_counts(struct ledger *ledger, const struct ledger_outlet *outlet);

#endif
