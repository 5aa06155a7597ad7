/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A way to die: the evidence that the kernel side would send, and the verdict that must follow.
 * Zero or NULL is missing evidence.
 */
#ifndef KT_SCENARIO_H
#define KT_SCENARIO_H

#include <stdbool.h>

#include "explain/verdict.h"
#include "record_builder.h"

struct expectation {
	enum cause cause;
	unsigned int incomplete; /* enum evidence_gap */
	bool routine;
	bool fresh; /* trap number, address and error code are reported */
	bool shows_fault, shows_kernel_fault, shows_oom, shows_rlimit, shows_seccomp;
	enum sender_role sender;
	enum fault_kind kind;
	enum fault_access access;
	enum scope_source scope;
};

struct scenario {
	const char *name;
	__u32 status;
	__u32 flags; /* enum kt_record_flags */
	__u8 kind;   /* enum kt_record_kind; 0: a death of the whole group */
	__u8 seccomp_mode;
	__u32 arch; /* enum kt_arch */
	const struct kt_signal *signal;
	const struct kt_fault *fault;
	const struct kt_oom *oom;
	const struct kt_limit_memory *limit_counters, *limit_files;
	const struct kt_process_memory *limit_top; /* until one without a pid */
	const struct kt_rlimit *rlimit;
	const struct kt_kernel_fault *kernel_fault;
	const struct kt_bus_error *bus;
	const char *stack;      /* functions between the signal and its decider, innermost first */
	const char *exit_stack; /* the same for a thread that exited by itself */
	const char *oops_stack; /* the place where the kernel failed */
	const struct kt_prior_signal *priors; /* oldest first, until one without a number */
	const char *prior_path;               /* of senders in the cgroup PRIOR_CGROUP */
	const struct kt_trapped_call *trapped_call;
	const struct kt_fault *handler_fault;
	const struct kt_own_abort *own_abort;
	const char *comm, *exe, *sender_exe;
	const char *cgroup, *memory_path, *systemd_path, *sender_path, *limit_path;
	bool user_stack, core_dumped;
	struct expectation expect;
	/* Set if names of kernel functions make a difference: the verdict without them. */
	const struct expectation *nameless;
	/* Set if a stack makes a difference: the verdict without any. */
	const struct expectation *stackless;
};

static inline void scenario_add_user_stack(struct record_builder *builder)
{
	struct kt_user_frame frames[2] = {
		{ .status = KT_FRAME_BUILD_ID, .offset = 0x1136 },
		{ .status = KT_FRAME_BUILD_ID, .offset = 0x29d90 },
	};

	for (int i = 0; i < KT_BUILD_ID_LEN; i++) {
		frames[0].build_id[i] = (__u8)(i + 1);
		frames[1].build_id[i] = (__u8)(0xf0 - i);
	}
	builder_add(builder, KT_SECTION_USER_STACK, frames, sizeof(frames));
}

#define PRIOR_CGROUP 600

static inline void scenario_add_priors(const struct scenario *scenario,
				       struct record_builder *builder)
{
	char path[sizeof(__u64) + KT_SIDE_PATH_LEN];
	__u64 id = PRIOR_CGROUP;
	size_t count = 0;

	while (scenario->priors && scenario->priors[count].number)
		count++;
	if (count)
		builder_add(builder, KT_SECTION_PRIOR_SIGNALS, scenario->priors,
			    count * sizeof(scenario->priors[0]));
	if (!scenario->prior_path)
		return;
	memcpy(path, &id, sizeof(id));
	memcpy(path + sizeof(id), scenario->prior_path, strlen(scenario->prior_path));
	builder_add(builder, KT_SECTION_PRIOR_PATH, path,
		    sizeof(id) + strlen(scenario->prior_path));
}

static inline void scenario_add_paths(const struct scenario *scenario,
				      struct record_builder *builder)
{
	const struct {
		__u16 type;
		const char *text;
	} texts[] = {
		{ KT_SECTION_CGROUP_PATH, scenario->cgroup },
		{ KT_SECTION_MEMORY_PATH, scenario->memory_path },
		{ KT_SECTION_SYSTEMD_PATH, scenario->systemd_path },
		{ KT_SECTION_SENDER_PATH, scenario->sender_path },
		{ KT_SECTION_OOM_LIMIT_PATH, scenario->limit_path },
		{ KT_SECTION_EXE, scenario->exe },
		{ KT_SECTION_SENDER_EXE, scenario->sender_exe },
	};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		if (texts[i].text)
			builder_add_text(builder, texts[i].type, texts[i].text);
}

