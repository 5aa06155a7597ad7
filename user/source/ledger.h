/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What one agent leaves to the next about the ring buffer that both read: how far each outlet has
 * come, which losses were told. It lies in a BPF array that is pinned beside the ring buffer and
 * mapped by whoever reads that, so that it is as new as the last store, however the reader ended.
 *
 * Written by one process at a time, the one that holds the lock of the pins. A layout that changes
 * gets another number, and a ledger of another number is as none.
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

/* What it has written for good since the pins were made: deaths with a record of their own, and
 * those that stand in the record of another. */
struct ledger_counts {
	atomic_uint_least64_t reported, folded;
};

struct ledger {
	uint32_t layout;
	uint32_t armed;                      /* by `killtrace arm`: whoever comes may read */
	uint64_t base_sequence;              /* of the record at position 0 */
	uint64_t told_losses[LEDGER_LOSSES]; /* by enum loss: totals that need not be told again */
	struct ledger_counts counts[LEDGER_OUTLETS]; /* as the outlets; 0 of agents that know none
	*/
	struct ledger_outlet outlets[LEDGER_OUTLETS];
};

_Static_assert(sizeof(struct ledger) == 16 + 8 * LEDGER_LOSSES + 48 * LEDGER_OUTLETS,
	       "another layout wants another number");

/* The descriptor of a new array to be pinned, or -errno. */
int ledger_create(void);

/* Maps one, in *ret; -EPROTO: of another layout. A new one is to be filled in. 0 or -errno. */
int ledger_map(int fd, struct ledger **ret);
/* NULL is fine. */
void ledger_unmap(struct ledger *ledger);

/* Totals that earlier agents have told. */
void ledger_read_told(const struct ledger *ledger, struct losses *ret);
/* These are told, and safe with the outlets. NULL is fine. */
void ledger_write_told(struct ledger *ledger, const struct losses *totals);

/* The row of an outlet, by its name; made if there is none yet. NULL: there is no room. */
struct ledger_outlet *ledger_outlet(struct ledger *ledger, const char *name);

/* Of an outlet's row. */
struct ledger_counts *ledger_counts(struct ledger *ledger, const struct ledger_outlet *outlet);

#endif
