// SPDX-License-Identifier: BSD-2-Clause
#include "line/reason.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "line/reason_parts.h"

bool reason_put_name(struct reason *reason, const struct json_walk_value *object, const char *key)
{
	AUTO_FREE char *name = json_peek_text(object, key);

	if (name)
		words_put_name(&reason->out, name);
	return name != NULL;
}

void reason_put_size(struct reason *reason, uint64_t bytes)
{
	static const char units[] = "BKMGTPE";
	double value = (double)bytes;
	size_t unit = 0;

	while (value >= 1023.5 && units[unit + 1]) {
		value /= 1024;
		unit++;
	}
	/* 1.5G, 24M, 512M: three digits are enough, and a zero after the point says nothing */
	if (unit && value < 99.95 && (uint64_t)(value * 10 + 0.5) % 10)
		words_put(&reason->out, "%.1f%c", value, units[unit]);
	else
		words_put(&reason->out, "%.0f%c", value, units[unit]);
}

/* The clause of the summary after "... by SIGPIPE: ". The last one: a name before it can have any
 * words. False: it has another form. */
static bool put_clause(struct reason *reason, const char *summary)
{
	const struct json_walk_value signal = json_walk_member(reason->record, "signal");
	AUTO_FREE char *name = json_peek_text(&signal, "name");
	static const char kernel_sent_it[] = "the kernel sent it";
	const char *clause = NULL;
	char before[80];

	(void)snprintf(before, sizeof(before), " %s: ", name ? name : "");
	for (const char *at = strstr(summary, before); at && name; at = strstr(at + 1, before))
		clause = at + strlen(before);
	if (clause && !strncmp(clause, kernel_sent_it, strlen(kernel_sent_it)))
		words_put(&reason->out, "%s from the kernel%s", name,
			  clause + strlen(kernel_sent_it));
	else if (clause)
		words_put(&reason->out, "%s from the kernel: %s", name, clause);
	return clause != NULL;
}

static void put_whole(struct reason *reason, const char *summary)
{
	char safe[REASON_SIZE];

	text_for_terminal_again(summary, safe, sizeof(safe));
	words_put(&reason->out, "%s", safe);
}

void reason_put_summary(struct reason *reason)
{
	AUTO_FREE char *summary = json_peek_text(reason->record, "summary");

	reason->is_summary = true;
	if (summary)
		put_whole(reason, summary);
}

static void put_kernel_signal(struct reason *reason)
{
	AUTO_FREE char *summary = json_peek_text(reason->record, "summary");

	reason->is_summary = true;
	if (summary && !put_clause(reason, summary))
		put_whole(reason, summary);
}

static void put_seccomp(struct reason *reason)
{
	const struct json_walk_value seccomp = json_walk_member(reason->record, "seccomp");

	words_put(&reason->out, "forbidden system call");
	if (seccomp.kind != JSON_WALK_OBJECT)
		return;
	words_put(&reason->out, " ");
	if (!reason_put_name(reason, &seccomp, "syscall_name"))
		words_put(&reason->out, "%" PRIu64, json_peek_number(&seccomp, "syscall"));
}

static void put_rlimit(struct reason *reason)
{
	const struct json_walk_value rlimit = json_walk_member(reason->record, "rlimit");
	const struct json_walk_value signal = json_walk_member(reason->record, "signal");
	const bool hard = json_peek_is(&signal, "name", "SIGKILL");

	switch (reason->cause) {
	case CAUSE_RLIMIT_CPU:
		words_put(&reason->out, "used up its CPU time, %s RLIMIT_CPU of %" PRIu64 " s",
			  hard ? "hard" : "soft",
			  json_peek_number(&rlimit, hard ? "hard_seconds" : "soft_seconds"));
		break;
	case CAUSE_RLIMIT_RTTIME:
		words_put(&reason->out,
			  "ran in real time without sleep, %s RLIMIT_RTTIME of %" PRIu64 " us",
			  hard ? "hard" : "soft",
			  json_peek_number(&rlimit,
					   hard ? "hard_microseconds" : "soft_microseconds"));
		break;
	default:
		words_put(&reason->out, "wrote beyond RLIMIT_FSIZE of ");
		reason_put_size(reason, json_peek_number(&rlimit, "soft_bytes"));
	}
}

