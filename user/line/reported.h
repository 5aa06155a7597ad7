/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A reported death in its typed form: made from a live verdict, or from a stored JSON line, and the
 * same from both. Filters, lines for people, the columns of the history and journald's own fields
 * are made from it, so that none of them reads our JSON again.
 *
 * Ownership: one block on the heap, for free(). It does not change once made, so threads may share
 * it. Invariants: texts are valid UTF-8, as in the JSON line. What is unknown is absent: a text is
 * "", a number has its `has_` unset. For losses everything is absent.
 */
#ifndef KT_LINE_REPORTED_H
#define KT_LINE_REPORTED_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "explain/report.h"
#include "source/losses.h"

enum reported_text {
	REPORTED_ID,
	REPORTED_CAUSE,
	REPORTED_CLASS,
	REPORTED_SUMMARY,
	REPORTED_FINGERPRINT,
	REPORTED_COMM,
	REPORTED_CGROUP,
	REPORTED_MEMORY_CGROUP,
	REPORTED_SYSTEMD_CGROUP,
	REPORTED_UNIT,
	REPORTED_USER_UNIT,
	REPORTED_INVOCATION,
	REPORTED_MACHINE,
	REPORTED_CONTAINER_ID,
	REPORTED_CONTAINER_NAME,
	REPORTED_CONTAINER_IMAGE,
	REPORTED_CONTAINER_UNIT,
	REPORTED_CONTAINER_RUNTIME,
	REPORTED_ENCLOSING_ID,
	REPORTED_ENCLOSING_NAME,
	REPORTED_POD, /* NAMESPACE/NAME */
	REPORTED_POD_CONTAINER,
	REPORTED_TEXTS
};

/* The equal deaths that a record stands for. */
struct reported_repeats {
	uint64_t count;            /* 1: only its own; for losses 0 */
	int64_t first_ns, last_ns; /* when the earliest and the latest was dead */
	uint32_t last_pid;         /* of the last of them; 0: unknown, as in older records */
	bool differ;               /* they have owner and cause in common, and not all else */
};

struct reported {
	size_t size; /* in memory, with its texts */
	int64_t realtime_ns;
	bool is_death; /* else it is about losses */
	bool routine;
	bool stuck; /* it was killed, but is not dead */
	bool has_pid, has_uid, has_owner_uid;
	uint32_t pid, uid;
	uint32_t owner_uid; /* the owner of its part of the cgroup tree */
	struct reported_repeats repeats;
	uint32_t at[REPORTED_TEXTS];
	char text[]; /* begins with the empty text */
};

static inline const char *reported_text(const struct reported *reported, enum reported_text which)
{
	return reported->text + reported->at[which];
}

/* NULL when out of memory. */
struct reported *reported_of_report(const struct report *report);

/* For losses, whose counts are elsewhere. NULL when out of memory. */
struct reported *reported_of_losses(int64_t realtime_ns);

/* From a record of any origin. Its time comes from the database, not from the record. NULL when out
 * of memory. */
struct reported *reported_of_json(const json_t *record, int64_t realtime_ns);

/* The counts in a record of losses; 0 for those that it does not have. */
void reported_losses(const json_t *record, struct losses *ret);

#endif
