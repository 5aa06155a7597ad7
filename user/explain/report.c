// SPDX-License-Identifier: BSD-2-Clause
#include "explain/report.h"

#include <string.h>

#include "explain/summary.h"

const char *report_cgroup(const struct death *death)
{
	if ((!death->cgroup_path[0] || !strcmp(death->cgroup_path, "/")) && death->memory_path[0])
		return death->memory_path;
	return death->cgroup_path;
}

const char *report_sender_cgroup(const struct death *death)
{
	if (death->has_signal && (death->signal.flags & KT_SIGNAL_SELF))
		return report_cgroup(death);
	return death->sender_path;
}

uint32_t report_thread(const struct report *report)
{
	const struct death *death = report->death;

	if (report->verdict.thread_only)
		return death->record.tid;
	if (report->verdict.shows_fault)
		return death->fault.tid;
	if (death->has_signal && !(death->signal.flags & KT_SIGNAL_GROUP))
		return death->signal.target_tid;
	return death->record.tgid;
}

void report_make(const struct origin *origin, const struct death *death, uint64_t runtime_window_ns,
		 struct report *ret)
{
	struct owner other;

	memset(ret, 0, sizeof(*ret));
	ret->origin = origin;
	ret->death = death;
	owner_from_path(death->cgroup_path, &ret->owner);
	owner_from_path(death->memory_path, &other);
	owner_merge(&ret->owner, &other);
	verdict_reach(death, runtime_window_ns, &ret->verdict);
	if (ret->verdict.sender != SENDER_NONE)
		owner_from_path(report_sender_cgroup(death), &ret->sender);
	summary_write(ret, ret->summary, sizeof(ret->summary));
}
