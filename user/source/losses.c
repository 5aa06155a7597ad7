// SPDX-License-Identifier: BSD-2-Clause
#include "source/losses.h"

static const struct {
	const char *name;
	const char *meaning;
} reasons[] = {
	[LOSS_RING_FULL] = { "ring_full", "deaths that found no room in the ring buffer" },
	[LOSS_DOSSIER_FULL] = { "dossier_full", "signals whose evidence found no room" },
	[LOSS_EVIDENCE_SLOT] = { "evidence_slot", "pending signals pushed out by newer ones" },
	[LOSS_PATH_TRUNCATED] = { "path_truncated", "cgroup paths that were cut" },
	[LOSS_RECORD_BUILD] = { "record_build", "pieces of evidence that did not fit a record" },
	[LOSS_PROGRAM_MISSED] = { "program_missed", "hook calls that the kernel skipped" },
	[LOSS_UNDECODABLE] = { "undecodable", "records that could not be read" },
	[LOSS_OUTPUT] = { "output", "events that the output did not take" },
	[LOSS_NAMES_UNREADABLE] = { "names_unreadable",
				    "files of containers that could not be read" },
	[LOSS_NAMES_LATE] = { "names_late", "names of containers that could not be read in time" },
	[LOSS_HANDOVER] = { "handover",
			    "processes with signals or faults noted by programs that were replaced" },
};

_Static_assert(sizeof(reasons) / sizeof(reasons[0]) == LOSS_COUNT, "a name per reason");
_Static_assert((int)LOSS_PROGRAM_MISSED == (int)KT_LOST_REASONS, "kernel reasons come first");

const char *loss_name(enum loss loss)
{
	return reasons[loss].name;
}

const char *loss_meaning(enum loss loss)
{
	return reasons[loss].meaning;
}

bool losses_any(const struct losses *losses)
{
	for (int i = 0; i < LOSS_COUNT; i++)
		if (losses->count[i])
			return true;
	return false;
}

void losses_since(const struct losses *now, const struct losses *before, struct losses *ret)
{
	for (int i = 0; i < LOSS_COUNT; i++)
		ret->count[i] = now->count[i] - before->count[i];
}

void losses_add(struct losses *to, const struct losses *more)
{
	for (int i = 0; i < LOSS_COUNT; i++)
		to->count[i] += more->count[i];
}
