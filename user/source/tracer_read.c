// SPDX-License-Identifier: BSD-2-Clause
#include "source/tracer_inside.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <string.h>
#include <sys/epoll.h>

#include "base/clock.h"
#include "source/fill.h"
#include "source/limit_files.h"
#include "source/lost_map.h"
#include "source/programs.h"
#include "source/ring.h"
#include "source/stuck.h"

/* The smallest record has 8 bytes: positions grow by 8, and so more slowly than time. */
#define POSITION_STEP 8

/* Whether it was a notice, and no record. */
static bool take_notice(struct tracer *tracer, const void *data, size_t size)
{
	struct kt_limit_notice limit;
	struct kt_notice notice;

	if (size < sizeof(notice))
		return false;
	memcpy(&notice, data, sizeof(notice));
	if (notice.kind == KT_RECORD_DOOM && size == sizeof(notice)) {
		tracer->doom = true;
		return true;
	}
	if (notice.kind != KT_RECORD_LIMIT || size != sizeof(limit))
		return false;
	memcpy(&limit, data, sizeof(limit));
	limit_files_look(tracer->limits, &limit);
	return true;
}

struct reading {
	struct tracer *tracer;
	uint64_t base_sequence;
};

static int receive(void *context, uint64_t position, void *data, size_t size)
{
	const struct reading *reading = context;
	struct tracer *tracer = reading->tracer;
	struct frame frame = {
		.sequence = reading->base_sequence + position / POSITION_STEP,
		.realtime_offset_ns = tracer->realtime_offset_ns,
	};

	tracer->drained++;
	if (take_notice(tracer, data, size))
		return 0;
	frame.record = limit_files_add(tracer->limits, data, size, &frame.record_size);
	return tracer->receiver->frame(tracer->receiver->context, &frame);
}

int tracer_watch_ring(const struct tracer *tracer, const struct ring *ring)
{
	struct epoll_event event = { .events = EPOLLIN };

	return epoll_ctl(tracer->poll_fd, EPOLL_CTL_ADD, ring_fd(ring), &event) ? -errno : 0;
}

static int drain_ring(struct tracer *tracer, struct ring *ring, uint64_t base_sequence)
{
	struct reading reading = { tracer, base_sequence };

	return ring_read(ring, receive, &reading, FRAME_ENOUGH,
			 !tracer->pinned.ledger || !tracer->keeps);
}

static bool is_fuller(uint64_t used, uint64_t size, uint64_t other_used, uint64_t other_size)
{
	return size && used * other_size > other_used * size;
}

/* A ring buffer that is being replaced may be gone when somebody asks. */
static void note_fill(struct tracer *tracer, const struct ring *ring)
{
	const uint64_t used = ring_highest(ring), size = ring_size(ring);

	if (tracer->old_size && !is_fuller(used, size, tracer->old_highest, tracer->old_size))
		return;
	tracer->old_highest = used;
	tracer->old_size = size;
}

/* 0 or the receiver's negative return. */
static int drain_predecessors(struct tracer *tracer)
{
	int result = 0, i = 0;

	while (i < tracer->pinned.predecessor_count) {
		struct predecessor *predecessor = &tracer->pinned.predecessors[i];

		note_fill(tracer, predecessor->ring);
		result = drain_ring(tracer, predecessor->ring, predecessor->ledger->base_sequence);
		if (result)
			return result;
		if (!pinned_step(&tracer->pinned, i, &tracer->gone))
			i++;
		else if (!tracer->pinned.predecessor_count)
			result = tracer_watch_ring(tracer, tracer->ring);
	}
	return result;
}

/* Lets the kernel side send notices again, whatever was read: a notice that found no room counts,
 * too. */
static void let_notice_limits(const struct tracer *tracer)
{
	const uint64_t none = 0;
	const uint32_t key = 0;
	const int fd = programs_map(tracer->programs, "limits_noticed");

	if (fd >= 0)
		(void)bpf_map_update_elem(fd, &key, &none, BPF_ANY);
}

