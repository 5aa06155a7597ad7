/* SPDX-License-Identifier: BSD-2-Clause */
/* How much of the kernel's memory the maps take: a stated share of what the node has. */
#ifndef KT_SOURCE_SIZES_H
#define KT_SOURCE_SIZES_H

#include <stdint.h>

struct sizes {
	uint32_t dossiers; /* entries */
	uint32_t details;
	uint32_t ring_bytes; /* a power of two */
	/* more entries for tables that replace their oldest: what CPUs keep aside */
	uint32_t spare;
};

/* At most one 512th of `memory_bytes` for the ring and the same for the dossiers, but never less
 * than both need to be useful (1 MiB and some 2.5 MiB). */
void sizes_for(uint64_t memory_bytes, unsigned int cpus, struct sizes *ret);

/* Of this node. */
void sizes_of_node(struct sizes *ret);

#endif
