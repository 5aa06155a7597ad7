// SPDX-License-Identifier: BSD-2-Clause
#include "explain/limit.h"

#include <string.h>

#include "explain/kernel_path.h"
#include "explain/oom.h"

/* On a large machine the counters lag by some pages per CPU. */
#define OLD_SHARE 8

static bool has(const struct kt_limit_memory *memory, uint32_t what)
{
	return (memory->valid & what) == what;
}

static uint64_t sum_of(const struct kt_limit_memory *memory)
{
	uint64_t sum = memory->anon_bytes + memory->file_bytes;

	/* before 5.18 cgroup v2 does not count the kernel's memory as a whole */
	sum += has(memory, KT_LIMIT_HAS_KERNEL) ? memory->kernel_bytes
						: memory->slab_bytes + memory->page_tables_bytes;
	return has(memory, KT_LIMIT_HAS_SOCK) ? sum + memory->sock_bytes : sum;
}

bool limit_memory_is_old(const struct death *death, const struct kt_limit_memory *memory)
{
	const uint64_t usage = death->oom.usage_bytes, sum = sum_of(memory);

	return memory->source == KT_LIMIT_COUNTERS &&
	       has(memory, KT_LIMIT_HAS_ANON | KT_LIMIT_HAS_FILE) &&
	       (sum < usage ? usage - sum : sum - usage) > usage / OLD_SHARE;
}

const struct kt_limit_memory *limit_memory(const struct death *death)
{
	const struct kt_limit_memory *counters = &death->limit_counters;
	const struct kt_limit_memory *files = &death->limit_files;

	if (!files->source)
		return counters->source ? counters : NULL;
	return has(counters, KT_LIMIT_HAS_ANON | KT_LIMIT_HAS_FILE) &&
			       !limit_memory_is_old(death, counters)
		       ? counters
		       : files;
}

/* The private memory of the victim. */
static uint64_t victims_share(const struct death *death)
{
	return death->oom.anon_rss_bytes + death->oom.page_tables_bytes;
}

static void consider(struct limit_filler *filler, enum filler what, uint64_t bytes)
{
	if (bytes > filler->bytes)
		*filler = (struct limit_filler){ .what = what, .bytes = bytes };
}

void limit_find_filler(const struct death *death, struct limit_filler *ret)
{
	const struct kt_limit_memory *memory = limit_memory(death);
	const uint64_t half = death->oom.usage_bytes / 2, own = victims_share(death);
	struct limit_filler filler = { FILLER_NONE, false, half };

	*ret = (struct limit_filler){ FILLER_NONE, false, 0 };
	if (!memory || !half || !(death->oom.flags & KT_OOM_HAS_FIGURES) || own > half ||
	    limit_memory_is_old(death, memory))
		return;
	if (has(memory, KT_LIMIT_HAS_SHMEM))
		consider(&filler, FILLER_SHMEM, memory->shmem_bytes);
	if (has(memory, KT_LIMIT_HAS_SHMEM | KT_LIMIT_HAS_FILE) &&
	    memory->file_bytes > memory->shmem_bytes)
		consider(&filler, FILLER_PAGE_CACHE, memory->file_bytes - memory->shmem_bytes);
	if (has(memory, KT_LIMIT_HAS_KERNEL))
		consider(&filler, FILLER_KERNEL, memory->kernel_bytes);
	if (has(memory, KT_LIMIT_HAS_SOCK))
		consider(&filler, FILLER_SOCKETS, memory->sock_bytes);
	if (has(memory, KT_LIMIT_HAS_ANON) && memory->anon_bytes > death->oom.anon_rss_bytes)
		consider(&filler, FILLER_OTHERS, memory->anon_bytes - death->oom.anon_rss_bytes);
	if (filler.what == FILLER_NONE)
		return;
	filler.at_least = filler.what == FILLER_OTHERS && memory->source == KT_LIMIT_FILES;
	*ret = filler;
}

static uint64_t held(const struct kt_process_memory *process)
{
	return process->anon_bytes + process->shmem_bytes;
}

/* Inserts it in order; the last one may drop out. */
static void insert(struct kt_process_memory list[KT_LIMIT_TOP], unsigned int *count,
		   const struct kt_process_memory *process)
{
	unsigned int at = *count;

	while (at > 0 && held(&list[at - 1]) < held(process))
		at--;
	if (at == KT_LIMIT_TOP)
		return;
	if (*count < KT_LIMIT_TOP)
		(*count)++;
	memmove(&list[at + 1], &list[at], (*count - 1 - at) * sizeof(*list));
	list[at] = *process;
}

unsigned int limit_top(const struct death *death, struct kt_process_memory ret[KT_LIMIT_TOP])
{
	struct kt_process_memory victim = { .pid = death->record.tgid,
					    .anon_bytes = death->oom.anon_rss_bytes,
					    .shmem_bytes = death->oom.shmem_rss_bytes,
					    .file_bytes = death->oom.file_rss_bytes,
					    .swap_bytes = death->oom.swap_bytes };
	unsigned int count = 0;

	memset(ret, 0, KT_LIMIT_TOP * sizeof(*ret));
	if (!death->limit_top_count)
		return 0;
	if (death->oom.flags & KT_OOM_HAS_FIGURES) {
		memcpy(victim.comm, death->comm,
		       KT_COMM_LEN - 1); /* in a recording it may have no NUL */
		insert(ret, &count, &victim);
	}
	for (unsigned int i = 0; i < death->limit_top_count; i++)
		if (death->limit_top[i].pid != death->record.tgid)
			insert(ret, &count, &death->limit_top[i]);
	return count;
}

bool limit_was_lowered(const struct death *death, const struct verdict *verdict)
{
	/* kernel/mm/memcontrol.c:memory_max_write(), 5.8 to 7.2; v1 refuses such a limit instead */
	return verdict->cause == CAUSE_OOM_MEMCG && death->has_signal &&
	       kernel_path_has(kernel_path_of_signal(death), "memory_max_write");
}
