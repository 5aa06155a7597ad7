/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a tracer has pinned: the generation of programs in use, and the predecessors that it is
 * replacing.
 *
 * Ownership: the caller owns the struct, which is {0} with pins.fd == -1 at first. Functions give 0
 * or -errno.
 */
#ifndef KT_SOURCE_PINNED_H
#define KT_SOURCE_PINNED_H

#include <stdbool.h>

#include "source/ledger.h"
#include "source/losses.h"
#include "source/pins.h"
#include "source/predecessor.h"

struct programs;

struct pinned {
	struct pins pins;
	char generation[PINS_NAME_SIZE];            /* the one in use */
	struct ledger *ledger;                      /* of it; NULL: nothing is pinned */
	struct predecessor predecessors[PINS_MOST]; /* oldest first */
	int predecessor_count;
};

/* Takes the folder if `killtrace arm` has made it and it has no reader. */
bool pinned_take_if_armed(struct pinned *pinned, const char *path);

/* Continues with the generation of the same programs, or makes one; attaches it. */
int pinned_load(struct pinned *pinned, struct programs *programs);

/* Removes the generation in use, which cannot be used. */
void pinned_remove(struct pinned *pinned);

/* Takes the next step of the predecessor of this index. True: it is gone, and its losses are added
 * to `gone`. */
bool pinned_step(struct pinned *pinned, int index, struct losses *gone);

void pinned_close(struct pinned *pinned);

#endif
