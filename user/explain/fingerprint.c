// SPDX-License-Identifier: BSD-2-Clause
#include "explain/fingerprint.h"

#include <stdio.h>
#include <string.h>

#include "attribute/stable_name.h"
#include "base/digest.h"
#include "base/digits.h"
#include "base/text.h"
#include "explain/kernel_path.h"
#include "explain/report.h"

/* The nearest frames say where it failed; frames further away differ from one request to the next.
 */
#define FRAMES_OF_FAULT 3
/* An abort goes through a library first: raise, abort, terminate or assert. */
#define FRAMES_OF_ABORT 5
#define HASH_BYTES 8

/* Each field as its key and its value with their NULs, so that different fields never look alike.
 */
static void add(struct digest *digest, const char *key, const char *value)
{
	digest_text(digest, key);
	digest_text(digest, value);
}

static void add_number(struct digest *digest, const char *key, unsigned long long value)
{
	char text[DIGITS_MOST + 1], *const end = text + DIGITS_MOST;

	*end = '\0';
	add(digest, key, digits_decimal(value, end));
}

static void add_workload(struct digest *digest, const char *key, const struct stable_name *workload)
{
	add(digest, key, workload->kind);
	for (int i = 0; i < STABLE_NAME_PARTS; i++)
		add(digest, key, workload->name[i]);
}

/* A process can choose its name, such as "worker 17"; its file has only one. */
static void add_program(struct digest *digest, const char *key, const char *exe, const char *comm)
{
	char name[KT_COMM_LEN + 1];

	if (!*exe) {
		(void)snprintf(name, sizeof(name), "%.*s", KT_COMM_LEN, comm);
		name[strcspn(name, "0123456789/:")] = '\0';
		exe = name;
	}
	add(digest, key, exe);
}

static void add_victim(struct digest *digest, const struct death *death)
{
	add_program(digest, "program", death->exe, death->comm);
}

static void victim_workload(const struct report *report, struct stable_name *ret)
{
	stable_name_of(&report->whose->owner, &report->whose->names,
		       attribution_cgroup(report->death), report->origin->node, ret);
}

static bool has_build_id(const struct kt_user_frame *frame)
{
	return frame->status == KT_FRAME_BUILD_ID;
}

static bool is_same_module(const struct kt_user_frame *a, const struct kt_user_frame *b)
{
	return !memcmp(a->build_id, b->build_id, sizeof(a->build_id));
}

static void add_place(struct digest *digest, const uint8_t *bytes, unsigned long long offset)
{
	char build_id[2 * KT_BUILD_ID_LEN + 1];

	text_hex(bytes, KT_BUILD_ID_LEN, build_id);
	add(digest, "build_id", build_id);
	add_number(digest, "offset", offset);
}

static void add_frames(struct digest *digest, const struct death *death, unsigned int first,
		       unsigned int most)
{
	for (unsigned int i = first; i < death->user_frames && most; i++) {
		const struct kt_user_frame *frame = &death->user_stack[i];

		if (!has_build_id(frame))
			continue;
		add_place(digest, frame->build_id, frame->offset);
		most--;
	}
}

static void add_module(struct digest *digest, const struct kt_fault *fault)
{
	if (!(fault->valid & KT_FAULT_HAS_MODULE))
		return;
	add(digest, "module", fault->module);
	add_number(digest, "offset", fault->module_offset);
}

/* The function that runs out of stack varies: usually one that the recursion calls. */
static void add_fault(struct digest *digest, const struct report *report)
{
	const struct death *death = report->death;
	unsigned int frames = FRAMES_OF_FAULT;

	add_victim(digest, death);
	if (report->verdict.fault_kind == FAULT_KIND_STACK_OVERFLOW) {
		add(digest, "kind", fault_kind_name(report->verdict.fault_kind));
		return;
	}
	if (!death->user_frames || !has_build_id(&death->user_stack[0])) {
		/* the place of the fault is that of the first frame, even if that frame is missing
		 */
		if (death->has_fault_build_id) {
			add_place(digest, death->fault_build_id, death->fault.module_offset);
			frames--;
		} else {
			add_module(digest, &death->fault);
		}
	}
	add_frames(digest, death, 0, frames);
}