static void put_oops(struct reason *reason)
{
	const struct json_walk_value fault = json_walk_member(reason->record, "fault");

	words_put(&reason->out, "kernel oops while working for it");
	if (json_peek_has(&fault, "trap")) {
		words_put(&reason->out, ": ");
		(void)reason_put_name(reason, &fault, "trap");
	}
	if (json_peek_has(&fault, "kernel_function")) {
		words_put(&reason->out, " in ");
		(void)reason_put_name(reason, &fault, "kernel_function");
	}
	if (json_peek_has(&fault, "address")) {
		words_put(&reason->out, " at ");
		(void)reason_put_name(reason, &fault, "address");
	}
}

static void put_abort(struct reason *reason)
{
	const struct json_walk_value exit = json_walk_member(reason->record, "exit");

	words_put(&reason->out, "aborted itself");
	if (json_peek_has(reason->record, "fault")) {
		words_put(&reason->out, " after ");
		reason_put_fault(reason);
	}
	if (json_peek_has(reason->record, "handler_fault"))
		words_put(&reason->out, "; its handler of SIGABRT crashed");
	else if (json_peek_number(&exit, "status"))
		words_put(&reason->out, "; its own handler took it, exit status %" PRIu64,
			  json_peek_number(&exit, "status"));
}

static void put_runtime_crash(struct reason *reason)
{
	const struct json_walk_value exit = json_walk_member(reason->record, "exit");

	if (json_peek_has(reason->record, "fault"))
		reason_put_fault(reason);
	else
		words_put(&reason->out, "a fault that was not recorded");
	words_put(&reason->out, "; its own handler took it, exit status %" PRIu64,
		  json_peek_number(&exit, "status"));
}

/* What another process was, whose death or leaving brought this one. */
static void put_parent(struct reason *reason)
{
	const struct json_walk_value sender = json_walk_member(reason->record, "sender");

	if (json_peek_has(&sender, "tid"))
		words_put(&reason->out, "thread %" PRIu64 " of its parent ended: ",
			  json_peek_number(&sender, "tid"));
	else
		words_put(&reason->out, "its parent ended: ");
	if (!reason_put_sender(reason, false))
		words_put(&reason->out, "?");
	words_put(&reason->out, " (PR_SET_PDEATHSIG)");
}

static void put_with_sender(struct reason *reason, const char *before, const char *after)
{
	words_put(&reason->out, "%s", before);
	if (!reason_put_sender(reason, true))
		words_put(&reason->out, "?");
	words_put(&reason->out, "%s", after);
}

static void put_sigframe(struct reason *reason)
{
	words_put(&reason->out, "no usable stack to deliver a signal");
	if (!json_peek_has(reason->record, "fault"))
		return;
	words_put(&reason->out, " for ");
	reason_put_fault(reason);
}

static void put_by_cause(struct reason *reason)
{
	switch (reason->cause) {
	case CAUSE_OOM_GLOBAL:
	case CAUSE_OOM_MEMCG:
	case CAUSE_OOM_CPUSET:
	case CAUSE_OOM_MEMPOLICY:
	case CAUSE_OOM_SYSRQ:
		reason_put_oom(reason);
		break;
	case CAUSE_SECCOMP:
		put_seccomp(reason);
		break;
	case CAUSE_RLIMIT_CPU:
	case CAUSE_RLIMIT_FSIZE:
	case CAUSE_RLIMIT_RTTIME:
		put_rlimit(reason);
		break;
	case CAUSE_OOPS:
		put_oops(reason);
		break;
	case CAUSE_EXEC_FAILED:
		words_put(&reason->out,
			  "its exec could not be finished, and the old program was gone");
		break;
	case CAUSE_SIGFRAME_FAILED:
		put_sigframe(reason);
		break;
	case CAUSE_PIDNS_TEARDOWN:
		put_with_sender(reason, "init of its pid namespace died: ", "");
		break;
	case CAUSE_PARENT_DEATH_SIGNAL:
		put_parent(reason);
		break;
	case CAUSE_PTRACE_EXITKILL:
		put_with_sender(reason, "its tracer left: ", " (PTRACE_O_EXITKILL)");
		break;
	case CAUSE_CGROUP_KILL:
	case CAUSE_OOM_USERSPACE:
	case CAUSE_SIGKILL:
	case CAUSE_SIGNAL:
	case CAUSE_SIGNAL_EXIT:
		reason_put_sent(reason);
		break;
	case CAUSE_ABORT:
		put_abort(reason);
		break;
	case CAUSE_RUNTIME_CRASH:
		put_runtime_crash(reason);
		break;
	case CAUSE_MEMORY_FAILURE:
		words_put(&reason->out, "the hardware found its memory damaged");
		reason_put_module(reason, " in ");
		break;
	case CAUSE_KERNEL_SIGNAL:
		put_kernel_signal(reason);
		break;
	case CAUSE_COUNT: /* of a newer killtrace */
		reason_put_summary(reason);
		break;
	default: /* the CPU faults */
		if (json_peek_has(reason->record, "fault") ||
		    json_peek_has(reason->record, "signal"))
			reason_put_fault(reason);
		else
			reason_put_summary(reason);
	}
}

