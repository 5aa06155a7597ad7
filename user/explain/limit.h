/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What filled the memory limit of an OOM kill. Nothing here decides a cause. Unknown figures are
 * absent, and so is a conclusion that would need them.
 */
#ifndef KT_EXPLAIN_LIMIT_H
#define KT_EXPLAIN_LIMIT_H

#include "explain/verdict.h"

/* What takes more than half of what counts against the limit, unless it is the victim's own memory.
 */
enum filler {
	FILLER_NONE, /* the victim's own memory, nothing alone, or not known */
	FILLER_SHMEM,
	FILLER_PAGE_CACHE,
	FILLER_KERNEL,
	FILLER_SOCKETS,
	FILLER_OTHERS, /* private memory of other processes */
};

struct limit_filler {
	enum filler what;
	bool at_least; /* the victim may have freed some of its memory before it was read */
	uint64_t bytes;
};

/* The figures to show: those of the kill itself, unless they are old or say less than the files
 * read right after it. NULL: none are known. Points into the death. */
const struct kt_limit_memory *limit_memory(const struct death *death);

/* Whether these are the kernel's counters from some time before the kill: they do not add up to the
 * usage. */
bool limit_memory_is_old(const struct death *death, const struct kt_limit_memory *memory);

void limit_find_filler(const struct death *death, struct limit_filler *ret);

/* The processes that held most memory, shared memory included, largest first, with the victim as it
 * was at the kill. Returns how many; 0: not known. */
unsigned int limit_top(const struct death *death, struct kt_process_memory ret[KT_LIMIT_TOP]);

/* The sender of the signal set the limit below the usage. */
bool limit_was_lowered(const struct death *death, const struct verdict *verdict);

#endif
