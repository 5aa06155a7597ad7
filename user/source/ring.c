// SPDX-License-Identifier: BSD-2-Clause
#include "source/ring.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <linux/bpf.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/cleanup.h"

#define WINDOW_BYTES (256U << 10)
#define LENGTH_BITS (~(uint32_t)(BPF_RINGBUF_BUSY_BIT | BPF_RINGBUF_DISCARD_BIT))

struct ring {
	int map_fd, epoll_fd;
	uint64_t size, page;
	uint64_t *consumer;       /* position; ours to write */
	const uint64_t *producer; /* position; the kernel's */
	uint64_t next;            /* position of the next record to read */
	uint64_t highest;         /* most bytes that were used before a release */
	unsigned char *window;    /* NULL: nothing is mapped */
	uint64_t window_at;       /* offset in the buffer where it begins */
	uint64_t window_bytes;
};

static void *map_pages(const struct ring *ring, uint64_t offset, uint64_t bytes, int protection)
{
	void *at = mmap(NULL, bytes, protection, MAP_SHARED, ring->map_fd, (off_t)offset);

	return at == MAP_FAILED ? NULL : at;
}

static void unmap_window(struct ring *ring)
{
	if (ring->window)
		(void)munmap(ring->window, ring->window_bytes);
	ring->window = NULL;
}

static int set_up(struct ring *ring, bool behind)
{
	struct bpf_map_info info = { 0 };
	__u32 size = sizeof(info);
	struct epoll_event event = { .events = EPOLLIN };

	if (bpf_obj_get_info_by_fd(ring->map_fd, &info, &size))
		return -errno;
	if (info.type != BPF_MAP_TYPE_RINGBUF)
		return -EINVAL;
	ring->size = info.max_entries;
	ring->page = (uint64_t)sysconf(_SC_PAGESIZE);
	ring->consumer = map_pages(ring, 0, ring->page, PROT_READ | PROT_WRITE);
	ring->producer = map_pages(ring, ring->page, ring->page, PROT_READ);
	ring->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	if (!ring->consumer || !ring->producer || ring->epoll_fd < 0)
		return -errno;
	/* while records are held back the buffer is never empty: wake only for new ones */
	if (behind)
		event.events |= EPOLLET;
	if (epoll_ctl(ring->epoll_fd, EPOLL_CTL_ADD, ring->map_fd, &event))
		return -errno;
	ring->next = __atomic_load_n(ring->consumer, __ATOMIC_ACQUIRE);
	return 0;
}

int ring_open(int map_fd, bool behind, struct ring **ret)
{
	struct ring *ring = calloc(1, sizeof(*ring));
	int error;

	if (!ring)
		return -ENOMEM;
	*ring = (struct ring){ .map_fd = map_fd, .epoll_fd = -1 };
	error = set_up(ring, behind);
	if (error) {
		ring_close(ring);
		return error;
	}
	*ret = ring;
	return 0;
}

void ring_close(struct ring *ring)
{
	if (!ring)
		return;
	unmap_window(ring);
	if (ring->consumer)
		(void)munmap(ring->consumer, ring->page);
	if (ring->producer)
		(void)munmap((void *)ring->producer, ring->page);
	if (ring->epoll_fd >= 0)
		(void)close(ring->epoll_fd);
	free(ring);
}

int ring_fd(const struct ring *ring)
{
	return ring->epoll_fd;
}

/* The buffer's bytes from `at` on, which is in its first half: `bytes` of them may reach into the
 * second. NULL: cannot be mapped. */
static unsigned char *look_at(struct ring *ring, uint64_t at, uint64_t bytes)
{
	const uint64_t end = 2 * ring->size;
	uint64_t begin = at & ~(ring->page - 1), want = at + bytes - begin;

	if (ring->window && at >= ring->window_at &&
	    at + bytes <= ring->window_at + ring->window_bytes)
		return ring->window + (at - ring->window_at);
	unmap_window(ring);
	if (want < WINDOW_BYTES)
		want = WINDOW_BYTES;
	want = (want + ring->page - 1) & ~(ring->page - 1);
	if (want > end - begin)
		want = end - begin;
	if (at + bytes > begin + want)
		return NULL;
	ring->window = map_pages(ring, 2 * ring->page + begin, want, PROT_READ);
	ring->window_at = begin;
	ring->window_bytes = want;
	return ring->window ? ring->window + (at - begin) : NULL;
}

