// SPDX-License-Identifier: BSD-2-Clause
#include "sink/json_record.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/text.h"
#include "explain/arch.h"
#include "explain/kernel_path.h"
#include "explain/names.h"
#include "explain/oom.h"
#include "sink/json_put.h"

#define SCHEMA_VERSION 1
#define STATUS_SIGNAL 0x7f
#define STATUS_CORE 0x80
#define SIGINFO_KERNEL_CODE 128 /* SI_KERNEL */

static int64_t realtime(const struct death *death, uint64_t boottime_ns)
{
	return clock_realtime_ns(boottime_ns, death->realtime_offset_ns);
}

static void put_signal_numbers(json_t *signal, int number, bool has_code, int code)
{
	char name[SIGNAL_NAME_SIZE];

	json_put_signed(signal, "number", number);
	json_put_text(signal, "name", signal_name(number, name));
	if (!has_code)
		return;
	json_put_signed(signal, "code", code);
	json_put_text(signal, "code_name", signal_code_name(number, code));
}

static json_t *signal_object(const struct report *report)
{
	const struct death *death = report->death;
	json_t *object = json_object();
	int number = (int)(death->record.status & STATUS_SIGNAL);

	if (report->verdict.cause == CAUSE_RUNTIME_CRASH && death->has_fault)
		put_signal_numbers(object, death->fault.number, true, death->fault.code);
	else if (number && death->has_signal && death->signal.siginfo_kind == KT_SIGINFO_FULL)
		put_signal_numbers(object, number, death->signal.valid & KT_SIGNAL_HAS_CODE,
				   death->signal.code);
	else if (number && death->has_signal) /* kernel/signal.c:__send_signal() fills these in */
		put_signal_numbers(
			object, number, true,
			death->signal.siginfo_kind == KT_SIGINFO_KERNEL ? SIGINFO_KERNEL_CODE : 0);
	else if (number)
		put_signal_numbers(object, number, false, 0);
	return object;
}

static json_t *exit_object(const struct report *report)
{
	const struct kt_record *record = &report->death->record;
	json_t *object = json_object();

	if (record->status & STATUS_SIGNAL)
		json_put_number(object, "signal", record->status & STATUS_SIGNAL);
	json_put_number(object, "status", record->status >> 8 & 0xff);
	json_put_bool(object, "core_dumped", record->status & STATUS_CORE);
	if (report->verdict.thread_only)
		json_put_bool(object, "thread_only", true);
	return object;
}

static json_t *stuck_object(const struct report *report)
{
	json_t *object = json_object();

	json_put_number(object, "seconds", report_stuck_seconds(report));
	return object;
}

static json_t *victim_object(const struct report *report)
{
	const struct death *death = report->death;
	const struct kt_record *record = &death->record;
	json_t *object = json_object();
	uint32_t thread = report_thread(report);
	/* microseconds are as much as a double keeps over years */
	uint64_t age_us = (record->time_ns - record->start_ns) / 1000;

	json_put_number(object, "pid", record->tgid);
	json_put_number(object, "tid", thread);
	if (record->valid & KT_VALID_PARENT)
		json_put_number(object, "ppid", record->ppid);
	if (record->valid & KT_VALID_NS_PID)
		json_put_number(object, "ns_pid", record->ns_pid);
	if (record->valid & KT_VALID_UID)
		json_put_number(object, "uid", record->uid);
	json_put_text(object, "comm", death->comm);
	if (death->has_signal && thread == death->signal.target_tid &&
	    strcmp(death->signal.target_comm, death->comm) != 0)
		json_put_text(object, "thread_comm", death->signal.target_comm);
	json_put_text(object, "exe", death->exe);
	if (record->valid & KT_VALID_START) {
		json_put_time(object, "start_time", realtime(death, record->start_ns));
		json_put_value(object, "age_seconds", json_real((double)age_us / 1e6));
	}
	if (death->has_signal && (death->signal.valid & KT_SIGNAL_HAS_THREADS))
		json_put_number(object, "threads", death->signal.threads);
	return object;
}

