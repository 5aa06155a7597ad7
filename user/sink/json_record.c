// SPDX-License-Identifier: BSD-2-Clause
#include "sink/json_record.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "explain/arch.h"
#include "explain/kernel_path.h"
#include "explain/names.h"
#include "explain/oom.h"
#include "sink/json_line.h"

#define SCHEMA_VERSION 1
#define STATUS_SIGNAL 0x7f
#define STATUS_CORE 0x80
#define SIGINFO_KERNEL_CODE 128 /* SI_KERNEL */

static int64_t realtime(const struct death *death, uint64_t boottime_ns)
{
	return clock_realtime_ns(boottime_ns, death->realtime_offset_ns);
}

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

static void put_signal(struct json_line *line, const struct report *report)
{
	const struct death *death = report->death;
	size_t opened = json_line_open(line, "signal");
	int number = death->has_signal ? death->signal.number
				       : (int)(death->record.status & STATUS_SIGNAL);

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
	json_line_close(line, opened);
}

static void put_exit(struct json_line *line, const struct report *report)
{
	const struct kt_record *record = &report->death->record;
	size_t opened = json_line_open(line, "exit");

	if (record->status & STATUS_SIGNAL)
		json_line_number(line, "signal", record->status & STATUS_SIGNAL);
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
	/* microseconds are as much as a double keeps over years */
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
	json_line_close(line, opened);
}

static void put_container(struct json_line *line, const struct owner *owner,
			  const struct names *names)
{
	static const struct names none;
	bool is_innermost = attribution_names_innermost(owner, names);
	const struct names *own = is_innermost ? names : &none,
			   *outer = is_innermost ? &none : names;
	size_t opened;

	if (!owner->container_id[0])
		return;
	opened = json_line_open(line, "container");
	json_line_text(line, "id", owner->container_id);
	json_line_text(line, "runtime", owner->runtime[0] ? owner->runtime : own->runtime);
	json_line_text(line, "name", own->name);
	json_line_text(line, "image", own->image);
	if (own->sandbox[0])
		json_line_bool(line, "sandbox", true);
	json_line_text(line, "enclosing_id", owner->enclosing_id);
	json_line_text(line, "enclosing_runtime",
		       owner->enclosing_runtime[0] ? owner->enclosing_runtime : outer->runtime);
	json_line_text(line, "enclosing_name", outer->name);
	json_line_text(line, "podman_pod", owner->podman_pod);
	json_line_close(line, opened);
}

static void put_kubernetes(struct json_line *line, const struct owner *owner,
			   const struct names *names)
{
	size_t opened = json_line_open(line, "kubernetes");

	json_line_text(line, "namespace", names->namespace);
	json_line_text(line, "pod", names->pod);
	json_line_text(line, "pod_uid", owner->pod_uid[0] ? owner->pod_uid : names->pod_uid);
	json_line_text(line, "container", names->container);
	json_line_text(line, "qos", owner->qos);
	json_line_close(line, opened);
}

/* Of somebody who is not the victim: what is most often asked for, in one object. */
static void put_whose(struct json_line *line, const char *cgroup, const struct owner *owner,
		      const struct names *names)
{
	json_line_text(line, "cgroup", cgroup);
	json_line_text(line, "unit", owner->unit);
	json_line_text(line, "user_unit", owner->user_unit);
	json_line_text(line, "session", owner->session);
	if (owner->have_owner_uid)
		json_line_number(line, "owner_uid", owner->owner_uid);
	json_line_text(line, "machine", owner->machine);
	json_line_text(line, "container_id", owner->container_id);
	if (attribution_names_innermost(owner, names))
		json_line_text(line, "container_name", names->name);
	put_kubernetes(line, owner, names);
}

