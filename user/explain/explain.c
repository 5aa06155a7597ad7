// SPDX-License-Identifier: BSD-2-Clause
#include "explain/explain.h"

#include <stddef.h>
#include <string.h>

#include "explain/copy.h"
#include "explain/routine.h"
#include "explain/summary.h"

/* Every pod ends in this way, too. */
static bool ends_a_sandbox(const struct report *report)
{
	return report->killer == KILLER_CONTAINER_RUNTIME && report->whose->names.sandbox[0];
}

/* The file that it read counts as unreadable. If it was killed from outside or by the OOM killer,
 * the report is about that. */
static bool is_parser_that_crashed(const struct report *report)
{
	const struct death *death = report->death;
	const bool by_itself = report->verdict.sender != SENDER_PROCESS ||
			       (death->has_signal && (death->signal.flags & KT_SIGNAL_SELF));

	return report->whose->is_own_parser && by_itself && !death->has_oom;
}

static bool is_routine(const struct report *report)
{
	const struct verdict *verdict = &report->verdict;

	if (report->copy_of || is_parser_that_crashed(report))
		return true;
	if (verdict->sender != SENDER_PROCESS)
		return verdict->routine &&
		       !routine_is_unmeant(report->death, &report->whose->owner);
	if (ends_a_sandbox(report))
		return true;
	if (verdict->cause == CAUSE_SIGKILL || verdict->cause == CAUSE_CGROUP_KILL)
		return report->whose->is_replaced_parser || routine_is_own_helper(report->death) ||
		       routine_is_own_group(report->death);
	if (verdict->cause == CAUSE_SIGNAL && routine_is_own_worker(report->death))
		return true;
	return verdict->routine &&
	       !routine_is_by_stranger(report->death, report->whose, report->killer);
}

void explain_in_storm(const struct explain_way *way, const struct origin *origin,
		      const struct death *death, const struct attribution *whose,
		      struct report *ret)
{
	const uint64_t window_ns = way->runtime_window_ns;

	memset(ret, 0, offsetof(struct report, summary));
	ret->summary[0] = '\0';
	ret->origin = origin;
	ret->death = death;
	ret->whose = whose;
	verdict_reach(death, window_ns, &ret->verdict);
	if (ret->verdict.sender == SENDER_PROCESS)
		ret->killer = killer_of(death, &whose->sender, &whose->owner);
	ret->copy_of = copy_of(death, &ret->verdict, whose->child, window_ns);
	ret->verdict.routine = is_routine(ret);
	ret->share = share_of(whose, death, origin->node);
	fingerprint_make(ret, way->fingerprints, ret->fingerprint);
	if (!way->without_summary)
		summary_write(ret, ret->summary, sizeof(ret->summary));
}

void explain_death(const struct origin *origin, const struct death *death,
		   const struct attribution *whose, uint64_t runtime_window_ns, struct report *ret)
{
	const struct explain_way way = { .runtime_window_ns = runtime_window_ns };

	explain_in_storm(&way, origin, death, whose, ret);
}
