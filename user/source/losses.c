// SPDX-License-Identifier: BSD-2-Clause
#include "source/losses.h"

static const struct {
	const char *name;
	const char *one, *many;
} reasons[] = {
	[LOSS_RING_FULL] = {
		.name = "ring_full",
		.one = "death that found no room in the ring buffer",
		.many = "deaths that found no room in the ring buffer",
	},
	[LOSS_DOSSIER_FULL] = {
		.name = "dossier_full",
		.one = "signal whose evidence found no room",
		.many = "signals whose evidence found no room",
	},
	[LOSS_EVIDENCE_SLOT] = {
		.name = "evidence_slot",
		.one = "pending signal pushed out by a newer one",
		.many = "pending signals pushed out by newer ones",
	},
	[LOSS_PATH_TRUNCATED] = {
		.name = "path_truncated",
		.one = "cgroup path that was cut",
		.many = "cgroup paths that were cut",
	},
	[LOSS_RECORD_BUILD] = {
		.name = "record_build",
		.one = "piece of evidence that did not fit a record",
		.many = "pieces of evidence that did not fit a record",
	},
	[LOSS_PROGRAM_MISSED] = {
		.name = "program_missed",
		.one = "hook call that the kernel skipped",
		.many = "hook calls that the kernel skipped",
	},
	[LOSS_UNDECODABLE] = {
		.name = "undecodable",
		.one = "record that could not be read",
		.many = "records that could not be read",
	},
	[LOSS_OUTPUT] = {
		.name = "output",
		.one = "event that the output did not take",
		.many = "events that the output did not take",
	},
	[LOSS_NAMES_UNREADABLE] = {
		.name = "names_unreadable",
		.one = "file of a container that could not be read",
		.many = "files of containers that could not be read",
	},
	[LOSS_NAMES_LATE] = {
		.name = "names_late",
		.one = "name of a container that could not be read in time",
		.many = "names of containers that could not be read in time",
	},
	[LOSS_HANDOVER] = {
		.name = "handover",
		.one = "process with signals or faults noted by programs that were replaced",
		.many = "processes with signals or faults noted by programs that were replaced",
	},
	[LOSS_LIMIT_LATE] = {
		.name = "limit_late",
		.one = "OOM kill whose cgroup could not be looked into in time",
		.many = "OOM kills whose cgroup could not be looked into in time",
	},
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