/* The C library raises the signal in some place of its own: its caller counts, if there is one. */
static unsigned int first_behind_raise(const struct death *death)
{
	for (unsigned int i = 1; i < death->user_frames; i++)
		if (has_build_id(&death->user_stack[i]) &&
		    !is_same_module(&death->user_stack[i], &death->user_stack[0]))
			return i;
	return 0;
}

static void add_abort(struct digest *digest, const struct report *report)
{
	const struct death *death = report->death;

	add_victim(digest, death);
	/* the stack is that of the abort, and the fault is its reason */
	if (report->verdict.shows_fault && (death->fault.valid & KT_FAULT_HAS_MODULE))
		add_module(digest, &death->fault);
	else
		add_frames(digest, death, first_behind_raise(death), FRAMES_OF_ABORT);
}

static void slice_name(const char *path, char *ret, size_t size)
{
	static const char suffix[] = ".slice";
	const char *last = strrchr(path, '/');
	char stem[STABLE_NAME_SIZE];
	size_t length;

	(void)snprintf(stem, sizeof(stem), "%s", last ? last + 1 : path);
	length = strlen(stem);
	if (length > strlen(suffix) && !strcmp(stem + length - strlen(suffix), suffix))
		stem[length - strlen(suffix)] = '\0';
	stable_name_of_cgroup(stem, ret, size);
}

/* Which ancestor of the victim's cgroup hit its limit. */
static void add_level(struct digest *digest, const struct report *report)
{
	const char *limit = report->death->oom_limit_path, *level = "above";
	char slice[STABLE_NAME_SIZE] = "";
	struct owner owner;

	if (report->verdict.cause != CAUSE_OOM_MEMCG) {
		add(digest, "level", "node");
		return;
	}
	owner_from_path(limit, &owner);
	if (!*limit) {
		level = "";
	} else if (owner.container_id[0]) {
		level = "container";
	} else if (owner.pod_uid[0]) {
		level = "pod";
	} else if (owner.unit[0]) {
		level = "unit";
	} else if (owner.slice[0]) {
		level = "slice";
		slice_name(limit, slice, sizeof(slice));
	} else if (!strcmp(limit, report->death->memory_path[0] ? report->death->memory_path
								: report->death->cgroup_path)) {
		level = "own";
	}
	add(digest, "level", level);
	add(digest, "slice", slice);
}

/* If several processes share a limit, the victim is chosen by chance, so the workload counts. */
static void add_oom(struct digest *digest, const struct report *report)
{
	struct stable_name workload;

	victim_workload(report, &workload);
	add_workload(digest, "workload", &workload);
	if (!workload.name[0][0])
		add_victim(digest, report->death);
	add_level(digest, report);
}

static void add_signal(struct digest *digest, const struct death *death)
{
	add_number(digest, "signal",
		   death->has_signal ? (uint32_t)death->signal.number
				     : death->record.status & KT_STATUS_SIGNAL);
}

static void add_sender(struct digest *digest, const struct report *report)
{
	const struct death *death = report->death;
	const struct kt_signal *signal = &death->signal;
	struct stable_name workload;

	if (report->verdict.sender != SENDER_PROCESS)
		return;
	if (signal->flags & KT_SIGNAL_SELF) {
		add(digest, "sender", "itself");
	} else if (killer_name(report->killer)) {
		/* where it runs depends on the node */
		add(digest, "role", killer_name(report->killer));
	} else {
		add_program(digest, "sender", death->sender_exe, signal->sender_comm);
		stable_name_of(&report->whose->sender, &report->whose->sender_names,
			       attribution_sender_cgroup(death), report->origin->node, &workload);
		add_workload(digest, "sender_workload", &workload);
	}
}

