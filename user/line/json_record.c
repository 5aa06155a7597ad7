// SPDX-License-Identifier: BSD-2-Clause
#include "line/json_record.h"

#include <string.h>

#include "base/clock.h"
#include "base/digits.h"
#include "explain/evidence.h"
#include "line/json_parts.h"

#define SCHEMA_VERSION 1
#define STATUS_CORE 0x80

static int64_t realtime(const struct death *death, uint64_t boottime_ns)
{
	return clock_realtime_ns(boottime_ns, death->realtime_offset_ns);
}

static void put_evidence(struct json_line *line, unsigned int incomplete)
{
	size_t opened = json_line_open(line, "evidence"),
	       list = json_line_open_list(line, "incomplete");

	for (unsigned int gap = 1; gap <= EVIDENCE_LAST; gap <<= 1)
		if (incomplete & gap)
			json_line_item(line, evidence_name((enum evidence_gap)gap));
	json_line_close_list(line, list);
	json_line_close(line, opened);
}

static void put_exit(struct json_line *line, const struct report *report)
{
	const struct kt_record *record = &report->death->record;
	size_t opened = json_line_open(line, "exit");

	if (record->status & KT_STATUS_SIGNAL)
		json_line_number(line, "signal", record->status & KT_STATUS_SIGNAL);
	json_line_number(line, "status", record->status >> 8 & 0xff);
	json_line_bool(line, "core_dumped", record->status & STATUS_CORE);
	if (report->verdict.thread_only)
		json_line_bool(line, "thread_only", true);
	json_line_close(line, opened);
}

static void put_stuck(struct json_line *line, const struct report *report)
{
	size_t opened = json_line_open(line, "stuck");

	json_line_number(line, "seconds", report_stuck_seconds(report));
	json_line_close(line, opened);
}

static void put_victim(struct json_line *line, const struct report *report)
{
	const struct death *death = report->death;
	const struct kt_record *record = &death->record;
	size_t opened = json_line_open(line, "victim");
	uint32_t thread = report_thread(report);
	/* microseconds are the precision of a double over years */
	uint64_t age_us = (record->time_ns - record->start_ns) / 1000;

	json_line_number(line, "pid", record->tgid);
	json_line_number(line, "tid", thread);
	if (record->valid & KT_VALID_PARENT)
		json_line_number(line, "ppid", record->ppid);
	if (record->valid & KT_VALID_NS_PID)
		json_line_number(line, "ns_pid", record->ns_pid);
	if (record->valid & KT_VALID_UID)
		json_line_number(line, "uid", record->uid);
	json_line_text(line, "comm", death->comm);
	if (death->has_signal && thread == death->signal.target_tid &&
	    strcmp(death->signal.target_comm, death->comm) != 0)
		json_line_text(line, "thread_comm", death->signal.target_comm);
	json_line_text(line, "exe", death->exe);
	if (record->valid & KT_VALID_START) {
		json_line_time(line, "start_time", realtime(death, record->start_ns));
		json_line_real(line, "age_seconds", (double)age_us / 1e6);
	}
	if (death->has_signal && (death->signal.valid & KT_SIGNAL_HAS_THREADS))
		json_line_number(line, "threads", death->signal.threads);
	if (record->valid & KT_VALID_TERMINAL)
		json_line_bool(line, "terminal", record->flags & KT_DEATH_HAS_TERMINAL);
	json_line_close(line, opened);
}

double json_seconds_between(uint64_t from_ns, uint64_t to_ns)
{
	/* microseconds are the precision of a double over years */
	uint64_t us = from_ns < to_ns ? (to_ns - from_ns) / 1000 : 0;

	return (double)us / 1e6;
}

const char *json_record_id(const struct origin *origin, uint64_t sequence,
			   char ret_id[JSON_RECORD_ID_SIZE])
{
	char digits[DIGITS_MOST + 1], *const end = digits + DIGITS_MOST;

	*end = '\0';
	(void)stpcpy(stpcpy(stpcpy(ret_id, origin->boot_id), "-"), digits_decimal(sequence, end));
	return ret_id;
}

static void begin_record(struct json_line *line, const struct origin *origin, int64_t realtime_ns,
			 uint64_t sequence)
{
	char id[JSON_RECORD_ID_SIZE];

	json_line_begin(line);
	json_line_signed(line, "schema", SCHEMA_VERSION);
	if (sequence)
		json_line_text(line, "id", json_record_id(origin, sequence, id));
	json_line_time(line, "time", realtime_ns);
	json_line_text(line, "node", origin->node);
}

static void put_copy(struct json_line *line, const struct report *report)
{
	const struct kin_death *copied = report->copy_of;
	size_t opened;
	char id[JSON_RECORD_ID_SIZE];

	if (!copied)
		return;
	opened = json_line_open(line, "copy_of");
	json_line_text(line, "id", json_record_id(report->origin, copied->sequence, id));
	json_line_number(line, "pid", copied->pid);
	json_line_text(line, "comm", copied->comm);
	json_line_text(line, "cause", copied->cause);
	json_line_real(line, "seconds_before",
		       json_seconds_between(copied->time_ns, report->death->signal.time_ns));
	json_line_close(line, opened);
}

static void put_whole_death(struct json_line *line, const struct report *report)
{
	const struct attribution *whose = report->whose;
	const struct death *death = report->death;
	char summary[SUMMARY_SIZE];

	json_line_text(line, "cause", cause_name(report->verdict.cause));
	json_line_text(line, "class", cause_class(report->verdict.cause));
	json_line_bool(line, "routine", report->verdict.routine);
	json_line_text(line, "summary", report_summary(report, summary));
	json_line_text(line, "fingerprint", report->fingerprint);
	put_evidence(line, report->verdict.incomplete);
	json_put_signal(line, report);
	put_copy(line, report);
	json_put_prior_signals(line, death);
	if (report->verdict.stuck)
		put_stuck(line, report);
	else
		put_exit(line, report);
	put_victim(line, report);
	json_put_sender(line, report);
	if (report->verdict.shows_kernel_fault)
		json_put_kernel_fault(line, report);
	else
		json_put_fault(line, report);
	json_put_abort_handler_fault(line, report);
	json_put_oom(line, report);
	json_put_seccomp(line, report);
	json_put_rlimit(line, report);
	json_put_cgroup(line, death);
	json_put_systemd(line, &whose->owner, whose->invocation);
	json_put_container(line, &whose->owner, &whose->names);
	json_put_kubernetes(line, &whose->owner, &whose->names);
	json_put_slurm(line, &whose->owner);
	json_put_kernel_stack(line, report);
	if (report->verdict.shows_fault || report->verdict.cause == CAUSE_ABORT)
		json_put_user_stack(line, death);
}

char *json_record_of_death(const struct report *report, size_t *ret_size)
{
	const struct death *death = report->death;
	struct json_line line;

	begin_record(&line, report->origin, realtime(death, death->record.time_ns),
		     death->sequence);
	put_whole_death(&line, report);
	return json_line_end(&line, ret_size);
}

char *json_record_of_losses(const struct origin *origin, const struct losses *losses,
			    int64_t realtime_ns, size_t *ret_size)
{
	struct json_line line;
	size_t lost;

	begin_record(&line, origin, realtime_ns, 0);
	lost = json_line_open(&line, "lost");
	for (int i = 0; i < LOSS_COUNT; i++)
		if (losses->count[i])
			json_line_number(&line, loss_name((enum loss)i), losses->count[i]);
	json_line_close(&line, lost);
	return json_line_end(&line, ret_size);
}