static void put_sender(struct json_line *line, const struct report *report)
{
	const struct kt_signal *signal = &report->death->signal;
	size_t opened;

	if (report->verdict.sender != SENDER_PROCESS)
		return;
	opened = json_line_open(line, "sender");
	json_line_number(line, "pid", signal->sender_pid);
	json_line_number(line, "uid", signal->sender_uid);
	json_line_text(line, "comm", signal->sender_comm);
	json_line_text(line, "role", killer_name(report->killer));
	put_whose(line, attribution_sender_cgroup(report->death), &report->whose->sender,
		  &report->whose->sender_names);
	json_line_close(line, opened);
}

static bool has_build_id(const struct kt_user_frame *frame)
{
	return frame->status == KT_FRAME_BUILD_ID;
}

static void put_build_id(struct json_line *line, const struct kt_user_frame *frame)
{
	static const char digits[] = "0123456789abcdef";
	char text[2 * KT_BUILD_ID_LEN + 1], *to = text;

	for (size_t i = 0; i < KT_BUILD_ID_LEN; i++) {
		*to++ = digits[frame->build_id[i] >> 4];
		*to++ = digits[frame->build_id[i] & 0xf];
	}
	*to = '\0';
	json_line_text(line, "build_id", text);
}

static void put_trap(struct json_line *line, const struct report *report)
{
	const struct kt_fault *fault = &report->death->fault;
	const struct arch *arch = arch_of(report->death);

	json_line_text(line, "arch", arch->name);
	json_line_text(line, "trap", arch->trap_name(fault->trap_number, fault->error_code));
	json_line_number(line, "trap_number", fault->trap_number);
	if (fault->valid & KT_FAULT_HAS_ADDRESS)
		json_line_hex(line, "address", fault->address);
}

static void put_fault(struct json_line *line, const struct report *report)
{
	const struct verdict *verdict = &report->verdict;
	const struct death *death = report->death;
	const struct kt_fault *fault = &death->fault;
	size_t opened;

	if (!verdict->shows_fault)
		return;
	opened = json_line_open(line, "fault");
	if (verdict->trap_is_fresh)
		put_trap(line, report);
	if (fault->valid & KT_FAULT_HAS_IP)
		json_line_hex(line, "ip", fault->ip);
	if (fault->valid & KT_FAULT_HAS_SP)
		json_line_hex(line, "sp", fault->sp);
	if (verdict->trap_is_fresh && (fault->valid & KT_FAULT_HAS_ERROR_CODE))
		json_line_number(line, "error_code", fault->error_code);
	json_line_text(line, "access", fault_access_name(verdict->access));
	json_line_text(line, "kind", fault_kind_name(verdict->fault_kind));
	if (verdict->trap_is_fresh)
		json_line_text(line, "source",
			       fault->flags & KT_FAULT_FROM_TRACEPOINT ? "tracepoint" : "thread");
	if (fault->valid & KT_FAULT_HAS_MODULE) {
		json_line_text(line, "module", fault->module);
		json_line_hex(line, "module_offset", fault->module_offset);
	}
	/* after an abort the stack is the abort's, not the fault's */
	if (verdict->cause != CAUSE_ABORT && death->user_frames &&
	    has_build_id(&death->user_stack[0]))
		put_build_id(line, &death->user_stack[0]);
	json_line_bool(line, "handled", fault->flags & KT_FAULT_HANDLED);
	if (fault->flags & KT_FAULT_HANDLED)
		json_line_number(line, "handled_count", fault->handled_count);
	json_line_close(line, opened);
}