/* If a call returns `enough`, its record counts as read. */
static int read_one(struct ring *ring, ring_record record, void *context, int enough, bool at_once,
		    bool *ret_any)
{
	const uint64_t at = ring->next & (ring->size - 1);
	unsigned char *header = look_at(ring, at, BPF_RINGBUF_HDR_SZ), *data;
	uint32_t word, length;
	int result = 0;

	*ret_any = false;
	if (!header)
		return -errno;
	word = __atomic_load_n((uint32_t *)(void *)header, __ATOMIC_ACQUIRE);
	if (word & BPF_RINGBUF_BUSY_BIT)
		return 0;
	length = word & LENGTH_BITS;
	if (length > ring->size)
		return -EBADMSG;
	if (!(word & BPF_RINGBUF_DISCARD_BIT)) {
		data = look_at(ring, at, BPF_RINGBUF_HDR_SZ + (uint64_t)length);
		if (!data)
			return -errno;
		result = record(context, ring->next, data + BPF_RINGBUF_HDR_SZ, length);
	}
	if (result < 0 && result != enough)
		return result;
	ring->next += BPF_RINGBUF_HDR_SZ + (((uint64_t)length + 7) & ~7ULL);
	if (at_once)
		ring_release(ring, ring->next);
	*ret_any = true;
	return result;
}

int ring_read(struct ring *ring, ring_record record, void *context, int enough, bool at_once)
{
	struct epoll_event event;
	bool any = true;
	int result = 0;

	/* before the records are looked at, so that later ones wake us again */
	(void)epoll_wait(ring->epoll_fd, &event, 1, 0);
	while (any && result >= 0 && ring->next != ring_end(ring))
		result = read_one(ring, record, context, enough, at_once, &any);
	return result < 0 ? result : 0;
}

uint64_t ring_first(const struct ring *ring)
{
	return *ring->consumer;
}

uint64_t ring_position(const struct ring *ring)
{
	return ring->next;
}

void ring_rewind(struct ring *ring, uint64_t position)
{
	const uint64_t first = *ring->consumer;

	ring->next = position > first ? position : first;
}

void ring_release(struct ring *ring, uint64_t position)
{
	if (position <= *ring->consumer)
		return;
	/* between releases it only grows */
	ring->highest = ring_highest(ring);
	__atomic_store_n(ring->consumer, position, __ATOMIC_RELEASE);
}

/* Where the record ends that begins here and was read; 0: it cannot be mapped. */
static uint64_t end_of_record(struct ring *ring, uint64_t position)
{
	const unsigned char *header =
		look_at(ring, position & (ring->size - 1), BPF_RINGBUF_HDR_SZ);
	uint64_t length;

	if (!header)
		return 0;
	length = *(const uint32_t *)(const void *)header & LENGTH_BITS;
	return position + BPF_RINGBUF_HDR_SZ + ((length + 7) & ~7ULL);
}

uint64_t ring_reach(struct ring *ring, uint64_t most, uint64_t end)
{
	const uint64_t written = ring_end(ring);
	uint64_t position = *ring->consumer;

	if (end > ring->next)
		end = ring->next;
	while (written - position > most && position < end) {
		const uint64_t next = end_of_record(ring, position);

		if (!next)
			break;
		position = next;
	}
	return position;
}

uint64_t ring_end(const struct ring *ring)
{
	return __atomic_load_n(ring->producer, __ATOMIC_ACQUIRE);
}

uint64_t ring_size(const struct ring *ring)
{
	return ring->size;
}

uint64_t ring_used(const struct ring *ring)
{
	/* first, since another process may be its reader and move it */
	const uint64_t first = __atomic_load_n(ring->consumer, __ATOMIC_ACQUIRE);
	const uint64_t used = ring_end(ring) - first;

	return used < ring->size ? used : ring->size;
}

uint64_t ring_highest(const struct ring *ring)
{
	const uint64_t used = ring_used(ring);

	return used > ring->highest ? used : ring->highest;
}

bool ring_is_empty(const struct ring *ring)
{
	return *ring->consumer == ring_end(ring);
}
