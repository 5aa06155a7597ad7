// SPDX-License-Identifier: BSD-2-Clause
#include "explain/summary_sent.h"

#include <inttypes.h>
#include <signal.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "explain/kernel_path.h"
#include "explain/names.h"
#include "explain/routine.h"

static bool has(const struct report *report, uint32_t flag)
{
	return report->death->has_signal && (report->death->signal.flags & flag);
}

static bool asks_to_end(const struct kt_prior_signal *prior)
{
	return prior->number == SIGTERM || prior->number == SIGABRT || prior->number == SIGINT ||
	       prior->number == SIGQUIT || prior->number == SIGHUP;
}

/* The same process, or another process in the same cgroup, if that is not the victim's own: a
 * runtime starts a process for each signal. */
static bool is_same_sender(const struct death *death, unsigned int index)
{
	const struct kt_prior_signal *prior = &death->prior[index];
	const char *path = death->prior_path[index];

	if (prior->flags & KT_SIGNAL_SELF)
		return false;
	return prior->sender_pid == death->signal.sender_pid ||
	       (path[0] && path[1] && !strcmp(path, death->sender_path) &&
		strcmp(path, death->cgroup_path) != 0);
}

/* ", which was blocked"; empty if it was handled. */
static const char *fate_words(const struct kt_prior_signal *prior)
{
	if (prior->flags & KT_SIGNAL_IGNORED_FOR_INIT)
		return ", which was ignored: it is the first process of a container, and has no "
		       "handler for it";
	if (prior->flags & KT_SIGNAL_IGNORED)
		return ", which it ignored";
	return prior->flags & KT_SIGNAL_BLOCKED ? ", which was blocked" : "";
}

/* ", 90 s after asking it to stop (SIGTERM)". False: the sender had not asked before. */
static bool put_asked_before(struct words *out, const struct death *death)
{
	char name[SIGNAL_NAME_SIZE];

	if (death->is_echo || death->signal.number != SIGKILL)
		return false;
	for (unsigned int i = 0; i < death->prior_count; i++) {
		const struct kt_prior_signal *prior = &death->prior[i];

		if (!asks_to_end(prior) || prior->time_ns > death->signal.time_ns ||
		    !is_same_sender(death, i))
			continue;
		words_put(out, ", ");
		words_put_seconds(out, death->signal.time_ns - prior->time_ns);
		words_put(out,
			  prior->number == SIGABRT ? " after making it abort (%s%s)"
						   : " after asking it to stop (%s%s)",
			  signal_name(prior->number, name), fate_words(prior));
		return true;
	}
	return false;
}

static void put_targets(struct words *out, const struct report *report)
{
	if (has(report, KT_SIGNAL_TO_ALL))
		words_put(out, ", by kill(-1), which means all processes that it may signal");
	else if (has(report, KT_SIGNAL_TO_PROCESS_GROUP))
		words_put(out, ", to the whole process group");
}

static void put_reload(struct words *out, const struct report *report)
{
	if (report->verdict.cause == CAUSE_SIGNAL && !report->verdict.routine &&
	    routine_is_reload(report->death))
		words_put(out, "; SIGHUP asks a daemon to reload%s",
			  report->death->is_echo ? "" : ", and this one has no handler for it");
}

void summary_put_sender(struct words *out, const struct report *report)
{
	const struct kt_signal *signal = &report->death->signal;

	if (routine_is_own_group(report->death)) {
		words_put(out, "by itself: it killed its whole process group, its child included");
		return;
	}
	if (signal->flags & KT_SIGNAL_SELF) {
		words_put(out, "by itself");
		put_targets(out, report);
		return;
	}
	words_put(out, signal->flags & KT_SIGNAL_SENDER_IS_PARENT ? "by its parent " : "by ");
	words_put_process(out, signal->sender_comm, report->death->sender_exe, signal->sender_pid,
			  signal->sender_uid, true);
	words_put(out, " in ");
	words_put_owner(out, &report->whose->sender, &report->whose->sender_names,
			attribution_sender_cgroup(report->death));
	if (!put_asked_before(out, report->death) && killer_meaning(report->killer))
		words_put(out, ", %s", killer_meaning(report->killer));
	put_targets(out, report);
	put_reload(out, report);
}

