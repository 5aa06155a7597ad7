// SPDX-License-Identifier: BSD-2-Clause
#include "source/losses.h"

static const struct {
	const char *name;
	const char *one, *many;
} reasons[] = {
	[LOSS_RING_FULL] = { "ring_full", "death that found no room in the ring buffer",
			     "deaths that found no room in the ring buffer" },
	[LOSS_DOSSIER_FULL] = { "dossier_full", "signal whose evidence found no room",
				"signals whose evidence found no room" },
	[LOSS_EVIDENCE_SLOT] = { "evidence_slot", "pending signal pushed out by a newer one",
				 "pending signals pushed out by newer ones" },
	[LOSS_PATH_TRUNCATED] = { "path_truncated", "cgroup path that was cut",
				  "cgroup paths that were cut" },
	[LOSS_RECORD_BUILD] = { "record_build", "piece of evidence that did not fit a record",
				"pieces of evidence that did not fit a record" },
	[LOSS_PROGRAM_MISSED] = { "program_missed", "hook call that the kernel skipped",
				  "hook calls that the kernel skipped" },
	[LOSS_UNDECODABLE] = { "undecodable", "record that could not be read",
			       "records that could not be read" },
	[LOSS_OUTPUT] = { "output", "event that the output did not take",
			  "events that the output did not take" },
	[LOSS_NAMES_UNREADABLE] = { "names_unreadable",
				    "file of a container that could not be read",
				    "files of containers that could not be read" },
	[LOSS_NAMES_LATE] = { "names_late", "name of a container that could not be read in time",
			      "names of containers that could not be read in time" },
	[LOSS_HANDOVER] = { "handover",
			    "process with signals or faults noted by programs that were replaced",
			    "processes with signals or faults noted by programs that were replaced" },
	[LOSS_LIMIT_LATE] = { "limit_late",
			      "OOM kill whose cgroup could not be looked into in time",
			      "OOM kills whose cgroup could not be looked into in time" },
};

_Static_assert(sizeof(reasons) / sizeof(reasons[0]) == LOSS_COUNT, "a name per reason");
_Static_assert((int)LOSS_PROGRAM_MISSED == (int)KT_LOST_REASONS, "kernel reasons come first");

const char *loss_name(enum loss loss)
{
	return reasons[loss].name;
}

const char *loss_meaning(enum loss loss, uint64_t count)
{
	return count == 1 ? reasons[loss].one : reasons[loss].many;
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
