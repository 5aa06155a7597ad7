/* SPDX-License-Identifier: BSD-2-Clause */
/* The kernel side counts CLOCK_BOOTTIME; people and records want UTC. All in nanoseconds. */
#ifndef KT_BASE_CLOCK_H
#define KT_BASE_CLOCK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define NS_PER_S 1000000000LL

uint64_t clock_boottime_ns(void);

/* For waits: it stands still while the machine sleeps. */
uint64_t clock_monotonic_ns(void);

/* CLOCK_REALTIME minus CLOCK_BOOTTIME, as of now: it changes when the wall clock is set. */
int64_t clock_realtime_offset_ns(void);

/* A boot-time stamp on the wall clock. Both can come from a file: an overflow wraps. */
static inline int64_t clock_realtime_ns(uint64_t boottime_ns, int64_t offset_ns)
{
	return (int64_t)(boottime_ns + (uint64_t)offset_ns);
}

#define CLOCK_RFC3339_SIZE 40

/* RFC 3339, UTC, nine digits of fraction. */
void clock_rfc3339(int64_t realtime_ns, char ret_text[CLOCK_RFC3339_SIZE]);

/* Reads that form, and no other. False: it has another form, or is NULL. */
bool clock_parse_rfc3339(const char *text, int64_t *ret_realtime_ns);

#endif
