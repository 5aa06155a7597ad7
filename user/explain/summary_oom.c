// SPDX-License-Identifier: BSD-2-Clause
#include "explain/summary_oom.h"

#include <inttypes.h>

#include "explain/limit.h"
#include "explain/oom.h"

/*
 * What the victim itself held. A page of a file, or of shared memory, counts in the cgroup that
 * touched it first, which can be another one. This is said only if it is the larger part; otherwise
 * it would distract.
 */
static void put_held(struct words *out, const struct report *report)
{
	const struct kt_oom *oom = &report->death->oom;
	bool limited = report->verdict.cause == CAUSE_OOM_MEMCG && oom->limit_bytes &&
		       oom_is_limited(oom);
	uint64_t own = oom->anon_rss_bytes + oom->page_tables_bytes;
	uint64_t with_swap = own + oom->swap_bytes;

	words_put(out, "; ");
	if (report->death->comm[0]) {
		words_put_name(out, report->death->comm);
		words_put(out, " itself held ");
	} else {
		words_put(out, "the victim itself held ");
	}
	words_put_bytes(out, own);
	if (limited && own > oom->limit_bytes &&
	    !limit_was_lowered(report->death, &report->verdict))
		words_put(out, " (the counters are rough, and what it had before it came into the "
			       "cgroup counts elsewhere)");
	if (oom->swap_bytes) {
		words_put(out, ", ");
		words_put_bytes(out, oom->swap_bytes);
		words_put(out, " of swap");
	}
	if (oom->shmem_rss_bytes) {
		words_put(out, ", ");
		words_put_bytes(out, oom->shmem_rss_bytes);
		words_put(out, " of shared memory");
		if (limited && oom->shmem_rss_bytes > with_swap)
			words_put(out, ", which may be charged to another cgroup");
	}
	if (oom->file_rss_bytes > with_swap + oom->shmem_rss_bytes) {
		words_put(out, " (and ");
		words_put_bytes(out, oom->file_rss_bytes);
		words_put(out, " of mapped files%s)",
			  limited ? ", which may be charged to another cgroup" : "");
	}
}

static void put_figures(struct words *out, const struct report *report)
{
	const struct kt_oom *oom = &report->death->oom;

	if (oom->flags & KT_OOM_HAS_FIGURES)
		put_held(out, report);
	if (oom->flags & KT_OOM_SHARED_MM)
		words_put(out, ", shared with the victim, pid %" PRIu32, oom->shared_with_pid);
	else if (oom->flags & KT_OOM_GROUP_MEMBER)
		words_put(out, "; killed along with pid %" PRIu32 " (memory.oom.group)",
			  oom->shared_with_pid);
}

static void put_limit_path(struct words *out, const struct death *death)
{
	words_put(out, "its memory cgroup ");
	if (death->oom_limit_path[0]) {
		words_put_name(out, death->oom_limit_path);
		words_put(out, " ");
	}
}

static bool has_limit(const struct death *death)
{
	return death->oom.limit_bytes && oom_is_limited(&death->oom);
}

/* The process that set the limit killed it, not an allocation. */
static void put_lowered_limit(struct words *out, const struct death *death)
{
	const struct kt_signal *signal = &death->signal;

	put_limit_path(out, death);
	words_put(out, "used more than the new limit");
	if (has_limit(death)) {
		words_put(out, " of ");
		words_put_bytes(out, death->oom.limit_bytes);
	}
	words_put(out, ", set by ");
	words_put_process(out, signal->sender_comm, "", signal->sender_pid, signal->sender_uid,
			  true);
}

static void put_limit(struct words *out, const struct report *report)
{
	if (limit_was_lowered(report->death, &report->verdict)) {
		put_lowered_limit(out, report->death);
		return;
	}
	put_limit_path(out, report->death);
	words_put(out, "reached its limit");
	if (has_limit(report->death)) {
		words_put(out, " of ");
		words_put_bytes(out, report->death->oom.limit_bytes);
	}
}

/* A process also holds memory from before it came into the cgroup, which counts elsewhere: this
 * share is tolerated. */
#define BROUGHT_SHARE 8

/* " (mostly java, pid 7)": the largest of the other processes, unless it holds more than they can
 * have in this cgroup. */
static void put_largest_other(struct words *out, const struct death *death,
			      const struct limit_filler *others)
{
	const uint64_t most = others->bytes + (others->at_least ? death->oom.anon_rss_bytes : 0);
	struct kt_process_memory top[KT_LIMIT_TOP];
	unsigned int count = limit_top(death, top);

	for (unsigned int i = 0; i < count; i++) {
		if (top[i].pid == death->record.tgid)
			continue;
		if (top[i].anon_bytes > others->bytes / 2 &&
		    top[i].anon_bytes <= most + most / BROUGHT_SHARE) {
			words_put(out, " (mostly ");
			words_put_name(out, top[i].comm);
			words_put(out, ", pid %" PRIu32 ")", top[i].pid);
		}
		return;
	}
}

/* What fills the limit, if the victim alone does not explain it. */
static void put_filler(struct words *out, const struct death *death)
{
	struct limit_filler filler;

	limit_find_filler(death, &filler);
	if (filler.what == FILLER_NONE)
		return;
	words_put(out, ": %s", filler.at_least ? "at least " : "");
	words_put_bytes(out, filler.bytes);
	words_put(out, " of that are ");
	switch (filler.what) {
	case FILLER_SHMEM:
		words_put(out, "tmpfs files and shared memory (/dev/shm)");
		break;
	case FILLER_PAGE_CACHE:
		words_put(out, "cached files");
		break;
	case FILLER_KERNEL:
		words_put(out, "memory of the kernel");
		break;
	case FILLER_SOCKETS:
		words_put(out, "buffers of sockets");
		break;
	case FILLER_OTHERS:
		words_put(out, "held by other processes");
		put_largest_other(out, death, &filler);
		break;
	case FILLER_NONE:
		break;
	}
}

void summary_put_oom(struct words *out, const struct report *report)
{
	switch (report->verdict.cause) {
	case CAUSE_OOM_MEMCG:
		put_limit(out, report);
		if (!limit_was_lowered(report->death, &report->verdict))
			put_filler(out, report->death);
		break;
	case CAUSE_OOM_SYSRQ:
		words_put(out, "an administrator asked for it with sysrq-f");
		break;
	case CAUSE_OOM_CPUSET:
		words_put(out, "the memory nodes of its cpuset ran out of memory");
		break;
	case CAUSE_OOM_MEMPOLICY:
		words_put(out, "the memory nodes that its memory policy allows ran out of memory");
		break;
	case CAUSE_OOM_GLOBAL:
		words_put(out, "the node ran out of memory");
		break;
	default:
		words_put(out, "the OOM killer chose it; whether a cgroup's limit or the node's "
			       "memory was used up is not known");
	}
	put_figures(out, report);
}
