/* SPDX-License-Identifier: BSD-2-Clause */
/* What got lost, by reason. Every place that can drop something has a counter here. */
#ifndef KT_SOURCE_LOSSES_H
#define KT_SOURCE_LOSSES_H

#include <stdbool.h>
#include <stdint.h>

#include "event.h"

enum loss {
	/* counted in the kernel, in the order of enum kt_lost */
	LOSS_RING_FULL = KT_LOST_RING_FULL,
	LOSS_DOSSIER_FULL = KT_LOST_DOSSIER_FULL,
	LOSS_EVIDENCE_SLOT = KT_LOST_EVIDENCE_SLOT,
	LOSS_PATH_TRUNCATED = KT_LOST_PATH_TRUNCATED,
	LOSS_RECORD_BUILD = KT_LOST_RECORD_BUILD,
	/* counted in user space */
	LOSS_PROGRAM_MISSED,   /* the kernel skipped a program that was still running on the CPU */
	LOSS_UNDECODABLE,      /* a record that is truncated, oversized or of another version */
	LOSS_OUTPUT,           /* read, but not accepted by the output */
	LOSS_NAMES_UNREADABLE, /* files with a container's names that are not as they should be */
	LOSS_NAMES_LATE,       /* names that were not read in time: the event has none */
	LOSS_HANDOVER,         /* groups whose evidence stayed with programs that were replaced */
	LOSS_LIMIT_LATE,       /* limits that were hit, without time to look at their processes */
	LOSS_COUNT
};

struct losses {
	uint64_t count[LOSS_COUNT];
};

/* The name in JSON and metrics: "ring_full". */
const char *loss_name(enum loss loss);

/* For people, after a count: "deaths that found no room in the ring buffer". */
const char *loss_meaning(enum loss loss, uint64_t count);

bool losses_any(const struct losses *losses);

/* *ret = now - before, per reason; counters only grow. */
void losses_since(const struct losses *now, const struct losses *before, struct losses *ret);

void losses_add(struct losses *to, const struct losses *more);

#endif
