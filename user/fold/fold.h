/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Folds equal deaths of a workload into one event above a rate, so that a crash loop does not hide
 * other events.
 *
 * In each window (fold/fold_rate.h) the first FOLD_WHOLE deaths of a workload, and the first of
 * each kind, stay whole. fold/fold_kind.h says which deaths are equal. An owner whose deaths all
 * differ, such as with a new program name each, gets FOLD_OWNER_LINES lines, whole deaths and rows;
 * then its deaths of one cause share a row, except those that another user's processes caused. A
 * user who can make up owners gets FOLD_USER_LINES. So nobody's deaths crowd out those of others,
 * and no death is in a row of another user.
 *
 * Rows stay open as long as only folded deaths come: before any whole event, all rows are closed,
 * as one event. So a death is either before all deaths of the open rows, or in one of them. "Written
 * up to here" keeps its meaning for outlets and for the next agent, which gets the deaths of an
 * open row again. If the deaths of several rows are interleaved, no part of the rows may count as
 * written: see `next` of struct event.
 *
 * Invariants: bounded; if a table is full, deaths stay whole. Ownership: the rows own their events.
 */
#ifndef KT_FOLD_FOLD_H
#define KT_FOLD_FOLD_H

#include <stdbool.h>
#include <stdint.h>

#include "base/clock.h"
#include "line/event.h"

#define FOLD_WHOLE 20
#define FOLD_OWNER_LINES 100
#define FOLD_USER_LINES 200
/* How long a row may stay open: for an agent, and for somebody who looks on. */
#define FOLD_OPEN_NS (5 * (uint64_t)NS_PER_S)
#define FOLD_SEEN_NS ((uint64_t)NS_PER_S)
#define FOLD_ROWS 64
/* Share of the ring buffer for the deaths of open rows. */
#define FOLD_SHARE 4
/* If their lines are longer, no more rows are opened. */
#define FOLD_LINES_BYTES (128 << 10)

struct fold;

/* Rows stay open for at most `open_ns`, by CLOCK_BOOTTIME as in the records, and for at most `span`
 * sequences, since the ring buffer keeps their deaths. NULL when out of memory. */
struct fold *fold_new(uint64_t span, uint64_t open_ns);
void fold_free(struct fold *fold);

/* Counts a new death. True: it has to share a row, and must be added before the next call. */
bool fold_takes(struct fold *fold, const struct report *report);

/* Whether the death that was taken can join the open rows; `wanted`: by which outlets. If not, they
 * must be closed first. */
bool fold_joins(struct fold *fold, const struct report *report, uint32_t wanted);

/* 0 or -ENOMEM. */
int fold_add(struct fold *fold, const struct report *report, uint32_t wanted);

/* Sequence of the first death of the open rows; 0: there are none. */
uint64_t fold_first(const struct fold *fold);

/* `newest`: sequence of the last record, of any kind. */
bool fold_is_due(const struct fold *fold, uint64_t newest, uint64_t now_ns);

/* Closes all rows, in the order of their last deaths: one event with a reference, or NULL. Deaths
 * for which there was no memory are counted in *ret_lost. */
struct event *fold_close(struct fold *fold, uint64_t *ret_lost);

#endif
