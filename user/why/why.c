// SPDX-License-Identifier: BSD-2-Clause
#include "why/why.h"

#include <inttypes.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "why/common.h"
#include "why/fact.h"
#include "why/families.h"
#include "why/own_command.h"
#include "why/past.h"
#include "why/who.h"

static const why_family families[] = {
	[CAUSE_OOM_GLOBAL] = why_memory,
	[CAUSE_OOM_MEMCG] = why_memory,
	[CAUSE_OOM_CPUSET] = why_memory,
	[CAUSE_OOM_MEMPOLICY] = why_memory,
	[CAUSE_OOM_SYSRQ] = why_memory,
	[CAUSE_OOM_USERSPACE] = why_signal,
	[CAUSE_SEGFAULT] = why_fault,
	[CAUSE_GENERAL_PROTECTION] = why_fault,
	[CAUSE_ILLEGAL_INSTRUCTION] = why_fault,
	[CAUSE_DIVIDE_ERROR] = why_fault,
	[CAUSE_FLOATING_POINT] = why_fault,
	[CAUSE_BREAKPOINT] = why_fault,
	[CAUSE_ALIGNMENT_CHECK] = why_fault,
	[CAUSE_CONTROL_PROTECTION] = why_fault,
	[CAUSE_BUS_ERROR] = why_fault,
	[CAUSE_MEMORY_FAILURE] = why_fault,
	[CAUSE_SIGFRAME_FAILED] = why_fault,
	[CAUSE_SECCOMP] = why_seccomp,
	[CAUSE_RLIMIT_CPU] = why_kernel,
	[CAUSE_RLIMIT_FSIZE] = why_kernel,
	[CAUSE_RLIMIT_RTTIME] = why_kernel,
	[CAUSE_OOPS] = why_kernel,
	[CAUSE_EXEC_FAILED] = why_kernel,
	[CAUSE_KERNEL_SIGNAL] = why_kernel,
	[CAUSE_PIDNS_TEARDOWN] = why_signal,
	[CAUSE_PARENT_DEATH_SIGNAL] = why_signal,
	[CAUSE_PTRACE_EXITKILL] = why_signal,
	[CAUSE_CGROUP_KILL] = why_signal,
	[CAUSE_SIGKILL] = why_signal,
	[CAUSE_ABORT] = why_signal,
	[CAUSE_SIGNAL] = why_signal,
	[CAUSE_SIGNAL_EXIT] = why_signal,
	[CAUSE_RUNTIME_CRASH] = why_runtime,
};

_Static_assert(ARRAY_SIZE(families) == CAUSE_COUNT, "a family per cause");

bool why_of_record(const json_t *record, int64_t now_ns, struct why *ret)
{
	struct why why = { .record = record, .now_ns = now_ns };

	why.cause = cause_by_name(fact_text(record, "cause"));
	if (why.cause == CAUSE_COUNT ||
	    !clock_parse_rfc3339(fact_text(record, "time"), &why.time_ns))
		return false;
	*ret = why;
	return true;
}

const char *why_clock(const struct why *why, int64_t time_ns, char ret[PROSE_SHORT_SIZE])
{
	return prose_clock(time_ns, why->now_ns, ret);
}

static void put_end(const struct why *why, struct prose *answer)
{
	const json_t *record = why->record;
	int64_t seconds;

	if (fact_find_number(record, "stuck.seconds", &seconds))
		prose_put(answer, " had not died at %s, %s after it was killed",
			  CLOCK(why, why->time_ns), DURATION((double)seconds));
	else if (fact_is_true(record, "exit.thread_only"))
		prose_put(answer, " lost its thread %" PRId64 " at %s",
			  fact_number(record, "victim.tid"), CLOCK(why, why->time_ns));
	else if (!fact(record, "exit.signal"))
		prose_put(answer, " exited with status %" PRId64 " at %s",
			  fact_number(record, "exit.status"), CLOCK(why, why->time_ns));
	else
		prose_put(answer, " %s at %s",
			  families[why->cause] == why_fault ? "crashed" : "was killed",
			  CLOCK(why, why->time_ns));
}

/* Between fork and exec, the service manager's own program runs in the unit. */
static void put_unstarted(const json_t *record, struct prose *answer)
{
	if (fact_is(record, "victim.exe", "systemd-executor") ||
	    (fact_is(record, "victim.exe", "systemd") && *fact_text(record, "victim.comm") == '('))
		prose_put(answer, " systemd had not started the unit's own program in it yet.");
}

static void begin_answer(const struct why *why, struct prose *answer)
{
	if (who_put_owner(answer, why->record))
		prose_put(answer, ": ");
	who_put_victim(answer, why->record);
	put_end(why, answer);
}

/* A death that only repeats another one needs no cause of its own. */
static bool is_copy(const struct why *why, struct explanation *ret)
{
	const json_t *copy = fact(why->record, "copy_of");

	if (!copy)
		return false;
	prose_put(&ret->answer,
		  " because it repeated the death of %s (pid %" PRId64
		  ", %s), which it had run. This is no second crash.",
		  NAME(fact_text(copy, "comm")), fact_number(copy, "pid"),
		  NAME(fact_text(copy, "cause")));
	own_command_add_first(why, fact_number(copy, "pid"), ret);
	return true;
}

void why_explain(const struct why *why, struct explanation *ret)
{
	*ret = (struct explanation){ 0 };
	begin_answer(why, &ret->answer);
	common_add_prior(why, ret);
	common_add_stuck(why, ret);
	if (!is_copy(why, ret))
		families[why->cause](why, ret);
	put_unstarted(why->record, &ret->answer);
	past_put_often(why, &ret->answer);
	if (fact_is_true(why->record, "exit.thread_only"))
		prose_put(&ret->answer, " The process itself lives on.");
	past_add(why, ret);
	common_add_rest(why, ret);
	if (ret->answer.failed)
		ret->failed = true;
}
