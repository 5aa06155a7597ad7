// SPDX-License-Identifier: BSD-2-Clause
#include "line/reason_parts.h"

#include <inttypes.h>
#include <string.h>

#include "base/cleanup.h"

#define LONGEST_LEVEL 40

/* The last component of the path, without the id of a pod or a container: the level, not the
 * place. */
static void put_level(struct reason *reason, const char *path)
{
	const char *last = strrchr(path, '/');

	last = last && last[1] ? last + 1 : path;
	words_put(&reason->out, "limit of ");
	if (!strncmp(last, "pod", 3) || strstr(last, "-pod"))
		words_put(&reason->out, "pod");
	else if (strlen(last) > LONGEST_LEVEL)
		words_put(&reason->out, "a cgroup above");
	else
		words_put_name(&reason->out, last);
}

static bool is_above(const char *path, const char *below)
{
	const size_t length = strlen(path);

	return !strncmp(path, below, length) && (below[length] == '/' || !strcmp(path, "/"));
}

void reason_put_limit(struct reason *reason)
{
	const struct json_walk_value oom = json_walk_member(reason->record, "oom");
	const uint64_t limit = json_peek_number(&oom, "limit_bytes");
	AUTO_FREE char *of = json_peek_text(&oom, "cgroup");
	AUTO_FREE char *victim = json_peek_text(&oom, "victim_cgroup");

	if (!of)
		words_put(&reason->out, "a memory cgroup's limit");
	else if (victim && !strcmp(of, victim))
		words_put(&reason->out, "its own limit");
	else if (victim && is_above(of, victim))
		put_level(reason, of);
	else
		words_put(&reason->out, "limit of "), words_put_name(&reason->out, of);
	if (limit) {
		words_put(&reason->out, " ");
		reason_put_size(reason, limit);
	}
}

static void put_held(struct reason *reason, const struct json_walk_value *oom)
{
	const uint64_t anon = json_peek_number(oom, "anon_rss_bytes");
	const uint64_t shmem = json_peek_number(oom, "shmem_rss_bytes");
	const uint64_t swap = json_peek_number(oom, "swap_bytes");

	if (json_peek_has(oom, "anon_rss_bytes")) {
		words_put(&reason->out, "; had ");
		reason_put_size(reason, anon + shmem);
		words_put(&reason->out, shmem ? " anon+shmem" : " anon");
	}
	if (swap) {
		words_put(&reason->out, ", ");
		reason_put_size(reason, swap);
		words_put(&reason->out, " swap");
	}
	if (json_peek_has(oom, "shared_with_pid"))
		words_put(&reason->out, ", shared with pid %" PRIu64,
			  json_peek_number(oom, "shared_with_pid"));
	if (json_peek_has(oom, "chosen_pid"))
		words_put(&reason->out, "; killed along with pid %" PRIu64 " (memory.oom.group)",
			  json_peek_number(oom, "chosen_pid"));
}

struct share {
	const char *words;
	uint64_t bytes;
};

static void consider(struct share *most, const char *words, uint64_t bytes)
{
	if (bytes > most->bytes)
		*most = (struct share){ words, bytes };
}

/* What takes more than half of the limit, if the victim does not: by the rule of
 * explain/limit.h. */
static void put_filler(struct reason *reason, const struct json_walk_value *oom)
{
	const struct json_walk_value held = json_walk_member(oom, "limit_memory");
	const uint64_t half = json_peek_number(oom, "usage_bytes") / 2;
	const uint64_t anon = json_peek_number(oom, "anon_rss_bytes");
	const uint64_t shmem = json_peek_number(&held, "shmem");
	const uint64_t file = json_peek_number(&held, "file");
	const uint64_t all = json_peek_number(&held, "anon");
	struct share most = { NULL, half };

	if (!half || json_peek_bool(&held, "stale") || !json_peek_has(oom, "anon_rss_bytes") ||
	    anon + json_peek_number(oom, "page_tables_bytes") > half)
		return;
	consider(&most, "tmpfs and shared memory", shmem);
	if (json_peek_has(&held, "shmem") && file > shmem)
		consider(&most, "cached files", file - shmem);
	consider(&most, "kernel memory", json_peek_number(&held, "kernel"));
	consider(&most, "socket buffers", json_peek_number(&held, "sock"));
	if (all > anon)
		consider(&most, "held by other processes", all - anon);
	if (!most.words)
		return;
	words_put(&reason->out, ", ");
	reason_put_size(reason, most.bytes);
	words_put(&reason->out, " of it %s", most.words);
}

static void put_memcg(struct reason *reason, const struct json_walk_value *oom)
{
	const struct json_walk_value setter = json_walk_member(oom, "trigger");

	reason_put_limit(reason);
	if (!json_peek_bool(oom, "limit_lowered")) {
		words_put(&reason->out, " full");
		put_filler(reason, oom);
		return;
	}
	words_put(&reason->out, " set below its usage");
	if (json_peek_has(&setter, "comm")) {
		words_put(&reason->out, " by ");
		(void)reason_put_name(reason, &setter, "comm");
		words_put(&reason->out, "[%" PRIu64 "]", json_peek_number(&setter, "pid"));
	}
}

void reason_put_oom(struct reason *reason)
{
	const struct json_walk_value oom = json_walk_member(reason->record, "oom");

	switch (reason->cause) {
	case CAUSE_OOM_MEMCG:
		put_memcg(reason, &oom);
		break;
	case CAUSE_OOM_CPUSET:
		words_put(&reason->out, "the memory nodes of its cpuset are full");
		break;
	case CAUSE_OOM_MEMPOLICY:
		words_put(&reason->out, "the memory nodes of its memory policy are full");
		break;
	case CAUSE_OOM_SYSRQ:
		words_put(&reason->out, "asked for with sysrq-f");
		break;
	default:
		words_put(&reason->out, "the node ran out of memory");
	}
	put_held(reason, &oom);
}