static json_t *container_object(const struct owner *owner, const struct names *names)
{
	json_t *object = json_object();

	if (!owner->container_id[0])
		return object;
	json_put_text(object, "id", owner->container_id);
	if (owner->enclosing_id[0]) { /* the names are those of the outer one */
		json_put_text(object, "runtime", owner->runtime);
		json_put_text(object, "enclosing_id", owner->enclosing_id);
		json_put_text(object, "enclosing_runtime",
			      owner->enclosing_runtime[0] ? owner->enclosing_runtime
							  : names->runtime);
		json_put_text(object, "enclosing_name", names->name);
	} else {
		json_put_text(object, "runtime",
			      owner->runtime[0] ? owner->runtime : names->runtime);
		json_put_text(object, "name", names->name);
		json_put_text(object, "image", names->image);
		if (names->sandbox[0])
			json_put_bool(object, "sandbox", true);
	}
	json_put_text(object, "podman_pod", owner->podman_pod);
	return object;
}

static json_t *kubernetes_object(const struct owner *owner, const struct names *names)
{
	json_t *object = json_object();

	json_put_text(object, "namespace", names->namespace);
	json_put_text(object, "pod", names->pod);
	json_put_text(object, "pod_uid", owner->pod_uid[0] ? owner->pod_uid : names->pod_uid);
	json_put_text(object, "container", names->container);
	json_put_text(object, "qos", owner->qos);
	return object;
}

/* Of somebody who is not the victim: what is most often asked for, in one object. */
static void put_whose(json_t *object, const char *cgroup, const struct owner *owner,
		      const struct names *names)
{
	json_put_text(object, "cgroup", cgroup);
	json_put_text(object, "unit", owner->unit);
	json_put_text(object, "user_unit", owner->user_unit);
	json_put_text(object, "session", owner->session);
	if (owner->have_owner_uid)
		json_put_number(object, "owner_uid", owner->owner_uid);
	json_put_text(object, "machine", owner->machine);
	json_put_text(object, "container_id", owner->container_id);
	if (!owner->enclosing_id[0])
		json_put_text(object, "container_name", names->name);
	json_put_object(object, "kubernetes", kubernetes_object(owner, names));
}

static json_t *sender_object(const struct report *report)
{
	const struct kt_signal *signal = &report->death->signal;
	json_t *object = json_object();

	if (report->verdict.sender != SENDER_PROCESS)
		return object;
	json_put_number(object, "pid", signal->sender_pid);
	json_put_number(object, "uid", signal->sender_uid);
	json_put_text(object, "comm", signal->sender_comm);
	json_put_text(object, "role", killer_name(report->killer));
	put_whose(object, attribution_sender_cgroup(report->death), &report->whose->sender,
		  &report->whose->sender_names);
	return object;
}

static bool has_build_id(const struct kt_user_frame *frame)
{
	return frame->status == KT_FRAME_BUILD_ID;
}

static void put_build_id(json_t *object, const struct kt_user_frame *frame)
{
	char text[2 * KT_BUILD_ID_LEN + 1];

	for (size_t i = 0; i < KT_BUILD_ID_LEN; i++)
		(void)snprintf(text + 2 * i, 3, "%02x", frame->build_id[i]);
	json_put_text(object, "build_id", text);
}

static void put_trap(json_t *object, const struct report *report)
{
	const struct kt_fault *fault = &report->death->fault;
	const struct arch *arch = arch_of(report->death);

	json_put_text(object, "arch", arch->name);
	json_put_text(object, "trap", arch->trap_name(fault->trap_number, fault->error_code));
	json_put_number(object, "trap_number", fault->trap_number);
	if (fault->valid & KT_FAULT_HAS_ADDRESS)
		json_put_hex(object, "address", fault->address);
}

