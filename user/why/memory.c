// SPDX-License-Identifier: BSD-2-Clause
#include "why/families.h"

#include <inttypes.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "why/common.h"
#include "why/fact.h"
#include "why/limit_place.h"
#include "why/own_command.h"
#include "why/shell.h"
#include "why/who.h"
#include "why/workload.h"

/* What counts against the limit, and is the victim's alone. */
static bool find_held(const json_t *record, int64_t *ret)
{
	if (!fact_find_number(record, "oom.anon_rss_bytes", ret))
		return false;
	*ret += fact_number(record, "oom.page_tables_bytes");
	return true;
}

struct part {
	int64_t bytes;
	const char *words;
};

/* What else filled the limit: the largest part, if it is more than half. */
static bool find_filler(const json_t *record, int64_t limit, int64_t held, struct part *ret)
{
	const json_t *memory = fact(record, "oom.limit_memory");
	const int64_t shmem = fact_number(memory, "shmem");
	const struct part parts[] = {
		{ shmem, "files in tmpfs and shared memory (such as /dev/shm)" },
		{ fact_number(memory, "file") - shmem, "cached files" },
		{ fact_number(memory, "kernel"), "memory of the kernel" },
		{ fact_number(memory, "sock"), "buffers of sockets" },
		{ fact_number(memory, "anon") - held, "memory of other processes" },
	};

	*ret = (struct part){ 0 };
	if (fact_is_true(memory, "stale"))
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(parts); i++)
		if (parts[i].bytes > ret->bytes)
			*ret = parts[i];
	return ret->bytes > limit / 2;
}

/* " It held 507 MiB of that itself." */
static void put_held(const json_t *record, struct prose *answer)
{
	int64_t limit, held;
	struct part filler;

	if (!find_held(record, &held))
		return;
	if (!fact_find_number(record, "oom.limit_bytes", &limit) ||
	    fact_is_true(record, "oom.limit_lowered")) {
		prose_put(answer, " It held %s itself.", BYTES(held));
		return;
	}
	if (held >= limit / 10 * 9)
		prose_put(answer, " It held nearly all of that itself (%s).", BYTES(held));
	else
		prose_put(answer, " It held %s of that itself.", BYTES(held));
	if (find_filler(record, limit, held, &filler))
		prose_put(answer, " The largest part, %s, was %s.", BYTES(filler.bytes),
			  filler.words);
}

static void put_limit(const json_t *record, struct prose *answer)
{
	int64_t limit;

	if (fact_is_true(record, "oom.limit_lowered")) {
		prose_put(answer, "%s set the memory limit below what was in use",
			  NAME(fact_text(record, "oom.trigger.comm")));
		if (fact_find_number(record, "oom.limit_bytes", &limit))
			prose_put(answer, ", to %s", BYTES(limit));
		return;
	}
	limit_place_put(answer, record);
	if (fact_find_number(record, "oom.limit_bytes", &limit))
		prose_put(answer, " of %s", BYTES(limit));
}

/* It was not the one that the OOM killer chose. */
static void put_chosen(const json_t *record, struct prose *answer)
{
	int64_t pid;

	if (fact_find_number(record, "oom.chosen_pid", &pid))
		prose_put(answer,
			  " The OOM killer chose process %" PRId64
			  ", and memory.oom.group kills the whole cgroup with it.",
			  pid);
	if (fact_find_number(record, "oom.shared_with_pid", &pid))
		prose_put(answer,
			  " The OOM killer chose process %" PRId64 ", with which it shared memory.",
			  pid);
}

static void put_reason(const struct why *why, struct prose *answer)
{
	switch (why->cause) {
	case CAUSE_OOM_MEMCG:
		put_limit(why->record, answer);
		break;
	case CAUSE_OOM_CPUSET:
		prose_put(answer, "the memory nodes of its cpuset ran out of memory");
		break;
	case CAUSE_OOM_MEMPOLICY:
		prose_put(answer,
			  "the memory nodes that its memory policy allows ran out of memory");
		break;
	case CAUSE_OOM_SYSRQ:
		prose_put(answer, "an administrator asked the kernel for it (sysrq-f)");
		break;
	default:
		prose_put(answer, "the whole node ran out of memory, and the kernel chose it");
	}
}

/* ", anonymous 20 MiB" if it is known, and not nothing. */
static void put_figure(struct prose *text, const json_t *record, const char *place,
		       const char *words)
{
	int64_t bytes;

	if (fact_find_number(record, place, &bytes) && bytes)
		prose_put(text, "%s%s %s", text->size ? ", " : "", words, BYTES(bytes));
}

static void add_figures(const json_t *record, struct explanation *ret)
{
	struct prose text = { 0 };

	put_figure(&text, record, "oom.anon_rss_bytes", "anonymous");
	put_figure(&text, record, "oom.shmem_rss_bytes", "shared");
	put_figure(&text, record, "oom.file_rss_bytes", "mapped files");
	put_figure(&text, record, "oom.swap_bytes", "swap");
	explanation_add(ret, SECTION_EVIDENCE, "it held", &text);
	put_figure(&text, record, "oom.limit_memory.anon", "anonymous");
	put_figure(&text, record, "oom.limit_memory.shmem", "tmpfs and shared");
	put_figure(&text, record, "oom.limit_memory.file", "files");
	put_figure(&text, record, "oom.limit_memory.kernel", "kernel");
	put_figure(&text, record, "oom.limit_memory.sock", "sockets");
	explanation_add(ret, SECTION_EVIDENCE, "limit", &text);
}

