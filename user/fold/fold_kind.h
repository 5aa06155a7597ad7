/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * When two deaths are equal, so that one row can stand for both: the same owner in the record,
 * user, program, cause, status and fingerprint, and the same user and owner of the sender, if there
 * is one.
 *
 * The stable workload is not enough: it is the same for two containers of one image name, for two
 * instances of a unit and for two pods without names. Invariants: pure. The digest covers every
 * byte, so no user can make two kinds look alike.
 */
#ifndef KT_FOLD_FOLD_KIND_H
#define KT_FOLD_FOLD_KIND_H

#include <stdbool.h>
#include <stdint.h>

#include "explain/report.h"

#define FOLD_KIND_BYTES 32

struct fold_kind {
	uint8_t digest[FOLD_KIND_BYTES];
};

void fold_kind_of(const struct report *report, struct fold_kind *ret);

bool fold_kind_is(const struct fold_kind *kind, const struct fold_kind *other);

/* For a table of counts, not to join deaths. Not 0. */
uint64_t fold_kind_number(const struct fold_kind *kind);

#endif