static json_t *fault_object(const struct report *report)
{
	const struct verdict *verdict = &report->verdict;
	const struct death *death = report->death;
	const struct kt_fault *fault = &death->fault;
	json_t *object = json_object();

	if (!verdict->shows_fault)
		return object;
	if (verdict->trap_is_fresh)
		put_trap(object, report);
	if (fault->valid & KT_FAULT_HAS_IP)
		json_put_hex(object, "ip", fault->ip);
	if (fault->valid & KT_FAULT_HAS_SP)
		json_put_hex(object, "sp", fault->sp);
	if (verdict->trap_is_fresh && (fault->valid & KT_FAULT_HAS_ERROR_CODE))
		json_put_number(object, "error_code", fault->error_code);
	json_put_text(object, "access", fault_access_name(verdict->access));
	json_put_text(object, "kind", fault_kind_name(verdict->fault_kind));
	if (verdict->trap_is_fresh)
		json_put_text(object, "source",
			      fault->flags & KT_FAULT_FROM_TRACEPOINT ? "tracepoint" : "thread");
	if (fault->valid & KT_FAULT_HAS_MODULE) {
		json_put_text(object, "module", fault->module);
		json_put_hex(object, "module_offset", fault->module_offset);
	}
	/* after an abort the stack is the abort's, not the fault's */
	if (verdict->cause != CAUSE_ABORT && death->user_frames &&
	    has_build_id(&death->user_stack[0]))
		put_build_id(object, &death->user_stack[0]);
	json_put_bool(object, "handled", fault->flags & KT_FAULT_HANDLED);
	if (fault->flags & KT_FAULT_HANDLED)
		json_put_number(object, "handled_count", fault->handled_count);
	return object;
}

/* A fault of the kernel's own. The instruction is named, its address stays here. */
static json_t *kernel_fault_object(const struct report *report)
{
	const struct kt_kernel_fault *fault = &report->death->kernel_fault;
	bool is_page_fault = report->verdict.has_kernel_address;
	json_t *object = json_object();
	const char *function;
	uint32_t trap;

	function = report_kernel_function(report, &trap);
	if (trap != REPORT_NO_TRAP) {
		json_put_text(object, "trap",
			      arch_of(report->death)->trap_name(trap, (uint32_t)fault->error_code));
		json_put_number(object, "trap_number", trap);
	}
	if (is_page_fault && fault->ip) /* zero with --no-addresses */
		json_put_hex(object, "address", fault->address);
	if (is_page_fault)
		json_put_number(object, "error_code", fault->error_code);
	json_put_text(object, "source", is_page_fault ? "tracepoint" : "kernel_stack");
	json_put_text(object, "kernel_function", function);
	json_put_bool(object, "handled", false);
	return object;
}

static json_t *trigger_object(const struct report *report)
{
	const struct kt_signal *signal = &report->death->signal;
	json_t *object = json_object();

	json_put_number(object, "pid", signal->sender_pid);
	json_put_number(object, "uid", signal->sender_uid);
	json_put_text(object, "comm", signal->sender_comm);
	put_whose(object, attribution_sender_cgroup(report->death), &report->whose->sender,
		  &report->whose->sender_names);
	return object;
}

static void put_oom_figures(json_t *object, const struct kt_oom *oom)
{
	json_put_number(object, "total_vm_bytes", oom->total_vm_bytes);
	json_put_number(object, "anon_rss_bytes", oom->anon_rss_bytes);
	json_put_number(object, "file_rss_bytes", oom->file_rss_bytes);
	json_put_number(object, "shmem_rss_bytes", oom->shmem_rss_bytes);
	json_put_number(object, "swap_bytes", oom->swap_bytes);
	json_put_number(object, "page_tables_bytes", oom->page_tables_bytes);
}

static json_t *oom_object(const struct report *report)
{
	const struct death *death = report->death;
	const struct kt_oom *oom = &death->oom;
	json_t *object = json_object();

	if (!report->verdict.shows_oom)
		return object;
	json_put_text(object, "scope_source", scope_source_name(report->verdict.scope_source));
	if (report->verdict.cause == CAUSE_OOM_MEMCG && death->oom_limit_path[0]) {
		json_put_text(object, "cgroup", death->oom_limit_path);
		if (oom_is_limited(oom))
			json_put_number(object, "limit_bytes", oom->limit_bytes);
		json_put_number(object, "usage_bytes", oom->usage_bytes);
	}
	json_put_text(object, "victim_cgroup",
		      death->memory_path[0] ? death->memory_path : death->cgroup_path);
	if (oom->flags & KT_OOM_HAS_FIGURES)
		put_oom_figures(object, oom);
	json_put_signed(object, "score_adj", oom->score_adj);
	json_put_bool(object, "group_kill", oom->flags & KT_OOM_GROUP);
	if (oom->flags & KT_OOM_SHARED_MM)
		json_put_number(object, "shared_with_pid", oom->shared_with_pid);
	else if (oom->flags & KT_OOM_GROUP_MEMBER)
		json_put_number(object, "chosen_pid", oom->shared_with_pid);
	if (report->verdict.sender == SENDER_TRIGGER)
		json_put_object(object, "trigger", trigger_object(report));
	return object;
}