/* Their records come first, but an outlet that is behind with them must not delay the others. */
static bool predecessors_are_read(const struct tracer *tracer)
{
	for (int i = 0; i < tracer->pinned.predecessor_count; i++)
		if (!predecessor_is_read(&tracer->pinned.predecessors[i]))
			return false;
	return true;
}

bool tracer_is_handing_over(const struct tracer *tracer)
{
	return tracer->pinned.predecessor_count > 0;
}

int tracer_drain(struct tracer *tracer, const struct frame_receiver *receiver)
{
	int result;

	tracer->drained = 0;
	tracer->receiver = receiver;
	tracer->realtime_offset_ns = clock_realtime_offset_ns();
	result = drain_predecessors(tracer);
	if (!result && predecessors_are_read(tracer)) {
		result = drain_ring(tracer, tracer->ring, tracer->base_sequence);
		let_notice_limits(tracer);
	}
	tracer->receiver = NULL;
	return result < 0 ? result : 0;
}

uint64_t tracer_drained(const struct tracer *tracer)
{
	return tracer->drained;
}

static bool has_limit_notice(const struct tracer *tracer)
{
	const int fd = programs_map(tracer->programs, "limits_noticed");
	const uint32_t key = 0;
	uint64_t noticed = 0;

	return fd >= 0 && !bpf_map_lookup_elem(fd, &key, &noticed) && noticed;
}

bool tracer_has_unread(const struct tracer *tracer)
{
	return !tracer_is_handing_over(tracer) &&
	       ring_end(tracer->ring) != ring_position(tracer->ring);
}

bool tracer_nap(const struct tracer *tracer, uint64_t until_ns)
{
	const int fd = programs_map(tracer->programs, "reader_naps");
	const uint32_t key = 0;

	return tracer->pinned.ledger && fd >= 0 &&
	       !bpf_map_update_elem(fd, &key, &until_ns, BPF_ANY);
}

bool tracer_cannot_wait(const struct tracer *tracer)
{
	const uint64_t waiting = ring_end(tracer->ring) - ring_position(tracer->ring);

	return waiting > ring_size(tracer->ring) / 4 || (waiting && has_limit_notice(tracer));
}

void tracer_keep(struct tracer *tracer)
{
	tracer->keeps = true;
}

struct ledger *tracer_ledger(const struct tracer *tracer)
{
	return tracer->pinned.ledger;
}

static uint64_t position_of(uint64_t base_sequence, uint64_t sequence)
{
	return sequence > base_sequence ? (sequence - base_sequence) * POSITION_STEP : 0;
}

/* Releases what is before the record of this sequence; 0: all that was read. The sequence can be
 * that of losses, which no record has. */
static void release_before(struct ring *ring, uint64_t base_sequence, uint64_t sequence)
{
	const uint64_t end = sequence ? position_of(base_sequence, sequence) : UINT64_MAX;

	ring_release(ring, ring_reach(ring, 0, end));
}

void tracer_release(struct tracer *tracer, uint64_t sequence)
{
	for (int i = 0; i < tracer->pinned.predecessor_count; i++)
		release_before(tracer->pinned.predecessors[i].ring,
			       tracer->pinned.predecessors[i].ledger->base_sequence, sequence);
	release_before(tracer->ring, tracer->base_sequence, sequence);
}

/* As tracer_crowded(). */
static uint64_t crowded(struct ring *ring, uint64_t base_sequence, uint64_t needed, bool patient)
{
	const uint64_t size = ring_size(ring), most = fill_crowded(size), urgent = size / 8 * 7;
	const uint64_t end = needed ? position_of(base_sequence, needed) : UINT64_MAX;
	uint64_t first = ring_reach(ring, most, end);

	if (ring_end(ring) - first > urgent && !patient)
		first = ring_reach(ring, most, UINT64_MAX);
	return first > ring_first(ring) ? base_sequence + first / POSITION_STEP - 1 : 0;
}

