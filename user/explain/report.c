// SPDX-License-Identifier: BSD-2-Clause
#include "explain/report.h"

#include <string.h>

#include "explain/summary.h"

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

void report_make(const struct origin *origin, const struct death *death,
		 const struct attribution *whose, uint64_t runtime_window_ns, struct report *ret)
{
	memset(ret, 0, sizeof(*ret));
	ret->origin = origin;
	ret->death = death;
	ret->whose = whose;
	verdict_reach(death, runtime_window_ns, &ret->verdict);
	if (ret->verdict.sender == SENDER_PROCESS)
		ret->killer = killer_of(death, &whose->sender, &whose->owner);
	summary_write(ret, ret->summary, sizeof(ret->summary));
}