/* It repeats the death of a process that it had run. */
static void put_copy(struct reason *reason, const struct json_walk_value *copied)
{
	words_put(&reason->out, "repeats the death of ");
	(void)reason_put_name(reason, copied, "comm");
	words_put(&reason->out, "[%" PRIu64 "] (", json_peek_number(copied, "pid"));
	(void)reason_put_name(reason, copied, "cause");
	words_put(&reason->out, "): no second crash");
}

static void put_state(struct reason *reason)
{
	const struct json_walk_value stuck = json_walk_member(reason->record, "stuck");
	const struct json_walk_value exit = json_walk_member(reason->record, "exit");
	const struct json_walk_value victim = json_walk_member(reason->record, "victim");

	if (stuck.kind == JSON_WALK_OBJECT)
		words_put(&reason->out,
			  "not dead after %" PRIu64 " s: ", json_peek_number(&stuck, "seconds"));
	if (json_peek_bool(&exit, "thread_only"))
		words_put(&reason->out,
			  "only thread %" PRIu64 " died: ", json_peek_number(&victim, "tid"));
}

/* The words of evidence_words() are in the summary; here their names are enough. */
static void put_incomplete(struct reason *reason)
{
	const struct json_walk_value evidence = json_walk_member(reason->record, "evidence");
	const struct json_walk_value list = json_walk_member(&evidence, "incomplete");
	struct json_walk walk = json_walk_into(&list);
	struct json_walk_value key, item;
	const char *before = "; evidence incomplete: ";

	while (json_walk_next(&walk, &key, &item)) {
		char name[32];

		if (item.kind != JSON_WALK_TEXT || item.size >= sizeof(name))
			continue;
		(void)json_walk_decode(&item, name);
		words_put(&reason->out, "%s%s", before, name);
		before = ", ";
	}
}

static struct reason begin(const struct json_walk_value *record, char *text)
{
	AUTO_FREE char *cause = json_peek_text(record, "cause");

	*text = '\0';
	return (struct reason){ .record = record,
				.cause = cause_by_name(cause ? cause : ""),
				.out = { .text = text, .size = REASON_SIZE } };
}

void reason_write(const struct json_walk_value *record, char ret_text[REASON_SIZE])
{
	struct reason reason = begin(record, ret_text);
	const struct json_walk_value copied = json_walk_member(record, "copy_of");

	put_state(&reason);
	if (copied.kind == JSON_WALK_OBJECT)
		put_copy(&reason, &copied);
	else
		put_by_cause(&reason);
	if (!reason.is_summary)
		put_incomplete(&reason);
}

void reason_where(const struct json_walk_value *record, char ret_text[REASON_SIZE])
{
	struct reason reason = begin(record, ret_text);
	const struct json_walk_value fault = json_walk_member(record, "fault");
	const struct json_walk_value seccomp = json_walk_member(record, "seccomp");

	if (reason.cause == CAUSE_OOM_MEMCG)
		reason_put_limit(&reason);
	else if (json_peek_has(&fault, "module"))
		reason_put_module(&reason, "");
	else if (json_peek_has(&fault, "kernel_function"))
		(void)reason_put_name(&reason, &fault, "kernel_function");
	else if (json_peek_has(&seccomp, "syscall_name"))
		(void)reason_put_name(&reason, &seccomp, "syscall_name");
	else if (json_peek_has(record, "sender"))
		(void)reason_put_sender(&reason, true);
}