/* A fault of the kernel's own. The instruction is named, its address stays here. */
static void put_kernel_fault(struct json_line *line, const struct report *report)
{
	const struct kt_kernel_fault *fault = &report->death->kernel_fault;
	bool is_page_fault = report->verdict.has_kernel_address;
	size_t opened = json_line_open(line, "fault");
	const char *function;
	uint32_t trap;

	function = report_kernel_function(report, &trap);
	if (trap != REPORT_NO_TRAP) {
		json_line_text(
			line, "trap",
			arch_of(report->death)->trap_name(trap, (uint32_t)fault->error_code));
		json_line_number(line, "trap_number", trap);
	}
	if (is_page_fault && fault->ip) /* zero with --no-addresses */
		json_line_hex(line, "address", fault->address);
	if (is_page_fault)
		json_line_number(line, "error_code", fault->error_code);
	json_line_text(line, "source", is_page_fault ? "tracepoint" : "kernel_stack");
	json_line_text(line, "kernel_function", function);
	json_line_bool(line, "handled", false);
	json_line_close(line, opened);
}

static void put_trigger(struct json_line *line, const struct report *report)
{
	const struct kt_signal *signal = &report->death->signal;
	size_t opened = json_line_open(line, "trigger");

	json_line_number(line, "pid", signal->sender_pid);
	json_line_number(line, "uid", signal->sender_uid);
	json_line_text(line, "comm", signal->sender_comm);
	put_whose(line, attribution_sender_cgroup(report->death), &report->whose->sender,
		  &report->whose->sender_names);
	json_line_close(line, opened);
}

static void put_oom_figures(struct json_line *line, const struct kt_oom *oom)
{
	json_line_number(line, "total_vm_bytes", oom->total_vm_bytes);
	json_line_number(line, "anon_rss_bytes", oom->anon_rss_bytes);
	json_line_number(line, "file_rss_bytes", oom->file_rss_bytes);
	json_line_number(line, "shmem_rss_bytes", oom->shmem_rss_bytes);
	json_line_number(line, "swap_bytes", oom->swap_bytes);
	json_line_number(line, "page_tables_bytes", oom->page_tables_bytes);
}

static void put_oom(struct json_line *line, const struct report *report)
{
	const struct death *death = report->death;
	const struct kt_oom *oom = &death->oom;
	size_t opened;

	if (!report->verdict.shows_oom)
		return;
	opened = json_line_open(line, "oom");
	json_line_text(line, "scope_source", scope_source_name(report->verdict.scope_source));
	if (report->verdict.cause == CAUSE_OOM_MEMCG && death->oom_limit_path[0]) {
		json_line_text(line, "cgroup", death->oom_limit_path);
		if (oom_is_limited(oom))
			json_line_number(line, "limit_bytes", oom->limit_bytes);
		json_line_number(line, "usage_bytes", oom->usage_bytes);
	}
	json_line_text(line, "victim_cgroup",
		       death->memory_path[0] ? death->memory_path : death->cgroup_path);
	if (oom->flags & KT_OOM_HAS_FIGURES)
		put_oom_figures(line, oom);
	json_line_signed(line, "score_adj", oom->score_adj);
	json_line_bool(line, "group_kill", oom->flags & KT_OOM_GROUP);
	if (oom->flags & KT_OOM_SHARED_MM)
		json_line_number(line, "shared_with_pid", oom->shared_with_pid);
	else if (oom->flags & KT_OOM_GROUP_MEMBER)
		json_line_number(line, "chosen_pid", oom->shared_with_pid);
	if (report->verdict.sender == SENDER_TRIGGER)
		put_trigger(line, report);
	json_line_close(line, opened);
}

static void put_seccomp(struct json_line *line, const struct report *report)
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

static void put_rlimit(struct json_line *line, const struct report *report)
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

static void put_cgroup(struct json_line *line, const struct death *death)
{
	const char *path = attribution_cgroup(death);
	bool v2 = path == death->cgroup_path;
	size_t opened = json_line_open(line, "cgroup");

	if (path == death->memory_path)
		json_line_number(line, "id", death->record.memory_cgroup_id);
	else if (v2 && (death->record.valid & KT_VALID_CGROUP_ID))
		json_line_number(line, "id", death->record.cgroup_id);
	json_line_text(line, "path", path);
	if (*path)
		json_line_number(line, "version", v2 ? 2 : 1);
	json_line_text(line, "memory_path", death->memory_path);
	json_line_text(line, "systemd_path", death->systemd_path);
	if (death->record.flags & KT_DEATH_PATH_TRUNCATED)
		json_line_bool(line, "path_truncated", true);
	json_line_close(line, opened);
}

