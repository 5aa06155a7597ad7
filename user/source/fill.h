/* SPDX-License-Identifier: BSD-2-Clause */
/* How full the ring buffer of pinned programs is, for people. */
#ifndef KT_SOURCE_FILL_H
#define KT_SOURCE_FILL_H

#include <stdint.h>
#include <sys/types.h>

struct fill {
	uint64_t size, used; /* bytes */
};

/* If more is used, an agent gives up the oldest records to make room for new ones. */
static inline uint64_t fill_crowded(uint64_t size)
{
	return size / 4 * 3;
}

/* Of the fullest one that records at this path, now. It takes no lock and reads no record. 0 or
 * -errno, and *ret_reader, as pins_look(). */
int fill_of_pins(const char *path, struct fill *ret, pid_t *ret_reader);

#endif
