/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Earlier deaths, by parent: a process that ends itself may be passing one on.
 *
 * Invariants: bounded and without allocation. One child is remembered for each parent, and a parent
 * whose pid falls on the same place replaces it. When a child is forgotten, a later death has less
 * detail, nothing more. Records come in order: a table that has seen the same records knows the
 * same, live and in a replay.
 */
#ifndef KT_ATTRIBUTE_KIN_H
#define KT_ATTRIBUTE_KIN_H

#include <stdbool.h>
#include <stdint.h>

#include "decode/death.h"

#define KIN_PARENTS 512

/* A death, as it is named in another one. */
struct kin_death {
	uint64_t sequence; /* of its record; 0: there is none */
	uint64_t time_ns;  /* CLOCK_BOOTTIME */
	uint32_t pid;
	int number; /* of the signal that its status names */
	char comm[KT_COMM_LEN + 1];
	char exe[KT_NAME_LEN]; /* empty if not known, or if it only ran its parent's program */
	const char *cause;     /* as it was reported; a constant */
};

struct kin_child {
	struct kin_death death;
	struct kin_death first;    /* the death that `death` passed on; itself if none */
	uint32_t ppid, sender_pid; /* of the signal; 0: itself, or not known */
	uint64_t start_ns;
};

struct kin {
	uint64_t newest; /* sequence; older records come again for an outlet that is behind */
	struct kin_child children[KIN_PARENTS];
};

/* The newest child of `death` that died of a signal before it. NULL: none is known, else
 * `ret_child`. */
const struct kin_child *kin_find(const struct kin *kin, const struct death *death,
				 struct kin_child *ret_child);

/* To be called for each death, after kin_find(). `cause` is a constant; `first` is the death that
 * it passed on, or NULL. */
void kin_note(struct kin *kin, const struct death *death, const char *cause,
	      const struct kin_death *first);

#endif