static inline void scenario_add_limit(const struct scenario *scenario,
				      struct record_builder *builder)
{
	unsigned int count = 0;

	if (scenario->limit_counters)
		builder_add(builder, KT_SECTION_LIMIT_MEMORY, scenario->limit_counters,
			    sizeof(*scenario->limit_counters));
	if (scenario->limit_files)
		builder_add(builder, KT_SECTION_LIMIT_MEMORY, scenario->limit_files,
			    sizeof(*scenario->limit_files));
	while (scenario->limit_top && scenario->limit_top[count].pid)
		count++;
	if (count)
		builder_add(builder, KT_SECTION_LIMIT_TOP, scenario->limit_top,
			    count * sizeof(*scenario->limit_top));
}

/* How much is known about the kernel's call paths. */
enum scenario_stacks { STACKS_NAMED, STACKS_NAMELESS, STACKS_ABSENT };

static inline void scenario_build(const struct scenario *scenario, enum scenario_stacks stacks,
				  struct record_builder *ret)
{
	builder_init(ret, scenario->status | (scenario->core_dumped ? 0x80 : 0));
	ret->record.flags = scenario->flags;
	if (scenario->kind)
		ret->record.kind = scenario->kind;
	ret->record.seccomp_mode = scenario->seccomp_mode;
	ret->record.arch = scenario->arch;
	if (scenario->memory_path) {
		ret->record.flags |= KT_DEATH_MEMORY_V1;
		ret->record.memory_cgroup_id = 61;
	}
	if (scenario->comm)
		memcpy(ret->record.comm, scenario->comm, strnlen(scenario->comm, KT_COMM_LEN));
	scenario_add_paths(scenario, ret);
	if (scenario->rlimit)
		builder_add(ret, KT_SECTION_RLIMIT, scenario->rlimit, sizeof(*scenario->rlimit));
	if (scenario->signal)
		builder_add(ret, KT_SECTION_SIGNAL, scenario->signal, sizeof(*scenario->signal));
	ret->nameless = stacks == STACKS_NAMELESS;
	if (scenario->stack && stacks != STACKS_ABSENT)
		builder_add_stack(ret, KT_SECTION_KERNEL_STACK, scenario->stack);
	scenario_add_priors(scenario, ret);
	if (scenario->handler_fault)
		builder_add(ret, KT_SECTION_HANDLER_FAULT, scenario->handler_fault,
			    sizeof(*scenario->handler_fault));
	if (scenario->own_abort)
		builder_add(ret, KT_SECTION_OWN_ABORT, scenario->own_abort,
			    sizeof(*scenario->own_abort));
	if (scenario->trapped_call)
		builder_add(ret, KT_SECTION_TRAPPED_CALL, scenario->trapped_call,
			    sizeof(*scenario->trapped_call));
	if (scenario->user_stack)
		scenario_add_user_stack(ret);
	if (scenario->fault)
		builder_add(ret, KT_SECTION_FAULT, scenario->fault, sizeof(*scenario->fault));
	if (scenario->bus)
		builder_add(ret, KT_SECTION_BUS_ERROR, scenario->bus, sizeof(*scenario->bus));
	if (scenario->oom)
		builder_add(ret, KT_SECTION_OOM, scenario->oom, sizeof(*scenario->oom));
	scenario_add_limit(scenario, ret);
	if (scenario->exit_stack && stacks != STACKS_ABSENT)
		builder_add_stack(ret, KT_SECTION_EXIT_STACK, scenario->exit_stack);
	if (scenario->kernel_fault) {
		builder_add(ret, KT_SECTION_KERNEL_FAULT, scenario->kernel_fault,
			    sizeof(*scenario->kernel_fault));
		builder_add_name(ret, "ext4_lookup", strlen("ext4_lookup"));
	}
	if (scenario->oops_stack && stacks != STACKS_ABSENT)
		builder_add_stack(ret, KT_SECTION_OOPS_STACK, scenario->oops_stack);
}

#endif
