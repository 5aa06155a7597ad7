// SPDX-License-Identifier: BSD-2-Clause
#include "why/families.h"

#include <inttypes.h>
#include <signal.h>
#include <string.h>

#include "why/common.h"
#include "why/core.h"
#include "why/fact.h"
#include "why/fault_words.h"
#include "why/killer.h"
#include "why/own_command.h"
#include "why/shell.h"
#include "why/stack.h"
#include "why/who.h"

static bool is_by_itself(const json_t *record)
{
	return fact(record, "sender") &&
	       fact_number(record, "sender.pid") == fact_number(record, "victim.pid");
}

static void put_sender(const json_t *record, struct prose *answer)
{
	if (!fact(record, "sender")) {
		prose_put(answer, "a process that could not be recorded");
		return;
	}
	if (is_by_itself(record)) {
		prose_put(answer, "the process itself");
		return;
	}
	if (fact_is_true(record, "sender.parent"))
		prose_put(answer, "its own parent ");
	who_put_process(answer, fact(record, "sender"));
}

/* Who sent it, where no more is known. */
static void explain_sender(const struct why *why, struct explanation *ret)
{
	const json_t *record = why->record;
	const char *name = fact_text(record, "signal.name");
	struct prose *answer = &ret->answer;

	if (!*name) {
		prose_put(answer, " because of a signal that could not be recorded.");
	} else if (!fact(record, "sender")) {
		prose_put(answer, " because of %s; who sent it could not be recorded.", name);
	} else if (is_by_itself(record)) {
		prose_put(answer, " because it sent %s to itself.", name);
	} else {
		prose_put(answer, " because ");
		put_sender(record, answer);
		prose_put(answer, " sent it %s.", name);
	}
}

/* Died of a signal that another process can send, and that no fault of its own made; or exited
 * after its handler took it. */
static void explain_sent(const struct why *why, struct explanation *ret)
{
	if (!killer_explain(why, ret))
		explain_sender(why, ret);
	if (why->cause == CAUSE_SIGNAL_EXIT && fact(why->record, "signal"))
		prose_put(&ret->answer, " It handled that signal and exited by itself.");
}

static void explain_for_memory(const struct why *why, struct explanation *ret)
{
	struct prose command = { 0 };

	prose_put(&ret->answer, " because ");
	put_sender(why->record, &ret->answer);
	prose_put(&ret->answer,
		  " sent it %s to free memory, before the kernel's OOM killer has to.",
		  fact_text(why->record, "signal.name"));
	common_put_journalctl(why, &command);
	prose_put(&command, " -u ");
	shell_put_argument(&command, fact_text(why->record, "sender.unit"));
	explanation_add_command(ret, "reason", &command);
	own_command_put(why, &command, "history");
	prose_put(&command, " --cause 'oom-*'");
	own_command_put_since(why, &command, 1);
	explanation_add_command(ret, "others", &command);
}

static void explain_abort(const struct why *why, struct explanation *ret)
{
	const json_t *record = why->record;

	if (fact(record, "fault")) {
		prose_put(&ret->answer, " because it crashed and then aborted itself: ");
		fault_put(&ret->answer, why);
		prose_put(&ret->answer, ". Its own handler took that fault and called abort().");
	} else {
		prose_put(&ret->answer,
			  " because it aborted itself (SIGABRT): an assertion, a check "
			  "of the C library or abort() in its code.");
	}
	if (fact(record, "handler_fault"))
		prose_put(&ret->answer, " Its own handler of SIGABRT then crashed.");
	else if (!fact(record, "exit.signal"))
		prose_put(&ret->answer, " Its own handler of SIGABRT then ended it.");
	if (fact_number(record, "signal.number") != SIGABRT)
		prose_put(&ret->answer,
			  " It was process 1 of its pid namespace, where SIGABRT has no effect, so "
			  "the C library made it crash with %s.",
			  fact_text(record, "signal.name"));
	explanation_say(ret, SECTION_NEXT, "note",
			"the reason is mostly the last line that it wrote to its standard error");
	core_add(why, ret);
	stack_add(why, ret);
}

static void explain_cgroup_kill(const struct why *why, struct explanation *ret)
{
	prose_put(&ret->answer, " because ");
	put_sender(why->record, &ret->answer);
	prose_put(&ret->answer, " killed its whole cgroup (cgroup.kill).");
	explanation_say(ret, SECTION_ALSO, NULL,
			"every process of the cgroup: cgroup.kill spares none");
}

/* The death that led to this one. */
static void add_first(const struct why *why, struct explanation *ret)
{
	if (fact(why->record, "sender"))
		own_command_add_first(why, fact_number(why->record, "sender.pid"), ret);
}

static void explain_family(const struct why *why, struct explanation *ret)
{
	const json_t *record = why->record;
	struct prose *answer = &ret->answer;

	if (why->cause == CAUSE_PIDNS_TEARDOWN) {
		prose_put(answer, " because process 1 of its container or pid namespace, ");
		put_sender(record, answer);
		prose_put(answer, ", died: the kernel then kills all others in it.");
	} else if (why->cause == CAUSE_PTRACE_EXITKILL) {
		prose_put(answer, " because its tracer, ");
		put_sender(record, answer);
		prose_put(answer, ", ended and had asked the kernel for this (PTRACE_O_EXITKILL).");
	} else if (fact(record, "sender.tid")) {
		prose_put(answer, " because the thread of its parent that had started it ended: ");
		put_sender(record, answer);
		prose_put(
			answer,
			" lives on, but it had asked the kernel for %s then, and PR_SET_PDEATHSIG "
			"goes by thread.",
			fact_text(record, "signal.name"));
	} else {
		prose_put(answer, " because its parent died, ");
		put_sender(record, answer);
		prose_put(answer, ", and it had asked the kernel for %s then (PR_SET_PDEATHSIG).",
			  fact_text(record, "signal.name"));
	}
	add_first(why, ret);
}

static void add_signal(const json_t *record, struct explanation *ret)
{
	struct prose text = { 0 };

	if (!fact(record, "signal"))
		return;
	prose_put(&text, "%s", fact_text(record, "signal.name"));
	if (fact_has_text(record, "signal.code_name"))
		prose_put(&text, ", code %s", fact_text(record, "signal.code_name"));
	if (fact(record, "sender")) {
		prose_put(&text, ", from ");
		put_sender(record, &text);
	}
	if (fact_has_text(record, "sender.role"))
		prose_put(&text, " (%s, by its name and place)", fact_text(record, "sender.role"));
	if (fact_is_true(record, "sender.other_session"))
		prose_put(&text, "; it is of another session, as a command from outside");
	explanation_add(ret, SECTION_EVIDENCE, "signal", &text);
}

void why_signal(const struct why *why, struct explanation *ret)
{
	add_signal(why->record, ret);
	switch (why->cause) {
	case CAUSE_OOM_USERSPACE:
		explain_for_memory(why, ret);
		break;
	case CAUSE_ABORT:
		explain_abort(why, ret);
		break;
	case CAUSE_CGROUP_KILL:
		explain_cgroup_kill(why, ret);
		break;
	case CAUSE_SIGKILL:
	case CAUSE_SIGNAL:
	case CAUSE_SIGNAL_EXIT:
		explain_sent(why, ret);
		break;
	default:
		explain_family(why, ret);
	}
	(void)common_add_log(why, ret);
}