static json_t *seccomp_object(const struct report *report)
{
	const struct kt_signal *signal = &report->death->signal;
	char name[SYSCALL_NAME_SIZE];
	json_t *object = json_object();

	if (!report->verdict.shows_seccomp || !report->death->has_signal ||
	    !(signal->valid & KT_SIGNAL_HAS_SECCOMP))
		return object;
	json_put_signed(object, "syscall", signal->seccomp_syscall);
	json_put_text(object, "syscall_name",
		      syscall_name(signal->seccomp_arch, signal->seccomp_syscall, name));
	json_put_text(object, "arch", arch_name(signal->seccomp_arch));
	return object;
}

static void put_limit(json_t *object, const char *key, uint64_t value)
{
	if (value != KT_RLIMIT_INFINITY && value <= INT64_MAX)
		json_put_number(object, key, value);
}

static json_t *rlimit_object(const struct report *report)
{
	const struct kt_rlimit *rlimit = &report->death->rlimit;
	json_t *object = json_object();

	if (!report->verdict.shows_rlimit)
		return object;
	switch (report->verdict.cause) {
	case CAUSE_RLIMIT_CPU:
		json_put_text(object, "resource", "cpu");
		put_limit(object, "soft_seconds", rlimit->cpu_soft);
		put_limit(object, "hard_seconds", rlimit->cpu_hard);
		if (rlimit->valid & KT_RLIMIT_HAS_CPU_USED)
			json_put_value(object, "used_seconds",
				       json_real((double)rlimit->cpu_used_ns / 1e9));
		break;
	case CAUSE_RLIMIT_RTTIME:
		json_put_text(object, "resource", "rttime");
		put_limit(object, "soft_microseconds", rlimit->rttime_soft);
		put_limit(object, "hard_microseconds", rlimit->rttime_hard);
		break;
	default:
		json_put_text(object, "resource", "fsize");
		put_limit(object, "soft_bytes", rlimit->fsize_soft);
		put_limit(object, "hard_bytes", rlimit->fsize_hard);
	}
	return object;
}

static json_t *cgroup_object(const struct death *death)
{
	const char *path = attribution_cgroup(death);
	json_t *object = json_object();

	bool v1 = path == death->memory_path;

	if (v1)
		json_put_number(object, "id", death->record.memory_cgroup_id);
	else if (death->record.valid & KT_VALID_CGROUP_ID)
		json_put_number(object, "id", death->record.cgroup_id);
	json_put_text(object, "path", path);
	if (*path)
		json_put_number(object, "version", v1 ? 1 : 2);
	json_put_text(object, "memory_path", death->memory_path);
	if (death->record.flags & KT_DEATH_PATH_TRUNCATED)
		json_put_bool(object, "path_truncated", true);
	return object;
}

static json_t *systemd_object(const struct owner *owner)
{
	json_t *object = json_object();

	json_put_text(object, "unit", owner->unit);
	json_put_text(object, "slice", owner->slice);
	json_put_text(object, "user_unit", owner->user_unit);
	json_put_text(object, "session", owner->session);
	if (owner->have_owner_uid)
		json_put_number(object, "owner_uid", owner->owner_uid);
	json_put_text(object, "machine", owner->machine);
	return object;
}

static void put_kernel_stack(json_t *object, const struct kernel_stack *stack)
{
	json_t *frames;

	if (!kernel_path_is_named(stack))
		return;
	frames = json_array();
	for (unsigned int i = kernel_path_start(stack); i < stack->count; i++) {
		char clean[3 * SYMBOL_SIZE];

		/* without a name it would be a bare kernel address, which stays here */
		text_valid_utf8(stack->name[i][0] ? stack->name[i] : "?", clean, sizeof(clean));
		(void)json_array_append_new(frames, json_string_nocheck(clean));
	}
	json_put_value(object, "kernel_stack", frames);
}

/* Where it was decided that it dies. */
static const struct kernel_stack *why_stack(const struct report *report)
{
	const struct death *death = report->death;

	if (report->verdict.cause == CAUSE_OOPS)
		return death->oops_stack.count ? &death->oops_stack : &death->exit_stack;
	return death->has_signal ? &death->signal_stack : &death->exit_stack;
}

