// SPDX-License-Identifier: BSD-2-Clause
#include "explain/fingerprint.h"

#include <sha2.h>
#include <stdio.h>
#include <string.h>

#include "attribute/stable_name.h"
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
static void add(SHA2_CTX *hash, const char *key, const char *value)
{
	SHA256Update(hash, (const uint8_t *)key, strlen(key) + 1);
	SHA256Update(hash, (const uint8_t *)value, strlen(value) + 1);
}

static void add_number(SHA2_CTX *hash, const char *key, unsigned long long value)
{
	char text[24];

	(void)snprintf(text, sizeof(text), "%llu", value);
	add(hash, key, text);
}

static void add_workload(SHA2_CTX *hash, const char *key, const struct stable_name *workload)
{
	add(hash, key, workload->kind);
	for (int i = 0; i < STABLE_NAME_PARTS; i++)
		add(hash, key, workload->name[i]);
}

/* A process can choose its name, such as "worker 17"; its file has only one. */
static void add_program(SHA2_CTX *hash, const char *key, const char *exe, const char *comm)
{
	char name[KT_COMM_LEN + 1];

	if (!*exe) {
		(void)snprintf(name, sizeof(name), "%.*s", KT_COMM_LEN, comm);
		name[strcspn(name, "0123456789/:")] = '\0';
		exe = name;
	}
	add(hash, key, exe);
}