uint64_t tracer_crowded(const struct tracer *tracer, uint64_t needed, bool patient)
{
	uint64_t gone = 0, newest;

	for (int i = 0; i < tracer->pinned.predecessor_count; i++) {
		const struct predecessor *predecessor = &tracer->pinned.predecessors[i];

		newest = crowded(predecessor->ring, predecessor->ledger->base_sequence, needed,
				 patient);
		gone = newest > gone ? newest : gone;
	}
	newest = crowded(tracer->ring, tracer->base_sequence, needed, patient);
	return newest > gone ? newest : gone;
}

uint64_t tracer_room(const struct tracer *tracer)
{
	return ring_size(tracer->ring) / POSITION_STEP;
}

void tracer_fill(const struct tracer *tracer, uint64_t *ret_size, uint64_t *ret_highest)
{
	*ret_size = ring_size(tracer->ring);
	*ret_highest = ring_highest(tracer->ring);
	if (is_fuller(tracer->old_highest, tracer->old_size, *ret_highest, *ret_size)) {
		*ret_size = tracer->old_size;
		*ret_highest = tracer->old_highest;
	}
}

uint64_t tracer_newest(const struct tracer *tracer)
{
	return tracer->base_sequence + ring_end(tracer->ring) / POSITION_STEP;
}

uint64_t tracer_reached(const struct tracer *tracer)
{
	/* theirs come first, so none of this ring buffer's has been read */
	return predecessors_are_read(tracer)
		       ? tracer->base_sequence + ring_position(tracer->ring) / POSITION_STEP
		       : 0;
}

static void rewind_to(struct ring *ring, uint64_t base_sequence, uint64_t sequence)
{
	const uint64_t position = position_of(base_sequence, sequence);

	if (position < ring_position(ring))
		ring_rewind(ring, position);
}

void tracer_rewind(struct tracer *tracer, uint64_t sequence)
{
	for (int i = 0; i < tracer->pinned.predecessor_count; i++)
		rewind_to(tracer->pinned.predecessors[i].ring,
			  tracer->pinned.predecessors[i].ledger->base_sequence, sequence);
	rewind_to(tracer->ring, tracer->base_sequence, sequence);
}

bool tracer_has_doomed(const struct tracer *tracer)
{
	return tracer->stuck && tracer->doom;
}

int tracer_tell_stuck(struct tracer *tracer, uint64_t *ret_again_ns)
{
	tracer->doom = false;
	return stuck_tell(tracer->stuck, ret_again_ns);
}

/* The page-fault hooks nest by nature, and lose only a figure that is checked: they do not count.
 */
static uint64_t all_missed_runs(struct tracer *tracer, bool last)
{
	/* first, since it may wait */
	const uint64_t exits = missed_exits_look(&tracer->missed_exits, tracer->programs, last);

	return exits + programs_missed(tracer->programs, HOOK_SIGNAL_GENERATE) +
	       programs_missed(tracer->programs, HOOK_MARK_VICTIM);
}

bool tracer_losses(struct tracer *tracer, bool last, struct losses *ret)
{
	uint64_t missed;

	lost_map_sum(programs_map(tracer->programs, "lost"), &tracer->seen);
	missed = all_missed_runs(tracer, last);
	if (missed > tracer->seen.count[LOSS_PROGRAM_MISSED])
		tracer->seen.count[LOSS_PROGRAM_MISSED] = missed;
	tracer->seen.count[LOSS_LIMIT_LATE] =
		tracer->told_before.count[LOSS_LIMIT_LATE] + limit_files_late(tracer->limits);
	losses_since(&tracer->seen, &tracer->told_before, ret);
	losses_add(ret, &tracer->gone);
	for (int i = 0; i < tracer->pinned.predecessor_count; i++)
		predecessor_losses(&tracer->pinned.predecessors[i], ret);
	return missed_exits_are_unsure(&tracer->missed_exits);
}

void tracer_losses_are_safe(struct tracer *tracer)
{
	ledger_write_told(tracer->pinned.ledger, &tracer->seen);
	for (int i = 0; i < tracer->pinned.predecessor_count; i++)
		ledger_write_told(tracer->pinned.predecessors[i].ledger,
				  &tracer->pinned.predecessors[i].seen);
}
