// SPDX-License-Identifier: BSD-2-Clause
#include "attribute/kin.h"

#include <string.h>

static bool is_child_of(const struct kin_child *child, const struct death *death)
{
	const struct kt_record *record = &death->record;

	/* pids are used again, and a parent is older than its child */
	return child->death.sequence && child->ppid == record->tgid &&
	       (record->valid & KT_VALID_START) && record->start_ns <= child->start_ns &&
	       child->death.time_ns <= record->time_ns;
}

const struct kin_child *kin_find(const struct kin *kin, const struct death *death,
				 struct kin_child *ret_child)
{
	const struct kin_child *child = &kin->children[death->record.tgid % KIN_PARENTS];

	if (!is_child_of(child, death))
		return NULL;
	*ret_child = *child;
	return ret_child;
}

void kin_note(struct kin *kin, const struct death *death, const char *cause,
	      const struct kin_death *first)
{
	const struct kt_record *record = &death->record;
	const uint32_t needed = KT_VALID_PARENT | KT_VALID_START;
	struct kin_child *child;

	if (record->kind != KT_RECORD_DEATH || !(record->status & KT_STATUS_SIGNAL) ||
	    (record->valid & needed) != needed || death->sequence <= kin->newest)
		return;
	kin->newest = death->sequence;
	child = &kin->children[record->ppid % KIN_PARENTS];
	*child = (struct kin_child){
		.death = { .sequence = death->sequence,
			   .time_ns = record->time_ns,
			   .pid = record->tgid,
			   .number = (int)(record->status & KT_STATUS_SIGNAL),
			   .cause = cause },
		.ppid = record->ppid,
		.sender_pid = death->has_signal && !(death->signal.flags & KT_SIGNAL_SELF)
				      ? death->signal.sender_pid
				      : 0,
		.start_ns = record->start_ns,
	};
	memcpy(child->death.comm, death->comm, sizeof(child->death.comm));
	if (!(record->flags & KT_DEATH_NEVER_EXECED))
		memcpy(child->death.exe, death->exe, sizeof(child->death.exe));
	child->first = first ? *first : child->death;
}
