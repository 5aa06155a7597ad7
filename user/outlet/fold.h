/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Folds equal deaths of a workload into one event above a rate, so that a crash loop does not bury
 * what else happens.
 *
 * In each window of FOLD_WINDOW_NS the first FOLD_WHOLE deaths of a workload, and the first of each
 * kind, are whole. outlet/fold_kind.h says what is equal. Rows are open for a row of deaths that
 * come one behind the other: when anything whole follows, all rows are closed first, as one event.
 * So a death is either before all that the open rows stand for, or in one of them, and "written up
 * to here" keeps its meaning for outlets and for the next agent, which gets again what stands in
 * an open row. Of rows whose deaths lie between one another no part may be taken for written:
 * struct event's `next`.
 *
 * Invariants: bounded; where a table is full, deaths stay whole. Ownership: the rows own their
 * events.
 */
#ifndef KT_OUTLET_FOLD_H
#define KT_OUTLET_FOLD_H

#include <stdbool.h>
#include <stdint.h>

#include "base/clock.h"
#include "line/event.h"

#define FOLD_WHOLE 20
#define FOLD_WINDOW_NS (10 * (uint64_t)NS_PER_S)
/* How long a row is open, by CLOCK_BOOTTIME. */
#define FOLD_OPEN_NS (5 * (uint64_t)NS_PER_S)
#define FOLD_ROWS 16
/* Where their lines are longer, no more rows are opened. */
#define FOLD_LINES_BYTES (64 << 10)

struct fold;

/* `span`: rows are open no longer than that many sequences come, for the ring buffer keeps what
 * they stand for. NULL when out of memory. */
struct fold *fold_new(uint64_t span);
void fold_free(struct fold *fold);

/* Counts a death that is new. True: it is one more of what is known, and has to be added. */
bool fold_takes(struct fold *fold, const struct report *report);

/* Whether it can join the open rows; `wanted`: by which outlets. Else they have to be closed first.
 */
bool fold_joins(const struct fold *fold, const struct report *report, uint32_t wanted);

/* 0 or -ENOMEM. */
int fold_add(struct fold *fold, const struct report *report, uint32_t wanted, uint64_t now_ns);

/* Sequence of the first death of the open rows; 0: there are none. */
uint64_t fold_first(const struct fold *fold);

/* `newest`: sequence of what came last, whoever's it is. */
bool fold_is_due(const struct fold *fold, uint64_t newest, uint64_t now_ns);

/* Closes all rows, in the order of their last deaths: one event with a reference, or NULL. What
 * there was no memory for is counted in *ret_lost, in deaths. */
struct event *fold_close(struct fold *fold, uint64_t *ret_lost);

#endif
