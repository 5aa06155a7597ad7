/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Counts of deaths by owner, as rows for people name it. If there are more owners than places, the
 * one with the fewest deaths makes room, and of several such the one whose last death is oldest:
 * then an owner that comes back has died more often than its place says.
 *
 * Ownership: owners_done() frees the names. Invariants: bounded; the deaths of all places and of
 * `others` together are all that were counted. Names are safe for a terminal.
 */
#ifndef KT_STDOUT_OWNERS_H
#define KT_STDOUT_OWNERS_H

#include <stdbool.h>
#include <stdint.h>

#define OWNERS_PLACES 64

struct owner_place {
	char *name;
	uint64_t id; /* never used again; 0: the place is free */
	uint64_t deaths;
	uint64_t turn; /* of its last death */
	bool is_late;  /* others had made room before it came: it may have died more often */
};

/* All zero at first. */
struct owners {
	struct owner_place places[OWNERS_PLACES];
	uint64_t others; /* deaths of owners that made room */
	uint64_t turn, last_id;
};

/* Returns a number for owners_take_back(). Out of memory, they are deaths of others. */
uint64_t owners_count(struct owners *owners, const char *name, uint64_t deaths);

/* Deaths that were counted under this number, and could not be reported after all; 0: they were
 * not counted. */
void owners_take_back(struct owners *owners, uint64_t id, uint64_t deaths);

/* Prints those that died most, and the sum of the others. */
void owners_say(const struct owners *owners);

void owners_done(struct owners *owners);

#endif
