/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Deaths counted by a key of any bytes. There is room for a bounded number of keys; the deaths of
 * further ones are counted together.
 *
 * Ownership: sets_done() frees everything. An empty one is all zero.
 */
#ifndef KT_REPORT_SETS_H
#define KT_REPORT_SETS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "explain/cause.h"

#define SETS_MOST 4096
#define SETS_PLACES 8192U

/* Of the timeline. */
#define SET_BINS 96

/* Who decided. */
enum set_class { SET_KERNEL, SET_USERSPACE, SET_RUNTIME, SET_CLASSES };

struct set {
	char *key;
	size_t key_size;
	uint64_t deaths;
	int64_t first_ns, last_ns;
	int64_t newest; /* the row of its last death */
	uint64_t causes[CAUSE_COUNT];
	uint32_t bins[SET_BINS][SET_CLASSES]; /* deaths by time */
	struct set *next;                     /* with the same place */
};

struct sets {
	struct set *list[SETS_MOST];
	size_t count;
	struct set *places[SETS_PLACES];
	struct set others; /* of keys without a set of their own; it has no key */
};

/* Some deaths of one cause. */
struct set_deaths {
	enum cause cause;
	uint64_t deaths;
	int64_t first_ns, last_ns, number;
	int bin; /* of the timeline; -1: outside of it */
};

/* False: out of memory. */
bool sets_add(struct sets *sets, const void *key, size_t key_size, const struct set_deaths *deaths);

/* Adds `more` to `set`, which keeps its key. */
void set_merge(struct set *set, const struct set *more);

/* The largest first. */
void sets_sort(struct sets *sets);

void sets_done(struct sets *sets);

enum set_class set_class_of(enum cause cause);

#endif
