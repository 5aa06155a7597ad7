// SPDX-License-Identifier: BSD-2-Clause
#include "source/sizes.h"

#include <unistd.h>

#define SHARE 512
#define MEBIBYTE (1ULL << 20)

/* In one kill of 8,000 processes each CPU can let some 4,000 die before a reader runs. */
#define RING_PER_CPU (4 * MEBIBYTE)
#define LEAST_RING MEBIBYTE
/* The agent's cgroup is charged for it, twice during a replacement, and is limited to 128 MiB
 * (deploy/). */
#define MOST_RING (16 * MEBIBYTE)

/* struct dossier (1,496), its key (16), and what the kernel's hash table adds to an entry: 48, and
 * 16 for each bucket, whose number is the next power of two (kernel/bpf/hashtab.c:htab_map_alloc(),
 * 5.10 to 7.2). `bpftool map show` says 1,586. The build does not check this, since no number of
 * entries is wrong. */
#define DOSSIER_BYTES 1600
#define LEAST_DOSSIERS 2048
#define MOST_DOSSIERS 10240
#define DOSSIERS_PER_DETAILS 10

/* Each CPU keeps so many free entries of an LRU table for itself. When the others have all, a CPU
 * lives on one entry, and each new one replaces the one before (kernel/bpf/bpf_lru_list.c:
 * LOCAL_FREE_TARGET; newer kernels keep fewer in small tables). */
#define KEPT_BY_CPU 128
/* 5 MiB in the largest of these tables. */
#define MOST_SPARE 8192

static uint64_t clamp(uint64_t value, uint64_t least, uint64_t most)
{
	if (value < least)
		return least;
	return value > most ? most : value;
}

void sizes_for(uint64_t memory_bytes, unsigned int cpus, struct sizes *ret)
{
	const uint64_t share = memory_bytes / SHARE;
	uint64_t ring = RING_PER_CPU * (cpus ? cpus : 1), power = LEAST_RING;

	ring = clamp(ring < share ? ring : share, LEAST_RING, MOST_RING);
	while (power * 2 <= ring)
		power *= 2;
	ret->ring_bytes = (uint32_t)power;
	ret->dossiers = (uint32_t)clamp(share / DOSSIER_BYTES, LEAST_DOSSIERS, MOST_DOSSIERS);
	ret->details = ret->dossiers / DOSSIERS_PER_DETAILS;
	ret->spare = (uint32_t)clamp((uint64_t)KEPT_BY_CPU * cpus, KEPT_BY_CPU, MOST_SPARE);
}

void sizes_of_node(struct sizes *ret)
{
	const long pages = sysconf(_SC_PHYS_PAGES), page = sysconf(_SC_PAGESIZE);
	const long cpus = sysconf(_SC_NPROCESSORS_CONF);

	sizes_for(pages > 0 && page > 0 ? (uint64_t)pages * (uint64_t)page : 0,
		  cpus > 0 ? (unsigned int)cpus : 1, ret);
}