static void put_systemd(struct json_line *line, const struct owner *owner)
{
	size_t opened = json_line_open(line, "systemd");

	json_line_text(line, "unit", owner->unit);
	json_line_text(line, "slice", owner->slice);
	json_line_text(line, "user_unit", owner->user_unit);
	json_line_text(line, "session", owner->session);
	if (owner->have_owner_uid)
		json_line_number(line, "owner_uid", owner->owner_uid);
	json_line_text(line, "machine", owner->machine);
	json_line_close(line, opened);
}

static void put_kernel_stack(struct json_line *line, const struct kernel_stack *stack)
{
	size_t opened;

	if (!kernel_path_is_named(stack))
		return;
	opened = json_line_open_list(line, "kernel_stack");
	for (unsigned int i = kernel_path_start(stack); i < stack->count; i++)
		/* without a name it would be a bare kernel address, which stays here */
		json_line_item(line, stack->name[i][0] ? stack->name[i] : "?");
	json_line_close_list(line, opened);
}

/* Where it was decided that it dies. */
static const struct kernel_stack *why_stack(const struct report *report)
{
	const struct death *death = report->death;

	if (report->verdict.cause == CAUSE_OOPS)
		return death->oops_stack.count ? &death->oops_stack : &death->exit_stack;
	return death->has_signal ? &death->signal_stack : &death->exit_stack;
}

static void put_user_stack(struct json_line *line, const struct death *death)
{
	size_t opened = json_line_open_list(line, "user_stack");

	for (unsigned int i = 0; i < death->user_frames; i++) {
		const struct kt_user_frame *frame = &death->user_stack[i];
		size_t entry;

		/* an address without its file means nothing once the process is gone */
		if (!has_build_id(frame))
			continue;
		entry = json_line_open(line, NULL);
		put_build_id(line, frame);
		json_line_hex(line, "offset", frame->offset);
		json_line_close(line, entry);
	}
	json_line_close_list(line, opened);
}

static void begin_record(struct json_line *line, const struct origin *origin, int64_t realtime_ns,
			 uint64_t sequence)
{
	char id[64];

	json_line_begin(line);
	json_line_signed(line, "schema", SCHEMA_VERSION);
	if (sequence) {
		(void)snprintf(id, sizeof(id), "%s-%" PRIu64, origin->boot_id, sequence);
		json_line_text(line, "id", id);
	}
	json_line_time(line, "time", realtime_ns);
	json_line_text(line, "node", origin->node);
}

static void put_whole_death(struct json_line *line, const struct report *report)
{
	const struct attribution *whose = report->whose;
	const struct death *death = report->death;

	json_line_text(line, "cause", cause_name(report->verdict.cause));
	json_line_text(line, "class", cause_class(report->verdict.cause));
	json_line_bool(line, "routine", report->verdict.routine);
	json_line_text(line, "summary", report->summary);
	put_signal(line, report);
	if (report->verdict.stuck)
		put_stuck(line, report);
	else
		put_exit(line, report);
	put_victim(line, report);
	put_sender(line, report);
	if (report->verdict.shows_kernel_fault)
		put_kernel_fault(line, report);
	else
		put_fault(line, report);
	put_oom(line, report);
	put_seccomp(line, report);
	put_rlimit(line, report);
	put_cgroup(line, death);
	put_systemd(line, &whose->owner);
	put_container(line, &whose->owner, &whose->names);
	put_kubernetes(line, &whose->owner, &whose->names);
	put_kernel_stack(line, why_stack(report));
	if (report->verdict.shows_fault || report->verdict.cause == CAUSE_ABORT)
		put_user_stack(line, death);
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
