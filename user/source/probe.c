// SPDX-License-Identifier: BSD-2-Clause
#include "source/probe.h"

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Parameters of a raw tracepoint as btf_trace_NAME declares them, the leading void * included; -1
 * if there is no such tracepoint. */
static int tracepoint_params(const struct btf *btf, const char *name,
			     const struct btf_param **ret_params)
{
	const struct btf_type *type;
	char full[64];
	int id;

	(void)snprintf(full, sizeof(full), "btf_trace_%s", name);
	id = btf__find_by_name_kind(btf, full, BTF_KIND_TYPEDEF);
	if (id < 0)
		return -1;
	type = btf__type_by_id(btf, btf__type_by_id(btf, (__u32)id)->type);
	if (!type || !btf_is_ptr(type))
		return -1;
	type = btf__type_by_id(btf, type->type);
	if (!type || !btf_is_func_proto(type))
		return -1;
	*ret_params = btf_params(type);
	return btf_vlen(type);
}

static bool has_tracepoint(const struct btf *btf, const char *name)
{
	const struct btf_param *params;

	return tracepoint_params(btf, name, &params) >= 0;
}

static bool exit_has_group_dead(const struct btf *btf, const char *name)
{
	const struct btf_param *params;

	return tracepoint_params(btf, name, &params) >= 3;
}

static bool mark_victim_has_task(const struct btf *btf, const char *name)
{
	const struct btf_param *params;
	const struct btf_type *type;

	if (tracepoint_params(btf, name, &params) < 2)
		return false;
	type = btf__type_by_id(btf, params[1].type);
	return type && btf_is_ptr(type);
}

/* Locked-down kernels have the function in their BTF and refuse the program: tries one that does
 * nothing. */
static bool may_enter_function(const struct kernel_types *running, const char *name)
{
	const struct bpf_insn nothing[] = {
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0 },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	LIBBPF_OPTS(bpf_prog_load_opts, options, .expected_attach_type = BPF_TRACE_FENTRY);
	int fd;

	options.attach_btf_id = running ? kernel_types_number(running, name, BTF_KIND_FUNC) : 0;
	if (!options.attach_btf_id)
		return false;
	fd = bpf_prog_load(BPF_PROG_TYPE_TRACING, "kt_probe", "GPL", nothing, 2, &options);
	if (fd < 0)
		return false;
	(void)close(fd);
	return true;
}

static bool has_helper(const struct btf *btf, const char *name)
{
	int id = btf__find_by_name_kind(btf, "bpf_func_id", BTF_KIND_ENUM);
	const struct btf_type *type;
	const struct btf_enum *entry;

	if (id < 0)
		return false;
	type = btf__type_by_id(btf, (__u32)id);
	entry = btf_enum(type);
	for (int i = 0; i < btf_vlen(type); i++)
		if (!strcmp(btf__name_by_offset(btf, entry[i].name_off), name))
			return true;
	return false;
}

/* Looks into anonymous structs and unions, as C does. */
/* NOLINTNEXTLINE(misc-no-recursion): as deep as such members nest, and not deeper than four */
static bool type_has_member(const struct btf *btf, __u32 id, const char *member, int depth)
{
	const struct btf_type *type = btf__type_by_id(btf, id);
	const struct btf_member *members;

	if (!type || !btf_is_composite(type) || depth > 4)
		return false;
	members = btf_members(type);
	for (int i = 0; i < btf_vlen(type); i++) {
		const char *name = btf__name_by_offset(btf, members[i].name_off);

		if (!strcmp(name, member) ||
		    (!*name && type_has_member(btf, members[i].type, member, depth + 1)))
			return true;
	}
	return false;
}

/* "struct.member" */
static bool has_field(const struct btf *btf, const char *name)
{
	char type[64];
	const char *dot = strchr(name, '.');
	int id;

	(void)snprintf(type, sizeof(type), "%.*s", (int)(dot - name), name);
	id = btf__find_by_name_kind(btf, type, BTF_KIND_STRUCT);
	return id >= 0 && type_has_member(btf, (__u32)id, dot + 1, 0);
}

/* The guard that tracepoints take instead of disabling preemption. */
static bool has_type(const struct btf *btf, const char *name)
{
	return btf__find_by_name_kind(btf, name, BTF_KIND_TYPEDEF) >= 0;
}

static const struct {
	const char *name;
	bool (*ask)(const struct btf *btf, const char *argument);
	const char *argument;
	const char *cost; /* NULL: nothing is lost */
} features[FEATURE_COUNT] = {
	[FEATURE_EXIT_GROUP_DEAD] = {
		.name = "sched_process_exit has group_dead",
		.ask = exit_has_group_dead,
		.argument = "sched_process_exit",
	},
	[FEATURE_MARK_VICTIM_TASK] = {
		.name = "mark_victim has the task",
		.ask = mark_victim_has_task,
		.argument = "mark_victim",
	},
	[FEATURE_PREEMPTIBLE] = {
		.name = "tracepoints can be preempted",
		.ask = has_type,
		.argument = "class_srcu_fast_notrace_t",
	},
	[FEATURE_TASK_PT_REGS] = {
		.name = "helper bpf_task_pt_regs",
		.ask = has_helper,
		.argument = "BPF_FUNC_task_pt_regs",
	},
	[FEATURE_MEMCG_OOM_LOCK] = {
		.name = "mem_cgroup.oom_lock",
		.ask = has_field,
		.argument = "mem_cgroup.oom_lock",
		.cost = "the limit of a memcg OOM is found by its usage",
	},
	[FEATURE_SECCOMP_MODE] = {
		.name = "seccomp.mode",
		.ask = has_field,
		.argument = "seccomp.mode",
		.cost = "strict seccomp cannot be distinguished from an oops",
	},
	[FEATURE_MAPLE_TREE] = {
		.name = "mappings in a maple tree",
		.ask = has_field,
		.argument = "mm_struct.mm_mt",
	},
};

static bool offers(const struct kernel_types *types, const struct kernel_types *running,
		   enum hook hook)
{
	switch (hook_test(hook)) {
	case HOOK_TEST_TRACEPOINT:
		return has_tracepoint(kernel_types_btf(types), hook_name(hook));
	case HOOK_TEST_FUNCTION:
		return may_enter_function(running, hook_name(hook));
	default:
		return false;
	}
}

void probe_kernel(const struct kernel_types *types, const struct kernel_types *running,
		  struct probe *ret)
{
	for (int i = 0; i < HOOK_PROGRAMS; i++)
		ret->offers[i] = offers(types, running, (enum hook)i);
	for (int i = 0; i < FEATURE_COUNT; i++)
		ret->has[i] = features[i].ask(kernel_types_btf(types), features[i].argument);
}

const char *probe_name(enum feature feature)
{
	return features[feature].name;
}

const char *probe_cost(enum feature feature)
{
	return features[feature].cost;
}