static void add_kill(struct digest *digest, const struct report *report)
{
	struct stable_name workload;

	add_victim(digest, report->death);
	victim_workload(report, &workload);
	add_workload(digest, "workload", &workload);
	add_signal(digest, report->death);
	add_sender(digest, report);
}

static void add_seccomp(struct digest *digest, const struct death *death)
{
	add_victim(digest, death);
	if (!death->has_signal || !(death->signal.valid & KT_SIGNAL_HAS_SECCOMP))
		return;
	add_number(digest, "arch", death->signal.seccomp_arch);
	add_number(digest, "syscall", (uint32_t)death->signal.seccomp_syscall);
}

/* Without its offset, and without what the compiler adds to the name of a copy:
 * "lookup_slow.isra.0+0x1f". */
static void add_function(struct digest *digest, const char *function)
{
	char name[SYMBOL_SIZE];

	(void)snprintf(name, sizeof(name), "%s", function);
	name[strcspn(name, "+.")] = '\0';
	add(digest, "function", name);
}

static void add_oops(struct digest *digest, const struct report *report)
{
	uint32_t trap;

	add_function(digest, report_kernel_function(report, &trap));
}

static void add_kernel_signal(struct digest *digest, const struct report *report)
{
	char decider[SYMBOL_SIZE];

	add_signal(digest, report->death);
	if (report->verdict.shows_fault) {
		add_fault(digest, report);
		return;
	}
	add_victim(digest, report->death);
	if (kernel_path_decider(kernel_path_of_signal(report->death), decider, sizeof(decider)))
		add_function(digest, decider);
}

static void add_what_identifies(struct digest *digest, const struct report *report)
{
	switch (report->verdict.cause) {
	case CAUSE_OOM_GLOBAL:
	case CAUSE_OOM_MEMCG:
	case CAUSE_OOM_CPUSET:
	case CAUSE_OOM_MEMPOLICY:
	case CAUSE_OOM_SYSRQ:
		add_oom(digest, report);
		break;
	case CAUSE_OOM_USERSPACE:
	case CAUSE_CGROUP_KILL:
	case CAUSE_SIGKILL:
	case CAUSE_SIGNAL:
	case CAUSE_SIGNAL_EXIT:
	case CAUSE_PIDNS_TEARDOWN:
	case CAUSE_PARENT_DEATH_SIGNAL:
	case CAUSE_PTRACE_EXITKILL:
		add_kill(digest, report);
		break;
	case CAUSE_ABORT:
		add_abort(digest, report);
		break;
	case CAUSE_SECCOMP:
		add_seccomp(digest, report->death);
		break;
	case CAUSE_OOPS:
		add_oops(digest, report);
		break;
	case CAUSE_KERNEL_SIGNAL:
		add_kernel_signal(digest, report);
		break;
	case CAUSE_MEMORY_FAILURE: /* of the hardware, wherever the program was */
	case CAUSE_RLIMIT_CPU:
	case CAUSE_RLIMIT_FSIZE:
	case CAUSE_RLIMIT_RTTIME:
	case CAUSE_EXEC_FAILED:
		add_victim(digest, report->death);
		break;
	default: /* the CPU faults, unless a process sent the signal */
		if (report->verdict.sender == SENDER_PROCESS)
			add_kill(digest, report);
		else
			add_fault(digest, report);
	}
}

void fingerprint_make(const struct report *report, struct memo *memo,
		      char ret_text[FINGERPRINT_SIZE])
{
	uint8_t hash[DIGEST_BYTES];
	struct digest digest;
	char *end;

	digest_begin(&digest, memo);
	add(&digest, "killtrace", FINGERPRINT_VERSION);
	add(&digest, "cause", cause_name(report->verdict.cause));
	add_what_identifies(&digest, report);
	digest_end(&digest, hash);
	end = stpcpy(ret_text, FINGERPRINT_VERSION "-");
	text_hex(hash, HASH_BYTES, end);
}