static void add_top(const json_t *record, struct explanation *ret)
{
	const json_t *top = fact(record, "oom.top"), *one;
	struct prose text = { 0 };
	size_t i;

	json_array_foreach(top, i, one)
		prose_put(&text, "%s%s (pid %" PRId64 ") %s", i ? ", " : "",
			  NAME(fact_text(one, "comm")), fact_number(one, "pid"),
			  BYTES(fact_number(one, "anon") + fact_number(one, "shmem")));
	explanation_add(ret, SECTION_EVIDENCE, "largest", &text);
}

static void add_trigger(const struct why *why, struct explanation *ret)
{
	const json_t *const record = why->record;
	const json_t *trigger = fact(record, "oom.trigger");
	struct prose text = { 0 };

	/* a worker of the kernel calls the OOM killer for sysrq-f, and lacks no memory */
	if (!trigger || why->cause == CAUSE_OOM_SYSRQ)
		return;
	if (fact_is_true(record, "oom.limit_lowered")) {
		who_put_process(&text, trigger);
		prose_put(&text, " set the limit");
	} else if (fact_number(trigger, "pid") == fact_number(record, "victim.pid")) {
		prose_put(&text, "its own allocation found no memory");
	} else {
		prose_put(&text, "an allocation of ");
		who_put_process(&text, trigger);
		prose_put(&text, " found no memory; that does not make it the culprit");
	}
	explanation_add(ret, SECTION_EVIDENCE, "trigger", &text);
}

static void add_scope(const json_t *record, struct explanation *ret)
{
	const char *path = fact_text(record, "oom.cgroup");
	const char *source = fact_text(record, "oom.scope_source");
	struct prose text = { 0 };

	if (*path)
		prose_put(&text, "%s%s", NAME(path),
			  fact_is(record, "oom.victim_cgroup", path) ? ", its own cgroup"
								     : ", above its own cgroup");
	explanation_add(ret, SECTION_EVIDENCE, "cgroup", &text);
	if (!strcmp(source, "oom_control"))
		prose_put(&text, "the OOM killer's own argument says whose memory ran out");
	else if (!strcmp(source, "kernel_stack"))
		prose_put(&text, "the kernel stack shows whose memory ran out");
	else if (*source)
		prose_put(&text, "whose memory ran out is concluded from the state of the memory "
				 "cgroups (inferred)");
	explanation_add(ret, SECTION_EVIDENCE, "scope", &text);
}

static void add_score(const json_t *record, struct explanation *ret)
{
	int64_t score;

	if (fact_find_number(record, "oom.score_adj", &score) && score)
		explanation_say(ret, SECTION_EVIDENCE, "score",
				"oom_score_adj %" PRId64 ", so the OOM killer %s it", score,
				score > 0 ? "preferred" : "tried to spare");
}

static void add_group(const json_t *record, struct explanation *ret)
{
	if (fact_is_true(record, "oom.group_kill"))
		explanation_say(ret, SECTION_ALSO, NULL,
				"every process of the cgroup (memory.oom.group is on)");
}

static void add_memcg_next(const struct why *why, struct explanation *ret)
{
	struct prose command = { 0 };

	limit_place_add_command(why, ret);
	workload_put_history(why, &command);
	prose_put(&command, " --cause oom-memcg");
	own_command_put_since(why, &command, 7);
	explanation_add_command(ret, "grows", &command);
	if (!fact_is_true(why->record, "oom.limit_lowered"))
		explanation_say(
			ret, SECTION_NEXT, "note",
			"usage stopped at the limit, so this does not say how much would be "
			"enough: watch the usage after a change");
}

static void add_node_next(const struct why *why, struct explanation *ret)
{
	struct prose command = { 0 };

	own_command_put(why, &command, "history");
	prose_put(&command, " --cause 'oom-*'");
	own_command_put_since(why, &command, 1);
	explanation_add_command(ret, "others", &command);
	prose_put(&command, "systemd-cgtop -m -n 1");
	explanation_add_command(ret, "usage", &command);
	if (fact_has_text(why->record, "kubernetes.pod")) {
		prose_put(&command, "kubectl describe node ");
		shell_put_argument(&command, fact_text(why->record, "node"));
		explanation_add_command(ret, "node", &command);
	}
	if (why->cause == CAUSE_OOM_SYSRQ) {
		common_put_journalctl(why, &command);
		explanation_add_command(ret, "who", &command);
	}
}

void why_memory(const struct why *why, struct explanation *ret)
{
	const json_t *record = why->record;

	prose_put(&ret->answer, " because ");
	put_reason(why, &ret->answer);
	prose_put(&ret->answer, ".");
	put_held(record, &ret->answer);
	put_chosen(record, &ret->answer);
	add_scope(record, ret);
	add_figures(record, ret);
	add_top(record, ret);
	add_trigger(why, ret);
	add_score(record, ret);
	add_group(record, ret);
	if (why->cause == CAUSE_OOM_MEMCG)
		add_memcg_next(why, ret);
	else
		add_node_next(why, ret);
}