void summary_put_signal_by(struct words *out, const struct report *report)
{
	const struct death *death = report->death;

	if (report->verdict.sender == SENDER_PROCESS)
		summary_put_sender(out, report);
	else if (report->verdict.cause == CAUSE_CGROUP_KILL)
		words_put(out, "by a process that is not known");
	else if (report->verdict.injected && (report->verdict.incomplete & EVIDENCE_DOSSIER))
		words_put(out, "a tracer held it: whether its fault or the tracer's own signal "
			       "ended it is not known");
	else if (report->verdict.injected)
		words_put(out, "by its tracer");
	else if (death->has_signal && (death->signal.flags & KT_SIGNAL_IN_PRIOR_HANDLER))
		words_put(out,
			  "its own handler took it and raised it again; who had sent it is not "
			  "known, because it could not be recorded");
	else
		words_put(out, "who sent it is not known, because it could not be recorded");
}

static const char *request_words(const struct report *report)
{
	/* a signal that was raised again had a handler, and SIGKILL cannot have one */
	bool lacks_handler = !report->death->is_echo && report->death->signal.number != SIGKILL;

	switch (report->verdict.request) {
	case SENT_BY_TIMER:
		return lacks_handler ? "a timer of its own sent it, and it has no handler for it"
				     : "a timer of its own sent it";
	case SENT_BY_QUEUE:
		return lacks_handler
			       ? "it had asked for notice of a message queue (mq_notify), and "
				 "has no handler for it"
			       : "it had asked for notice of a message queue (mq_notify)";
	case SENT_BY_ASYNC_IO:
		return "an asynchronous I/O request of its own sent it";
	case SENT_BY_NAME_LOOKUP:
		return "a name lookup of its own sent it";
	case SENT_BY_FILE:
		return lacks_handler ? "it had asked for notice of an open file (O_ASYNC), and has "
				       "no handler for it"
				     : "it had asked for notice of an open file (O_ASYNC)";
	case SENT_BY_DEADLINE:
		return "it ran longer than its SCHED_DEADLINE runtime, and had asked for a signal "
		       "when it does (no CPU limit was reached)";
	case SENT_UNASKED:
		break;
	}
	return NULL;
}

/* The meaning of the kernel path, if it is more than a name. */
static const char *path_words(const struct kernel_stack *stack)
{
	static const struct {
		const char *function, *words;
	} known[] = {
		{ "do_bpf_send_signal", "a BPF program sent it, as security agents do" },
		{ "bpf_send_signal*", "a BPF program sent it, as security agents do" },
		{ "emulate_vsyscall",
		  "it called the vsyscall page in a way that the kernel refuses; "
		  "booting with vsyscall=emulate, or a newer C library, helps" },
		{ "isig", "Ctrl-C or the like on its terminal" },
		{ "__isig", "Ctrl-C or the like on its terminal" },
		{ "tty_signal_session_leader", "its terminal hung up" },
		{ "disassociate_ctty", "the first process of its session ended" },
		{ "send_sig_all", "an administrator asked for it with sysrq" },
		{ "kill_orphaned_pgrp", "its stopped process group was orphaned" },
		{ "__rseq_*", "its rseq area could not be used" },
		{ "rseq_*", "its rseq area could not be used" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(known); i++)
		if (kernel_path_has(stack, known[i].function))
			return known[i].words;
	return NULL;
}

/* SIGPIPE: what the process wrote to. */
static const char *write_words(const struct report *report)
{
	if (has(report, KT_SIGNAL_WROTE_TO_PIPE))
		return "it wrote to a pipe that has no reader any more";
	if (has(report, KT_SIGNAL_WROTE_TO_SOCKET))
		return "it wrote to a socket whose other end is closed";
	return NULL;
}

void summary_put_kernel_signal(struct words *out, const struct report *report)
{
	const struct kernel_stack *stack = kernel_path_of_signal(report->death);
	const char *words = request_words(report);
	char decider[SYMBOL_SIZE];

	if (!words)
		words = write_words(report);
	if (!words)
		words = path_words(stack);
	if (words) {
		words_put(out, "%s", words);
		return;
	}
	words_put(out, "the kernel sent it");
	if (kernel_path_decider(stack, decider, sizeof(decider))) {
		words_put(out, " in ");
		words_put_name(out, decider);
	}
}

/* SENDER_LIVES: a thread ended, and its process goes on. */
void summary_put_parent_death(struct words *out, const struct report *report)
{
	const struct kt_signal *signal = &report->death->signal;
	bool lives = has(report, KT_SIGNAL_SENDER_LIVES);

	if (lives)
		words_put(out, "the thread (tid %" PRIu32 ") of ", signal->sender_tid);
	words_put(out, "its parent ");
	words_put_process(out, signal->sender_comm, "", signal->sender_pid, 0, false);
	words_put(out, lives ? " that had started it ended, and it had asked for this signal then "
			       "(PR_SET_PDEATHSIG goes by thread)"
			     : " died, and it had asked for this signal then (PR_SET_PDEATHSIG)");
}
