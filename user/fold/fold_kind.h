/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What two deaths have in common, so that one row can stand for both. Equal deaths have the same
 * owner in the record, user, program, cause, status and fingerprint, and the same user and owner of
 * the sender, if there is one.
 *
 * The stable workload is not enough: it is the same for two containers of one image name, for two
 * instances of a unit and for two pods without names. Invariants: pure. The digests cover every
 * byte, so no user can make two kinds look alike.
 */
#ifndef KT_FOLD_FOLD_KIND_H
#define KT_FOLD_FOLD_KIND_H

#include <stdbool.h>
#include <stdint.h>

#include "base/digest.h"
#include "explain/report.h"
#include "line/repeats.h"

struct fold_digest {
	uint8_t bytes[DIGEST_BYTES];
};

struct fold_kind {
	struct fold_digest parts[REPEATS_PARTS];
	enum cause cause;
	bool routine;
	/* A container or pod; a unit and a user, whatever cgroup below; or a cgroup and a user */
	struct fold_digest owner;
	bool has_user; /* to whom this part of the cgroup tree belongs: can make any owner up */
	uint32_t user;
	/* 0: no process sent a signal. 1: the owner did, whose senders can be made up. Else it
	 * identifies the foreign sender. */
	uint64_t sender;
};

/* `memo` is of digests, and can be NULL. */
void fold_kind_of(const struct report *report, struct memo *memo, struct fold_kind *ret);

/* A bit for each part in which they differ (enum repeats_part); 0: they are equal. */
unsigned int fold_kind_differs(const struct fold_kind *kind, const struct fold_kind *other);

/* Of the same cause and foreign sender, and both or none routine. */
bool fold_kind_same_cause(const struct fold_kind *kind, const struct fold_kind *other);

bool fold_digest_is(const struct fold_digest *digest, const struct fold_digest *other);

/* For tables of rates, not to join deaths. Never 0. */
uint64_t fold_kind_number(const struct fold_kind *kind);
uint64_t fold_kind_owner_number(const struct fold_kind *kind);

#endif
