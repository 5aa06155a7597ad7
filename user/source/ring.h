/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Reads the kernel's ring buffer (BPF_MAP_TYPE_RINGBUF) and releases records when the reader says
 * so, not when they were read: if a reader is killed, the next one reads again what was not
 * released. libbpf's own reader releases at once. This one also maps only a window of the buffer,
 * where libbpf maps all of it twice: what is mapped is resident.
 *
 * A position is the number of bytes ever written before a record. It grows as long as the map
 * lives. Source: kernel/bpf/ringbuf.c, 5.8 to 7.2: a page with the consumer's position, one with
 * the producer's, then the data twice in a row. One reader at a time.
 */
#ifndef KT_SOURCE_RING_H
#define KT_SOURCE_RING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ring;

/* A negative return ends the reading. */
typedef int (*ring_record)(void *context, uint64_t position, void *data, size_t size);

/* `map_fd` stays the caller's. `behind`: the reader may let go of records later than it reads them,
 * and the kernel wakes for each (knob_always_wake). 0 or -errno. */
int ring_open(int map_fd, bool behind, struct ring **ret);

/* NULL is fine. */
void ring_close(struct ring *ring);

/* Readable when there is something new. Owned by the ring. */
int ring_fd(const struct ring *ring);

/* Hands out all that was not read yet, and lets go of each record behind its call if `at_once`. 0,
 * the function's negative return, which leaves that record as not read if it is not `enough`, or
 * -errno. */
int ring_read(struct ring *ring, ring_record record, void *context, int enough, bool at_once);

/* Where the oldest record begins that is not let go of. */
uint64_t ring_first(const struct ring *ring);

/* Where the next record will be read. */
uint64_t ring_position(const struct ring *ring);

/* Reads again from a record on that was read and not let go of; 0: from the first of those. */
void ring_rewind(struct ring *ring, uint64_t position);

/* What lies before `position`, which must have been read, may be overwritten. Never goes back. */
void ring_release(struct ring *ring, uint64_t position);

/* Where the first record begins that is kept when the oldest that were read go, one by one, until
 * no more than `most` bytes are taken, but none that begins at `end` or later. */
uint64_t ring_reach(struct ring *ring, uint64_t most, uint64_t end);

/* Where the next record will be written. */
uint64_t ring_end(const struct ring *ring);

/* How many bytes of records there can be, read or not. */
uint64_t ring_size(const struct ring *ring);

/* Nothing is left to be read or to be let go of. */
bool ring_is_empty(const struct ring *ring);

#endif
