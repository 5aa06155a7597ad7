// SPDX-License-Identifier: BSD-2-Clause
#include "line/json_parts.h"

#include "attribute/owner.h"
#include "explain/names.h"

#define SIGINFO_KERNEL_CODE 128 /* SI_KERNEL */

static void put_signal_numbers(struct json_line *line, int number, bool has_code, int code)
{
	char name[SIGNAL_NAME_SIZE];

	json_line_signed(line, "number", number);
	json_line_text(line, "name", signal_name(number, name));
	if (!has_code)
		return;
	json_line_signed(line, "code", code);
	json_line_text(line, "code_name", signal_code_name(number, code));
}

/* With SIGPIPE. */
static const char *written_name(const struct death *death)
{
	uint32_t flags = death->has_signal ? death->signal.flags : 0;

	if (flags & KT_SIGNAL_WROTE_TO_PIPE)
		return "pipe";
	return flags & KT_SIGNAL_WROTE_TO_SOCKET ? "socket" : NULL;
}

void json_put_signal(struct json_line *line, const struct report *report)
{
	const struct death *death = report->death;
	size_t opened = json_line_open(line, "signal");
	int number = death->has_signal ? death->signal.number
				       : (int)(death->record.status & KT_STATUS_SIGNAL);

	if (report->verdict.cause == CAUSE_RUNTIME_CRASH && death->has_fault)
		put_signal_numbers(line, death->fault.number, true, death->fault.code);
	else if (number && death->has_signal && death->signal.siginfo_kind == KT_SIGINFO_FULL)
		put_signal_numbers(line, number, death->signal.valid & KT_SIGNAL_HAS_CODE,
				   death->signal.code);
	else if (number && death->has_signal) /* kernel/signal.c:__send_signal() fills these in */
		put_signal_numbers(
			line, number, true,
			death->signal.siginfo_kind == KT_SIGINFO_KERNEL ? SIGINFO_KERNEL_CODE : 0);
	else if (number)
		put_signal_numbers(line, number, false, 0);
	json_line_text(line, "wrote_to", written_name(death));
	json_line_close(line, opened);
}

/* By its path alone: names are looked up only for the sender of the signal that ended the process.
 */
static void put_prior_sender(struct json_line *line, const struct death *death, unsigned int i)
{
	const struct kt_prior_signal *prior = &death->prior[i];
	size_t opened = json_line_open(line, "sender");
	struct owner owner;

	owner_from_path(death->prior_path[i], &owner);
	json_line_number(line, "pid", prior->sender_pid);
	json_line_number(line, "uid", prior->sender_uid);
	json_line_text(line, "comm", prior->sender_comm);
	json_line_text(line, "cgroup", death->prior_path[i]);
	json_line_text(line, "unit", owner.unit);
	json_line_text(line, "container_id", owner.container_id);
	json_line_close(line, opened);
}

/* The time of the signal that the status names, else of the exit. */
static uint64_t end_ns(const struct death *death)
{
	if (death->has_raise)
		return death->raise.time_ns;
	return death->has_signal && !death->is_echo ? death->signal.time_ns : death->record.time_ns;
}

void json_put_prior_signals(struct json_line *line, const struct death *death)
{
	size_t opened = json_line_open_list(line, "prior_signals");
	char name[SIGNAL_NAME_SIZE];

	for (unsigned int i = 0; i < death->prior_count; i++) {
		const struct kt_prior_signal *prior = &death->prior[i];
		size_t entry = json_line_open(line, NULL);

		json_line_signed(line, "number", prior->number);
		json_line_text(line, "name", signal_name(prior->number, name));
		json_line_real(line, "seconds_before",
			       json_seconds_between(prior->time_ns, end_ns(death)));
		json_line_bool(line, "handled", prior->flags & KT_SIGNAL_HANDLED);
		if (prior->flags & KT_SIGNAL_BLOCKED)
			json_line_bool(line, "blocked", true);
		if (prior->flags & KT_SIGNAL_IGNORED)
			json_line_bool(line, "ignored", true);
		/* signals of the kernel have no sender */
		if (prior->siginfo_kind != KT_SIGINFO_KERNEL)
			put_prior_sender(line, death, i);
		json_line_close(line, entry);
	}
	json_line_close_list(line, opened);
}
