// SPDX-License-Identifier: BSD-2-Clause
#include "line/json_parts.h"

#include "explain/names.h"

void json_put_seccomp(struct json_line *line, const struct report *report)
{
	const struct kt_signal *signal = &report->death->signal;
	char name[SYSCALL_NAME_SIZE];
	size_t opened;

	if (!report->verdict.shows_seccomp || !report->death->has_signal ||
	    !(signal->valid & KT_SIGNAL_HAS_SECCOMP))
		return;
	opened = json_line_open(line, "seccomp");
	json_line_signed(line, "syscall", signal->seccomp_syscall);
	json_line_text(line, "syscall_name",
		       syscall_name(signal->seccomp_arch, signal->seccomp_syscall, name));
	json_line_text(line, "arch", arch_name(signal->seccomp_arch));
	json_line_close(line, opened);
}

static void put_limit(struct json_line *line, const char *key, uint64_t value)
{
	if (value != KT_RLIMIT_INFINITY && value <= INT64_MAX)
		json_line_number(line, key, value);
}

void json_put_rlimit(struct json_line *line, const struct report *report)
{
	const struct kt_rlimit *rlimit = &report->death->rlimit;
	size_t opened;

	if (!report->verdict.shows_rlimit)
		return;
	opened = json_line_open(line, "rlimit");
	switch (report->verdict.cause) {
	case CAUSE_RLIMIT_CPU:
		json_line_text(line, "resource", "cpu");
		put_limit(line, "soft_seconds", rlimit->cpu_soft);
		put_limit(line, "hard_seconds", rlimit->cpu_hard);
		if (rlimit->valid & KT_RLIMIT_HAS_CPU_USED)
			json_line_real(line, "used_seconds", (double)rlimit->cpu_used_ns / 1e9);
		break;
	case CAUSE_RLIMIT_RTTIME:
		json_line_text(line, "resource", "rttime");
		put_limit(line, "soft_microseconds", rlimit->rttime_soft);
		put_limit(line, "hard_microseconds", rlimit->rttime_hard);
		break;
	default:
		json_line_text(line, "resource", "fsize");
		put_limit(line, "soft_bytes", rlimit->fsize_soft);
		put_limit(line, "hard_bytes", rlimit->fsize_hard);
	}
	json_line_close(line, opened);
}
