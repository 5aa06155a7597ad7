/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Reads the kernel's ring buffer (BPF_MAP_TYPE_RINGBUF) and releases records when the reader says
 * so, not when they are read: if a reader is killed, the next one reads again what was not
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

/* `map_fd` still belongs to the caller. `behind`: the reader may release records later than it
 * reads them, and the kernel wakes it for each while it does not nap (knob_always_wake). 0 or
 * -errno. */
int ring_open(int map_fd, bool behind, struct ring **ret);

/* NULL is fine. */
void ring_close(struct ring *ring);

/* Readable when there is something new. Owned by the ring. */
int ring_fd(const struct ring *ring);

/* Passes on every unread record, and releases each after its call if `at_once`. 0, the function's
 * negative return, or -errno. If the negative return is not `enough`, the record stays unread. */
int ring_read(struct ring *ring, ring_record record, void *context, int enough, bool at_once);

/* Where the oldest record begins that is not released. */
uint64_t ring_first(const struct ring *ring);

/* Where the next record will be read. */
uint64_t ring_position(const struct ring *ring);

/* Reads again from a record that was read and not released; 0: from the first of those. */
void ring_rewind(struct ring *ring, uint64_t position);

/* What is before `position`, which must have been read, may be overwritten. Never goes back. */
void ring_release(struct ring *ring, uint64_t position);

/* Where the first kept record would begin if the oldest records that were read were dropped, one by
 * one, until no more than `most` bytes are used, but none that begins at `end` or later. */
uint64_t ring_reach(struct ring *ring, uint64_t most, uint64_t end);

/* Where the next record will be written. */
uint64_t ring_end(const struct ring *ring);

/* How many bytes of records fit, read or not. */
uint64_t ring_size(const struct ring *ring);

/* How many bytes are used now: written and not released. */
uint64_t ring_used(const struct ring *ring);

/* The most that were used at one time since ring_open(). */
uint64_t ring_highest(const struct ring *ring);

/* Nothing is left to be read or released. */
bool ring_is_empty(const struct ring *ring);

#endif