static void add_victim(SHA2_CTX *hash, const struct death *death)
{
	add_program(hash, "program", death->exe, death->comm);
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

static void add_place(SHA2_CTX *hash, const uint8_t *bytes, unsigned long long offset)
{
	char build_id[2 * KT_BUILD_ID_LEN + 1];

	text_hex(bytes, KT_BUILD_ID_LEN, build_id);
	add(hash, "build_id", build_id);
	add_number(hash, "offset", offset);
}

static void add_frames(SHA2_CTX *hash, const struct death *death, unsigned int first,
		       unsigned int most)
{
	for (unsigned int i = first; i < death->user_frames && most; i++) {
		const struct kt_user_frame *frame = &death->user_stack[i];

		if (!has_build_id(frame))
			continue;
		add_place(hash, frame->build_id, frame->offset);
		most--;
	}
}

static void add_module(SHA2_CTX *hash, const struct kt_fault *fault)
{
	if (!(fault->valid & KT_FAULT_HAS_MODULE))
		return;
	add(hash, "module", fault->module);
	add_number(hash, "offset", fault->module_offset);
}

/* The function that runs out of stack varies: usually one that the recursion calls. */
static void add_fault(SHA2_CTX *hash, const struct report *report)
{
	const struct death *death = report->death;
	unsigned int frames = FRAMES_OF_FAULT;

	add_victim(hash, death);
	if (report->verdict.fault_kind == FAULT_KIND_STACK_OVERFLOW) {
		add(hash, "kind", fault_kind_name(report->verdict.fault_kind));
		return;
	}
	if (!death->user_frames || !has_build_id(&death->user_stack[0])) {
		/* the place of the fault is that of the first frame, even if that frame is missing
		 */
		if (death->has_fault_build_id) {
			add_place(hash, death->fault_build_id, death->fault.module_offset);
			frames--;
		} else {
			add_module(hash, &death->fault);
		}
	}
	add_frames(hash, death, 0, frames);
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

static void add_abort(SHA2_CTX *hash, const struct report *report)
{
	const struct death *death = report->death;

	add_victim(hash, death);
	/* the stack is that of the abort, and the fault is its reason */
	if (report->verdict.shows_fault && (death->fault.valid & KT_FAULT_HAS_MODULE))
		add_module(hash, &death->fault);
	else
		add_frames(hash, death, first_behind_raise(death), FRAMES_OF_ABORT);
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
static void add_level(SHA2_CTX *hash, const struct report *report)
{
	const char *limit = report->death->oom_limit_path, *level = "above";
	char slice[STABLE_NAME_SIZE] = "";
	struct owner owner;

	if (report->verdict.cause != CAUSE_OOM_MEMCG) {
		add(hash, "level", "node");
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
	add(hash, "level", level);
	add(hash, "slice", slice);
}

/* If several processes share a limit, the victim is chosen by chance, so the workload counts. */
static void add_oom(SHA2_CTX *hash, const struct report *report)
{
	struct stable_name workload;

	victim_workload(report, &workload);
	add_workload(hash, "workload", &workload);
	if (!workload.name[0][0])
		add_victim(hash, report->death);
	add_level(hash, report);
}

static void add_signal(SHA2_CTX *hash, const struct death *death)
{
	add_number(hash, "signal",
		   death->has_signal ? (uint32_t)death->signal.number
				     : death->record.status & KT_STATUS_SIGNAL);
}

static void add_sender(SHA2_CTX *hash, const struct report *report)
{
	const struct death *death = report->death;
	const struct kt_signal *signal = &death->signal;
	struct stable_name workload;

	if (report->verdict.sender != SENDER_PROCESS)
		return;
	if (signal->flags & KT_SIGNAL_SELF) {
		add(hash, "sender", "itself");
	} else if (killer_name(report->killer)) {
		/* where it runs depends on the node */
		add(hash, "role", killer_name(report->killer));
	} else {
		add_program(hash, "sender", death->sender_exe, signal->sender_comm);
		stable_name_of(&report->whose->sender, &report->whose->sender_names,
			       attribution_sender_cgroup(death), report->origin->node, &workload);
		add_workload(hash, "sender_workload", &workload);
	}
}

static void add_kill(SHA2_CTX *hash, const struct report *report)
{
	struct stable_name workload;

	add_victim(hash, report->death);
	victim_workload(report, &workload);
	add_workload(hash, "workload", &workload);
	add_signal(hash, report->death);
	add_sender(hash, report);
}

static void add_seccomp(SHA2_CTX *hash, const struct death *death)
{
	add_victim(hash, death);
	if (!death->has_signal || !(death->signal.valid & KT_SIGNAL_HAS_SECCOMP))
		return;
	add_number(hash, "arch", death->signal.seccomp_arch);
	add_number(hash, "syscall", (uint32_t)death->signal.seccomp_syscall);
}

/* Without its offset, and without what the compiler adds to the name of a copy:
 * "lookup_slow.isra.0+0x1f". */
static void add_function(SHA2_CTX *hash, const char *function)
{
	char name[SYMBOL_SIZE];

	(void)snprintf(name, sizeof(name), "%s", function);
	name[strcspn(name, "+.")] = '\0';
	add(hash, "function", name);
}

static void add_oops(SHA2_CTX *hash, const struct report *report)
{
	uint32_t trap;

	add_function(hash, report_kernel_function(report, &trap));
}

static void add_kernel_signal(SHA2_CTX *hash, const struct report *report)
{
	char decider[SYMBOL_SIZE];

	add_signal(hash, report->death);
	if (report->verdict.shows_fault) {
		add_fault(hash, report);
		return;
	}
	add_victim(hash, report->death);
	if (kernel_path_decider(kernel_path_of_signal(report->death), decider, sizeof(decider)))
		add_function(hash, decider);
}

static void add_what_identifies(SHA2_CTX *hash, const struct report *report)
{
	switch (report->verdict.cause) {
	case CAUSE_OOM_GLOBAL:
	case CAUSE_OOM_MEMCG:
	case CAUSE_OOM_CPUSET:
	case CAUSE_OOM_MEMPOLICY:
	case CAUSE_OOM_SYSRQ:
		add_oom(hash, report);
		break;
	case CAUSE_OOM_USERSPACE:
	case CAUSE_CGROUP_KILL:
	case CAUSE_SIGKILL:
	case CAUSE_SIGNAL:
	case CAUSE_SIGNAL_EXIT:
	case CAUSE_PIDNS_TEARDOWN:
	case CAUSE_PARENT_DEATH_SIGNAL:
	case CAUSE_PTRACE_EXITKILL:
		add_kill(hash, report);
		break;
	case CAUSE_ABORT:
		add_abort(hash, report);
		break;
	case CAUSE_SECCOMP:
		add_seccomp(hash, report->death);
		break;
	case CAUSE_OOPS:
		add_oops(hash, report);
		break;
	case CAUSE_KERNEL_SIGNAL:
		add_kernel_signal(hash, report);
		break;
	case CAUSE_MEMORY_FAILURE: /* of the hardware, wherever the program was */
	case CAUSE_RLIMIT_CPU:
	case CAUSE_RLIMIT_FSIZE:
	case CAUSE_RLIMIT_RTTIME:
	case CAUSE_EXEC_FAILED:
		add_victim(hash, report->death);
		break;
	default: /* the CPU faults, unless a process sent the signal */
		if (report->verdict.sender == SENDER_PROCESS)
			add_kill(hash, report);
		else
			add_fault(hash, report);
	}
}

void fingerprint_make(const struct report *report, char ret_text[FINGERPRINT_SIZE])
{
	uint8_t digest[SHA256_DIGEST_LENGTH];
	char text[2 * HASH_BYTES + 1];
	SHA2_CTX hash;

	SHA256Init(&hash);
	add(&hash, "killtrace", FINGERPRINT_VERSION);
	add(&hash, "cause", cause_name(report->verdict.cause));
	add_what_identifies(&hash, report);
	SHA256Final(digest, &hash);
	text_hex(digest, HASH_BYTES, text);
	(void)snprintf(ret_text, FINGERPRINT_SIZE, FINGERPRINT_VERSION "-%s", text);
}
