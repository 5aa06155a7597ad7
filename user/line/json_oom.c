// SPDX-License-Identifier: BSD-2-Clause
#include "line/json_parts.h"

#include "base/cleanup.h"
#include "explain/limit.h"
#include "explain/oom.h"

static void put_trigger(struct json_line *line, const struct report *report)
{
	const struct kt_signal *signal = &report->death->signal;
	size_t opened = json_line_open(line, "trigger");

	json_line_number(line, "pid", signal->sender_pid);
	json_line_number(line, "uid", signal->sender_uid);
	json_line_text(line, "comm", signal->sender_comm);
	json_put_sender_place(line, report);
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

/* What the limit's cgroup and all cgroups below it hold. */
static void put_limit_memory(struct json_line *line, const struct death *death)
{
	const struct kt_limit_memory *memory = limit_memory(death);
	const struct {
		const char *key;
		uint32_t valid;
		uint64_t bytes;
	} figures[] = {
		{ "anon", KT_LIMIT_HAS_ANON, memory ? memory->anon_bytes : 0 },
		{ "shmem", KT_LIMIT_HAS_SHMEM, memory ? memory->shmem_bytes : 0 },
		{ "file", KT_LIMIT_HAS_FILE, memory ? memory->file_bytes : 0 },
		{ "kernel", KT_LIMIT_HAS_KERNEL, memory ? memory->kernel_bytes : 0 },
		{ "slab", KT_LIMIT_HAS_SLAB, memory ? memory->slab_bytes : 0 },
		{ "page_tables", KT_LIMIT_HAS_PAGE_TABLES, memory ? memory->page_tables_bytes : 0 },
		{ "sock", KT_LIMIT_HAS_SOCK, memory ? memory->sock_bytes : 0 },
		{ "swap", KT_LIMIT_HAS_SWAP, memory ? memory->swap_bytes : 0 },
	};
	size_t opened;

	if (!memory || !(memory->valid & ~(uint32_t)KT_LIMIT_HAS_PEAK))
		return;
	opened = json_line_open(line, "limit_memory");
	for (size_t i = 0; i < ARRAY_SIZE(figures); i++)
		if (memory->valid & figures[i].valid)
			json_line_number(line, figures[i].key, figures[i].bytes);
	json_line_text(line, "source",
		       memory->source == KT_LIMIT_COUNTERS ? "counters" : "memory.stat");
	/* a recording can have any time */
	if (memory->source == KT_LIMIT_FILES && memory->time_ns >= death->oom.time_ns)
		json_line_real(line, "seconds_after",
			       json_seconds_between(death->oom.time_ns, memory->time_ns));
	if (limit_memory_is_old(death, memory))
		json_line_bool(line, "stale", true);
	json_line_close(line, opened);
}

static void put_top(struct json_line *line, const struct death *death)
{
	struct kt_process_memory top[KT_LIMIT_TOP];
	const unsigned int count = limit_top(death, top);
	size_t opened = json_line_open_list(line, "top"), entry;

	for (unsigned int i = 0; i < count; i++) {
		entry = json_line_open(line, NULL);
		json_line_number(line, "pid", top[i].pid);
		json_line_text(line, "comm", top[i].comm);
		json_line_number(line, "anon", top[i].anon_bytes);
		json_line_number(line, "shmem", top[i].shmem_bytes);
		json_line_number(line, "file", top[i].file_bytes);
		json_line_number(line, "swap", top[i].swap_bytes);
		json_line_close(line, entry);
	}
	json_line_close_list(line, opened);
}

/* Of the cgroup whose limit was hit. */
static void put_oom_limit(struct json_line *line, const struct report *report)
{
	const struct death *death = report->death;
	const struct kt_limit_memory *counters = &death->limit_counters;

	if (report->verdict.cause != CAUSE_OOM_MEMCG)
		return;
	if (death->oom_limit_path[0]) {
		json_line_text(line, "cgroup", death->oom_limit_path);
		if (oom_is_limited(&death->oom))
			json_line_number(line, "limit_bytes", death->oom.limit_bytes);
		json_line_number(line, "usage_bytes", death->oom.usage_bytes);
	}
	if (counters->valid & KT_LIMIT_HAS_PEAK)
		json_line_number(line, "peak_bytes", counters->peak_bytes);
	if (limit_was_lowered(death, &report->verdict))
		json_line_bool(line, "limit_lowered", true);
	put_limit_memory(line, death);
	put_top(line, death);
}

void json_put_oom(struct json_line *line, const struct report *report)
{
	const struct death *death = report->death;
	const struct kt_oom *oom = &death->oom;
	size_t opened;

	if (!report->verdict.shows_oom)
		return;
	opened = json_line_open(line, "oom");
	json_line_text(line, "scope_source", scope_source_name(report->verdict.scope_source));
	put_oom_limit(line, report);
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
