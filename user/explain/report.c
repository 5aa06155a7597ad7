// SPDX-License-Identifier: BSD-2-Clause
#include "explain/report.h"

#include "base/clock.h"
#include "explain/kernel_path.h"
#include "explain/summary.h"

#define TRAP_PAGE_FAULT 14

const char *report_summary(const struct report *report, char buffer[SUMMARY_SIZE])
{
	if (report->summary[0])
		return report->summary;
	summary_write(report, buffer, SUMMARY_SIZE);
	return buffer;
}

const char *report_kernel_function(const struct report *report, uint32_t *ret_trap)
{
	const char *name;

	*ret_trap = report->verdict.has_kernel_address ? TRAP_PAGE_FAULT : REPORT_NO_TRAP;
	if (report->verdict.has_kernel_address && report->death->kernel_fault_name[0])
		return report->death->kernel_fault_name;
	name = kernel_path_failure(&report->death->oops_stack, ret_trap);
	return name ? name : "";
}

uint64_t report_stuck_seconds(const struct report *report)
{
	const struct death *death = report->death;
	uint64_t since = death->has_signal ? death->signal.time_ns
			 : death->has_oom  ? death->oom.time_ns
					   : death->record.time_ns;

	return since < death->record.time_ns ? (death->record.time_ns - since) / (uint64_t)NS_PER_S
					     : 0;
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
