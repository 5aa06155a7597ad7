// SPDX-License-Identifier: BSD-2-Clause
#include "explain/evidence.h"

#include <stddef.h>

#include "explain/oom.h"

static bool lacks_oom_evidence(const struct death *death, const struct verdict *verdict)
{
	if (verdict->oom_scope_unknown)
		return true;
	/* if memory is shared, the figures are in the record of the process that was chosen */
	if (oom_is_cause(verdict->cause))
		return !death->has_oom ||
		       !(death->oom.flags & (KT_OOM_HAS_FIGURES | KT_OOM_SHARED_MM)) ||
		       (verdict->cause == CAUSE_OOM_MEMCG && !death->oom_limit_path[0]);
	/* marked, but it is not known whether the OOM killer or an earlier SIGKILL killed it */
	return !death->has_signal && verdict->cause == CAUSE_SIGKILL &&
	       (death->record.flags & KT_DEATH_OOM_MARKED);
}

unsigned int evidence_missing(const struct death *death, const struct verdict *verdict)
{
	uint32_t flags = death->record.flags;

	return verdict->incomplete | (flags & KT_DEATH_NOTES_LOST ? EVIDENCE_DOSSIER : 0U) |
	       (flags & KT_DEATH_DETAILS_LOST ? EVIDENCE_STACKS : 0U) |
	       (flags & KT_DEATH_SENDER_LOST ? EVIDENCE_SENDER : 0U) |
	       (flags & KT_DEATH_PATH_TRUNCATED ? EVIDENCE_CGROUP : 0U) |
	       (lacks_oom_evidence(death, verdict) ? EVIDENCE_OOM : 0U);
}

const char *evidence_name(enum evidence_gap gap)
{
	switch (gap) {
	case EVIDENCE_DOSSIER:
		return "dossier";
	case EVIDENCE_STACKS:
		return "stacks";
	case EVIDENCE_SENDER:
		return "sender";
	case EVIDENCE_CGROUP:
		return "cgroup";
	case EVIDENCE_OOM:
		return "oom";
	}
	return NULL;
}

const char *evidence_words(enum evidence_gap gap)
{
	switch (gap) {
	case EVIDENCE_DOSSIER:
		return "no note about what ended it";
	case EVIDENCE_STACKS:
		return "no stacks";
	case EVIDENCE_SENDER:
		return "no cgroup of the sender";
	case EVIDENCE_CGROUP:
		return "a cgroup path is cut";
	case EVIDENCE_OOM:
		return "not all about the OOM kill";
	}
	return NULL;
}