static void put_user_stack(json_t *object, const struct death *death)
{
	json_t *frames = json_array();

	for (unsigned int i = 0; i < death->user_frames; i++) {
		const struct kt_user_frame *frame = &death->user_stack[i];
		json_t *entry;

		/* an address without its file means nothing once the process is gone */
		if (!has_build_id(frame))
			continue;
		entry = json_object();
		put_build_id(entry, frame);
		json_put_hex(entry, "offset", frame->offset);
		(void)json_array_append_new(frames, entry);
	}
	if (json_array_size(frames))
		json_put_value(object, "user_stack", frames);
	else
		json_decref(frames);
}

static json_t *new_record(const struct origin *origin, int64_t realtime_ns, uint64_t sequence)
{
	char id[64];
	json_t *object = json_object();

	json_put_signed(object, "schema", SCHEMA_VERSION);
	if (sequence) {
		(void)snprintf(id, sizeof(id), "%s-%" PRIu64, origin->boot_id, sequence);
		json_put_text(object, "id", id);
	}
	json_put_time(object, "time", realtime_ns);
	json_put_text(object, "node", origin->node);
	return object;
}

json_t *json_record_of_death(const struct report *report)
{
	const struct death *death = report->death;
	json_t *object =
		new_record(report->origin, realtime(death, death->record.time_ns), death->sequence);

	json_put_text(object, "cause", cause_name(report->verdict.cause));
	json_put_text(object, "class", cause_class(report->verdict.cause));
	json_put_bool(object, "routine", report->verdict.routine);
	json_put_text(object, "summary", report->summary);
	json_put_object(object, "signal", signal_object(report));
	if (report->verdict.stuck)
		json_put_object(object, "stuck", stuck_object(report));
	else
		json_put_object(object, "exit", exit_object(report));
	json_put_object(object, "victim", victim_object(report));
	json_put_object(object, "sender", sender_object(report));
	json_put_object(object, "fault",
			report->verdict.shows_kernel_fault ? kernel_fault_object(report)
							   : fault_object(report));
	json_put_object(object, "oom", oom_object(report));
	json_put_object(object, "seccomp", seccomp_object(report));
	json_put_object(object, "rlimit", rlimit_object(report));
	json_put_object(object, "cgroup", cgroup_object(death));
	json_put_object(object, "systemd", systemd_object(&report->whose->owner));
	json_put_object(object, "container",
			container_object(&report->whose->owner, &report->whose->names));
	json_put_object(object, "kubernetes",
			kubernetes_object(&report->whose->owner, &report->whose->names));
	put_kernel_stack(object, why_stack(report));
	if (report->verdict.shows_fault || report->verdict.cause == CAUSE_ABORT)
		put_user_stack(object, death);
	return object;
}

json_t *json_record_of_losses(const struct origin *origin, const struct losses *losses,
			      int64_t realtime_ns)
{
	json_t *object = new_record(origin, realtime_ns, 0), *lost = json_object();

	for (int i = 0; i < LOSS_COUNT; i++)
		if (losses->count[i])
			json_put_number(lost, loss_name((enum loss)i), losses->count[i]);
	json_put_value(object, "lost", lost);
	return object;
}

/* JSON lets DEL stand as it is; a terminal need not see it. It can only be within a string. */
static char *escape_del(char *line)
{
	size_t count = 0, length = strlen(line);
	char *bigger, *to;

	for (const char *at = line; *at; at++)
		count += *at == 0x7f;
	bigger = malloc(length + 5 * count + 2);
	if (!bigger)
		return NULL;
	to = bigger;
	for (const char *at = line; *at; at++) {
		if (*at == 0x7f) {
			memcpy(to, "\\u007f", 6);
			to += 6;
		} else {
			*to++ = *at;
		}
	}
	*to++ = '\n';
	*to = '\0';
	return bigger;
}

char *json_record_line(const json_t *record)
{
	AUTO_FREE char *text =
		json_dumps(record, JSON_COMPACT | JSON_ENSURE_ASCII | JSON_REAL_PRECISION(12));

	return text ? escape_del(text) : NULL;
}
