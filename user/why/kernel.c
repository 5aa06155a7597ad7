// SPDX-License-Identifier: BSD-2-Clause
#include "why/families.h"

#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "why/common.h"
#include "why/fact.h"
#include "why/shell.h"
#include "why/stack.h"
#include "why/who.h"

static void explain_oops(const struct why *why, struct explanation *ret)
{
	const json_t *record = why->record;
	struct prose command = { 0 };

	prose_put(&ret->answer, " because the kernel itself failed (oops) while it worked for it");
	if (fact_has_text(record, "fault.kernel_function"))
		prose_put(&ret->answer, ", in %s",
			  NAME(fact_text(record, "fault.kernel_function")));
	if (fact_has_text(record, "fault.address"))
		prose_put(&ret->answer, ", at the address %s", fact_text(record, "fault.address"));
	prose_put(&ret->answer, ". The process only made the call. The kernel of this node can no "
				"longer be trusted: move its work away and reboot it.");
	if (fact(record, "kubernetes")) {
		prose_put(&command, "kubectl drain ");
		shell_put_argument(&command, fact_text(record, "node"));
		prose_put(&command, " --ignore-daemonsets");
		explanation_add_command(ret, "drain", &command);
	}
	prose_put(&command, "cat /proc/sys/kernel/tainted    # bit 7: it has failed");
	explanation_add_command(ret, "taint", &command);
	prose_put(&command, "uname -a");
	explanation_add_command(ret, "report", &command);
}

static void put_limit(const json_t *record, struct prose *answer, const char *soft,
		      const char *hard, double unit)
{
	const bool is_hard = fact_number(record, "signal.number") == SIGKILL;
	int64_t limit;

	if (fact_find_number(record, is_hard ? hard : soft, &limit))
		prose_put(answer, " of %s (%s limit)", DURATION((double)limit * unit),
			  is_hard ? "hard" : "soft");
}

static void explain_rlimit(const struct why *why, struct explanation *ret)
{
	const json_t *record = why->record;
	struct prose *answer = &ret->answer;
	const char *setting = "LimitCPU";
	struct prose command = { 0 };
	int64_t bytes;
	bool is_user;
	const char *unit = who_unit(record, &is_user);

	if (why->cause == CAUSE_RLIMIT_CPU) {
		prose_put(answer, " because it used up its CPU time, RLIMIT_CPU");
		put_limit(record, answer, "rlimit.soft_seconds", "rlimit.hard_seconds", 1);
	} else if (why->cause == CAUSE_RLIMIT_RTTIME) {
		setting = "LimitRTTIME";
		prose_put(
			answer,
			" because it ran with real-time priority without sleeping, RLIMIT_RTTIME");
		put_limit(record, answer, "rlimit.soft_microseconds", "rlimit.hard_microseconds",
			  1e-6);
	} else {
		setting = "LimitFSIZE";
		prose_put(answer, " because it wrote a file beyond RLIMIT_FSIZE");
		if (fact_find_number(record, "rlimit.soft_bytes", &bytes))
			prose_put(answer, " of %s", BYTES(bytes));
	}
	prose_put(answer, ".");
	if (!unit)
		return;
	prose_put(&command, "systemctl %sshow -p %s -- ", is_user ? "--user " : "", setting);
	shell_put_argument(&command, unit);
	explanation_add_command(ret, "limit", &command);
}

static void explain_exec(struct explanation *ret)
{
	prose_put(&ret->answer, " because the kernel could not finish its exec(): the old program "
				"was gone already, and the new one could not be loaded.");
	explanation_say(
		ret, SECTION_NEXT, "look",
		"the file that it was to run: damaged, of another architecture, without its "
		"interpreter, or too large for its memory limit");
}

/* The clause of the stored sentence, which says which way through the kernel it was; without its
 * tail about missing evidence. To be freed; NULL when out of memory. */
static char *reason_of(const json_t *record)
{
	static const char tail[] = "; its evidence is incomplete";
	const char *reason = fact_text(record, "summary"), *next;
	const char *end = strstr(reason, tail);
	char begin[64];

	(void)snprintf(begin, sizeof(begin),
		       " was killed by %s: ", fact_text(record, "signal.name"));
	/* the last one: a name before it can contain the same words */
	while ((next = strstr(reason, begin)))
		reason = next + strlen(begin);
	if (reason == fact_text(record, "summary"))
		return strdup("");
	return end > reason ? strndup(reason, (size_t)(end - reason)) : strdup(reason);
}

static void explain_other(const struct why *why, struct explanation *ret)
{
	static const char plain[] = "the kernel sent it";
	AUTO_FREE char *reason = reason_of(why->record);

	if (!reason) {
		ret->failed = true;
		return;
	}
	prose_put(&ret->answer, " because the kernel sent it %s",
		  fact_text(why->record, "signal.name"));
	if (!strncmp(reason, plain, strlen(plain)))
		prose_put(&ret->answer, "%s",
			  reason[strlen(plain)] ? NAME(reason + strlen(plain)) : "");
	else if (*reason)
		prose_put(&ret->answer, ": %s", NAME(reason));
	prose_put(&ret->answer, ".");
	if (fact_has_text(why->record, "fault.module"))
		stack_add(why, ret);
}

static void add_path(const json_t *record, struct explanation *ret)
{
	const json_t *function;
	struct prose text = { 0 };
	size_t i;

	json_array_foreach(fact(record, "kernel_stack"), i, function)
		prose_put(&text, "%s%s", i ? " < " : "", NAME(json_string_value(function)));
	explanation_add(ret, SECTION_EVIDENCE, "kernel", &text);
}

void why_kernel(const struct why *why, struct explanation *ret)
{
	switch (why->cause) {
	case CAUSE_OOPS:
		explain_oops(why, ret);
		break;
	case CAUSE_EXEC_FAILED:
		explain_exec(ret);
		break;
	case CAUSE_KERNEL_SIGNAL:
		explain_other(why, ret);
		break;
	default:
		explain_rlimit(why, ret);
	}
	add_path(why->record, ret);
	(void)common_add_log(why, ret);
}
