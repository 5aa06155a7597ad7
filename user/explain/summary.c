// SPDX-License-Identifier: BSD-2-Clause
#include "explain/summary.h"

#include <inttypes.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "explain/arch.h"
#include "explain/kernel_path.h"
#include "explain/names.h"
#include "explain/oom.h"

#define STATUS_SIGNAL 0x7f
#define SAFE_SIZE (4 * KT_SIDE_PATH_LEN)
/* Names are others' to choose: none may push the reason out of the sentence. */
#define LONGEST_NAME 160

struct writer {
	char *text;
	size_t size, used;
};

static void put(struct writer *out, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void put(struct writer *out, const char *format, ...)
{
	va_list args;
	int length;

	if (out->used >= out->size)
		return;
	va_start(args, format);
	length = vsnprintf(out->text + out->used, out->size - out->used, format, args);
	va_end(args);
	if (length > 0)
		out->used += (size_t)length;
}

static void put_text(struct writer *out, const char *text)
{
	size_t length = strlen(text), room;

	if (out->used >= out->size)
		return;
	room = out->size - out->used - 1;
	memcpy(out->text + out->used, text, length < room ? length : room);
	out->text[out->used + (length < room ? length : room)] = '\0';
	out->used += length;
}

static void put_name(struct writer *out, const char *name)
{
	char safe[SAFE_SIZE];

	text_for_terminal(name, safe, sizeof(safe));
	if (strlen(safe) <= LONGEST_NAME) {
		put_text(out, safe);
		return;
	}
	text_for_terminal(name, safe, LONGEST_NAME);
	put(out, "%s\xe2\x80\xa6", safe);
}

static void put_bytes(struct writer *out, uint64_t bytes)
{
	char text[32];

	put_text(out, text_bytes(bytes, text, sizeof(text)));
}

/* "nginx (pid 7, uid 33)" */
static void put_process(struct writer *out, const char *comm, uint32_t pid, uint32_t uid,
			bool has_uid)
{
	put_name(out, *comm ? comm : "?");
	put(out, " (pid %" PRIu32, pid);
	if (has_uid)
		put(out, ", uid %" PRIu32, uid);
	put_text(out, ")");
}

/* "pod shop/web-0" */
static void put_pod(struct writer *out, const struct owner *owner, const struct names *names)
{
	put_text(out, "pod ");
	if (!names->pod[0]) {
		put_name(out, owner->pod_uid);
		return;
	}
	put_name(out, names->namespace);
	put_text(out, "/");
	put_name(out, names->pod);
}

/* "docker container web", "container app of pod shop/web-0" */
static void put_container(struct writer *out, const struct owner *owner, const struct names *names)
{
	const char *name = attribution_names_innermost(owner, names) ? names->name : "";

	if (!names->pod[0] && owner->runtime[0])
		put(out, "%s ", owner->runtime);
	put_text(out, "container ");
	put_name(out, *name ? name : owner->container_id);
	if (owner->pod_uid[0] || names->pod[0]) {
		put_text(out, " of ");
		put_pod(out, owner, names);
	}
}

/* The nearest owner that has a name: pod before container before unit before cgroup. */
static void put_owner(struct writer *out, const struct owner *owner, const struct names *names,
		      const char *cgroup)
{
	const char *unit = owner->user_unit[0] ? owner->user_unit : owner->unit;

	if (owner->container_id[0]) {
		put_container(out, owner, names);
	} else if (owner->pod_uid[0]) {
		put_pod(out, owner, names);
	} else if (owner->machine[0]) {
		put_text(out, "machine ");
		put_name(out, owner->machine);
	} else if (owner->session[0] && owner->have_owner_uid) {
		put_text(out, "session ");
		put_name(out, owner->session);
		put(out, " of uid %" PRIu32, owner->owner_uid);
	} else if (*unit) {
		put_name(out, unit);
		/* users name their units as they like, also as the system's are named */
		if (owner->user_unit[0] && owner->have_owner_uid)
			put(out, " of uid %" PRIu32, owner->owner_uid);
	} else {
		put_text(out, "cgroup ");
		put_name(out, *cgroup ? cgroup : "unknown");
	}
}

static void put_sender(struct writer *out, const struct report *report)
{
	const struct kt_signal *signal = &report->death->signal;

	if (signal->flags & KT_SIGNAL_SELF) {
		put_text(out, "by itself");
		return;
	}
	put_text(out, "by ");
	put_process(out, signal->sender_comm, signal->sender_pid, signal->sender_uid, true);
	put_text(out, " in ");
	put_owner(out, &report->whose->sender, &report->whose->sender_names,
		  report->death->sender_path);
	if (killer_meaning(report->killer))
		put(out, ", %s", killer_meaning(report->killer));
}

/* " in libc.so.6+0x1234" */
static void put_module(struct writer *out, const struct kt_fault *fault)
{
	if (!(fault->valid & KT_FAULT_HAS_MODULE))
		return;
	put_text(out, " in ");
	put_name(out, fault->module);
	put(out, "+0x%llx", fault->module_offset);
}

/* "null-dereference, write at 0x8 in foo+0x1136" */
static void put_fault(struct writer *out, const struct report *report)
{
	const struct kt_fault *fault = &report->death->fault;
	const char *kind = fault_kind_name(report->verdict.fault_kind);
	const char *access = fault_access_name(report->verdict.access);
	const struct arch *arch = arch_of(report->death);
	const char *trap = report->verdict.trap_is_fresh
				   ? arch->trap_name(fault->trap_number, fault->error_code)
				   : NULL;
	char signal[SIGNAL_NAME_SIZE];

	if ((fault->flags & KT_FAULT_BEYOND_FILE) && fault->number == SIGBUS)
		put_text(out, "beyond the end of a mapped file");
	else if (kind || trap)
		put_text(out, kind ? kind : trap);
	else if (report->verdict.cause == CAUSE_BREAKPOINT) /* arm64 notes no trap of it */
		put_text(out, cause_name(CAUSE_BREAKPOINT));
	else
		put_text(out, signal_name(fault->number, signal));
	if (report->verdict.trap_is_fresh && access)
		put(out, ", %s", access);
	if (report->verdict.trap_is_fresh && (fault->valid & KT_FAULT_HAS_ADDRESS))
		put(out, " at 0x%llx", fault->address);
	put_module(out, fault);
	if (report->death->has_signal && fault->tid != report->death->record.tgid) {
		put_text(out, ", thread ");
		put_name(out, report->death->signal.target_comm);
		put(out, " (tid %" PRIu32 ")", fault->tid);
	}
}

static void put_oom(struct writer *out, const struct report *report)
{
	const struct death *death = report->death;
	const struct kt_oom *oom = &death->oom;

	if (report->verdict.cause == CAUSE_OOM_MEMCG) {
		put_text(out, "its memory cgroup ");
		put_name(out, death->oom_limit_path[0] ? death->oom_limit_path : "");
		put(out, "%sreached its limit", death->oom_limit_path[0] ? " " : "");
		if (oom->limit_bytes && oom_is_limited(oom)) {
			put_text(out, " of ");
			put_bytes(out, oom->limit_bytes);
		}
	} else if (report->verdict.cause == CAUSE_OOM_SYSRQ) {
		put_text(out, "an administrator asked for it with sysrq-f");
	} else if (report->verdict.cause == CAUSE_OOM_CPUSET) {
		put_text(out, "the memory nodes of its cpuset ran out of memory");
	} else if (report->verdict.cause == CAUSE_OOM_MEMPOLICY) {
		put_text(out, "the memory nodes that its memory policy allows ran out of memory");
	} else {
		put_text(out, "the node ran out of memory");
	}
	if (oom->flags & KT_OOM_HAS_FIGURES) {
		put_text(out, "; it held ");
		put_bytes(out, oom->anon_rss_bytes + oom->file_rss_bytes + oom->shmem_rss_bytes);
		if (oom->swap_bytes) {
			put_text(out, " and ");
			put_bytes(out, oom->swap_bytes);
			put_text(out, " of swap");
		}
	}
	if (oom->flags & KT_OOM_SHARED_MM)
		put(out, ", shared with the victim, pid %" PRIu32, oom->shared_with_pid);
	else if (oom->flags & KT_OOM_GROUP_MEMBER)
		put(out, "; killed along with pid %" PRIu32 " (memory.oom.group)",
		    oom->shared_with_pid);
}

static void put_rlimit(struct writer *out, const struct report *report)
{
	const struct kt_rlimit *rlimit = &report->death->rlimit;
	bool hard = report->death->signal.number == SIGKILL;

	switch (report->verdict.cause) {
	case CAUSE_RLIMIT_CPU:
		put(out, "it used up its CPU time, %s RLIMIT_CPU of %llu s", hard ? "hard" : "soft",
		    hard ? rlimit->cpu_hard : rlimit->cpu_soft);
		break;
	case CAUSE_RLIMIT_RTTIME:
		put(out, "it ran in real time without sleep, %s RLIMIT_RTTIME of %llu us",
		    hard ? "hard" : "soft", hard ? rlimit->rttime_hard : rlimit->rttime_soft);
		break;
	default:
		put_text(out, "it wrote beyond RLIMIT_FSIZE of ");
		put_bytes(out, rlimit->fsize_soft);
	}
}

static void put_seccomp(struct writer *out, const struct death *death)
{
	char name[SYSCALL_NAME_SIZE];

	put_text(out, "seccomp forbade ");
	if (!death->has_signal || !(death->signal.valid & KT_SIGNAL_HAS_SECCOMP))
		put_text(out, "a system call");
	else if (syscall_name(death->signal.seccomp_arch, death->signal.seccomp_syscall, name))
		put(out, "the system call %s", name);
	else
		put(out, "system call %d", death->signal.seccomp_syscall);
}

static void put_kernel_signal(struct writer *out, const struct report *report)
{
	char decider[SYMBOL_SIZE];

	put_text(out, "the kernel sent it");
	if (kernel_path_decider(&report->death->signal_stack, decider, sizeof(decider))) {
		put_text(out, " in ");
		put_name(out, decider);
	}
}

static void put_oops(struct writer *out, const struct report *report)
{
	const struct death *death = report->death;
	uint32_t trap, error_code = (uint32_t)death->kernel_fault.error_code;
	const char *function, *name;

	put_text(out, "the kernel itself failed (oops) while it worked for it");
	if (!report->verdict.shows_kernel_fault)
		return;
	function = report_kernel_function(report, &trap);
	name = trap == REPORT_NO_TRAP ? NULL : arch_of(death)->trap_name(trap, error_code);
	if (name)
		put(out, ": %s", name);
	if (*function) {
		put_text(out, " in ");
		put_name(out, function);
	}
	if (report->verdict.has_kernel_address &&
	    death->kernel_fault.ip) /* zero with --no-addresses */
		put(out, ", at address 0x%llx", death->kernel_fault.address);
}

static void put_signal_by(struct writer *out, const struct report *report)
{
	if (report->verdict.sender == SENDER_PROCESS)
		put_sender(out, report);
	else
		put_text(out, "by nobody that was seen");
}

/* Why it died: the clause behind the colon. */
static void put_reason(struct writer *out, const struct report *report)
{
	switch (report->verdict.cause) {
	case CAUSE_OOM_GLOBAL:
	case CAUSE_OOM_MEMCG:
	case CAUSE_OOM_CPUSET:
	case CAUSE_OOM_MEMPOLICY:
	case CAUSE_OOM_SYSRQ:
		put_oom(out, report);
		break;
	case CAUSE_SECCOMP:
		put_seccomp(out, report->death);
		break;
	case CAUSE_RLIMIT_CPU:
	case CAUSE_RLIMIT_RTTIME:
	case CAUSE_RLIMIT_FSIZE:
		put_rlimit(out, report);
		break;
	case CAUSE_OOPS:
		put_oops(out, report);
		break;
	case CAUSE_EXEC_FAILED:
		put_text(out, "the kernel could not finish its exec, and the old program was gone");
		break;
	case CAUSE_SIGFRAME_FAILED:
		put_text(out, "its stack was unusable when a signal was to be delivered");
		if (report->death->fault.flags & KT_FAULT_FRAME_FAILED) {
			put_text(out, " for ");
			put_fault(out, report);
		}
		break;
	case CAUSE_PIDNS_TEARDOWN:
		put_text(out, "init of its pid namespace died, ");
		put_sender(out, report);
		break;
	case CAUSE_PARENT_DEATH_SIGNAL:
		put_text(out, "its parent died, and it had asked to go with it: ");
		put_sender(out, report);
		break;
	case CAUSE_PTRACE_EXITKILL:
		put_text(out, "its tracer left and had asked for its death: ");
		put_sender(out, report);
		break;
	case CAUSE_CGROUP_KILL:
		put_text(out, "its cgroup was killed ");
		put_signal_by(out, report);
		break;
	case CAUSE_OOM_USERSPACE:
		put_text(out, "killed for want of memory ");
		put_sender(out, report);
		break;
	case CAUSE_SIGKILL:
	case CAUSE_SIGNAL:
		put_signal_by(out, report);
		break;
	case CAUSE_ABORT:
		put_text(out, "it aborted itself");
		if (report->verdict.shows_fault) {
			put_text(out, " after ");
			put_fault(out, report);
		}
		break;
	case CAUSE_RUNTIME_CRASH:
		put_text(out, "its own handler took ");
		put_fault(out, report);
		break;
	case CAUSE_KERNEL_SIGNAL:
		put_kernel_signal(out, report);
		break;
	case CAUSE_MEMORY_FAILURE:
		put_text(out, "the hardware found its memory damaged");
		if (report->verdict.shows_fault)
			put_module(out, &report->death->fault);
		break;
	default: /* the CPU faults */
		put_fault(out, report);
	}
}

/* What happened: "was killed by SIGKILL", "exited with status 2". */
static void put_end(struct writer *out, const struct report *report)
{
	int number = (int)(report->death->record.status & STATUS_SIGNAL);
	char name[SIGNAL_NAME_SIZE];

	if (report->verdict.stuck)
		put(out, " has not died for %" PRIu64 " s after %s", report_stuck_seconds(report),
		    signal_name(number, name));
	else if (report->verdict.thread_only)
		put(out, " lost thread %" PRIu32 " to %s, and lives on", report->death->record.tid,
		    signal_name(number, name));
	else if (report->death->has_signal &&
		 (report->death->record.flags & KT_DEATH_WHILE_DUMPING))
		put(out, " was killed by %s, and by SIGKILL while its core was written",
		    signal_name(report->death->signal.number, name));
	else if (number)
		put(out, " was killed by %s", signal_name(number, name));
	else
		put(out, " exited with status %" PRIu32, report->death->record.status >> 8 & 0xff);
	if (report->verdict.cause == CAUSE_RUNTIME_CRASH)
		put_text(out, " right after a fault");
}

void summary_write(const struct report *report, char *ret_text, size_t size)
{
	const struct kt_record *record = &report->death->record;
	struct writer out = { .text = ret_text, .size = size };

	put_process(&out, report->death->comm, record->tgid, record->uid,
		    record->valid & KT_VALID_UID);
	put_text(&out, " of ");
	put_owner(&out, &report->whose->owner, &report->whose->names,
		  attribution_cgroup(report->death));
	put_end(&out, report);
	put_text(&out, ": ");
	put_reason(&out, report);
}
