// SPDX-License-Identifier: BSD-2-Clause
#include "source/predecessor.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/say.h"
#include "source/hooks.h"
#include "source/lost_map.h"

/* As long as most processes take to die after a signal, and longer than a handled fault explains an
 * exit. */
#define OVERLAP_NS (2 * (uint64_t)NS_PER_S)
/* A program that was running when it was detached has sent its record by then. */
#define LAST_RUN_NS ((uint64_t)NS_PER_S / 5)
#define MOST_KEYS 65536

/* Exits that its first program missed and no other program has seen so far. */
static uint64_t open_exits(const struct predecessor *predecessor)
{
	uint64_t rescued = 0, missed;

	/* in this order, as in missed_exits_look() */
	lost_map_sum_one(predecessor->rescued_fd, 0, &rescued);
	missed = lost_runs(predecessor->exit_fd);
	return missed > rescued ? missed - rescued : 0;
}

/* Misses that our programs do not cover: once attached, they see the exits that it misses. */
static uint64_t count_missed(struct predecessor *predecessor)
{
	const uint64_t now = open_exits(predecessor);

	if (now < predecessor->missed_exits)
		predecessor->missed_exits = now;
	return lost_runs(predecessor->signal_fd) + lost_runs(predecessor->mark_fd) +
	       predecessor->missed_exits;
}

int predecessor_open(const struct pins *pins, const struct pins_generation *generation,
		     struct predecessor *ret)
{
	int ledger_fd = pins_get(pins, generation->name, "ledger", ""), error;

	memset(ret, 0, sizeof(*ret));
	memcpy(ret->name, generation->name, sizeof(ret->name));
	ret->attached = generation->whole;
	ret->dossiers_fd = pins_get(pins, ret->name, "map_", "dossiers");
	ret->lost_fd = pins_get(pins, ret->name, "map_", "lost");
	ret->rescued_fd = pins_get(pins, ret->name, "map_", "rescued");
	ret->signal_fd = pins_get(pins, ret->name, "prog_", hook_name(HOOK_SIGNAL_GENERATE));
	ret->mark_fd = pins_get(pins, ret->name, "prog_", hook_name(HOOK_MARK_VICTIM));
	ret->exit_fd = pins_get(pins, ret->name, "prog_", hook_name(HOOK_SCHED_PROCESS_EXIT));
	ret->events_fd = pins_get(pins, ret->name, "map_", "events");
	error = ledger_fd < 0 ? ledger_fd : ledger_map(ledger_fd, &ret->ledger);
	if (!error && ret->events_fd < 0)
		error = ret->events_fd;
	if (!error)
		error = ring_open(ret->events_fd, true, &ret->ring);
	if (ledger_fd >= 0)
		(void)close(ledger_fd);
	if (error) {
		predecessor_close(ret);
		return error;
	}
	ledger_read_told(ret->ledger, &ret->told_before);
	ret->seen = ret->told_before;
	return 0;
}

void predecessor_close(struct predecessor *predecessor)
{
	const int fds[] = { predecessor->events_fd,  predecessor->dossiers_fd, predecessor->lost_fd,
			    predecessor->rescued_fd, predecessor->signal_fd,   predecessor->mark_fd,
			    predecessor->exit_fd };

	ring_close(predecessor->ring);
	ledger_unmap(predecessor->ledger);
	free(predecessor->keys);
	for (size_t i = 0; i < sizeof(fds) / sizeof(fds[0]); i++)
		if (fds[i] >= 0)
			(void)close(fds[i]);
	memset(predecessor, 0, sizeof(*predecessor));
}

bool predecessor_is_unused(struct predecessor *predecessor)
{
	struct losses losses = { 0 };

	predecessor_losses(predecessor, &losses);
	return !predecessor->attached && !ring_end(predecessor->ring) && !losses_any(&losses) &&
	       !open_exits(predecessor);
}

static unsigned char *key_at(const struct predecessor *predecessor, uint32_t i)
{
	return (unsigned char *)predecessor->keys + (size_t)i * predecessor->key_size;
}

/* Only that build can read its dossiers, but we can see which there are. */
static void remember_dossiers(struct predecessor *predecessor)
{
	struct bpf_map_info info = { 0 };
	__u32 size = sizeof(info);

	if (predecessor->dossiers_fd < 0 ||
	    bpf_obj_get_info_by_fd(predecessor->dossiers_fd, &info, &size) || !info.key_size ||
	    info.max_entries > MOST_KEYS)
		return;
	predecessor->key_size = info.key_size;
	predecessor->keys = calloc(info.max_entries, info.key_size);
	while (predecessor->keys && predecessor->key_count < info.max_entries) {
		const uint32_t count = predecessor->key_count;

		if (bpf_map_get_next_key(predecessor->dossiers_fd,
					 count ? key_at(predecessor, count - 1) : NULL,
					 key_at(predecessor, count)))
			break;
		predecessor->key_count++;
	}
}

static void forget_closed_dossiers(struct predecessor *predecessor)
{
	unsigned char *value;
	struct bpf_map_info info = { 0 };
	__u32 size = sizeof(info);

	if (!predecessor->key_count ||
	    bpf_obj_get_info_by_fd(predecessor->dossiers_fd, &info, &size))
		return;
	value = malloc(info.value_size);
	for (uint32_t i = 0; value && i < predecessor->key_count;) {
		if (!bpf_map_lookup_elem(predecessor->dossiers_fd, key_at(predecessor, i), value)) {
			i++;
			continue;
		}
		predecessor->key_count--;
		memmove(key_at(predecessor, i), key_at(predecessor, predecessor->key_count),
			predecessor->key_size);
	}
	free(value);
}

void predecessor_begin(struct predecessor *predecessor)
{
	predecessor->deadline_ns = clock_boottime_ns() + OVERLAP_NS;
	predecessor->missed_exits = open_exits(predecessor);
	if (predecessor->attached)
		remember_dossiers(predecessor);
	else
		predecessor->detached_ns = clock_boottime_ns();
}

static void detach(struct predecessor *predecessor, const struct pins *pins)
{
	int error = pins_detach(pins, predecessor->name);

	/* retried at the next step */
	if (error) {
		say_detail("cannot detach the pinned programs %s: %s, ignoring", predecessor->name,
			   strerror(-error));
		return;
	}
	predecessor->attached = false;
	predecessor->detached_ns = clock_boottime_ns();
	predecessor->left_behind = predecessor->key_count;
}

static bool has_settled(const struct predecessor *predecessor)
{
	return !predecessor->attached &&
	       clock_boottime_ns() >= predecessor->detached_ns + LAST_RUN_NS;
}

bool predecessor_is_read(const struct predecessor *predecessor)
{
	return has_settled(predecessor) &&
	       ring_position(predecessor->ring) == ring_end(predecessor->ring);
}

bool predecessor_step(struct predecessor *predecessor, const struct pins *pins)
{
	if (predecessor->attached) {
		forget_closed_dossiers(predecessor);
		if (!predecessor->key_count || clock_boottime_ns() >= predecessor->deadline_ns)
			detach(predecessor, pins);
		return false;
	}
	if (!has_settled(predecessor) || !ring_is_empty(predecessor->ring))
		return false;
	(void)pins_remove(pins, predecessor->name);
	return true;
}

void predecessor_losses(struct predecessor *predecessor, struct losses *to)
{
	const uint64_t missed = count_missed(predecessor);
	struct losses fresh;

	lost_map_sum(predecessor->lost_fd, &predecessor->seen);
	if (missed > predecessor->seen.count[LOSS_PROGRAM_MISSED])
		predecessor->seen.count[LOSS_PROGRAM_MISSED] = missed;
	/* an earlier agent may have left some behind, and reported them */
	if (predecessor->left_behind > predecessor->seen.count[LOSS_HANDOVER])
		predecessor->seen.count[LOSS_HANDOVER] = predecessor->left_behind;
	losses_since(&predecessor->seen, &predecessor->told_before, &fresh);
	losses_add(to, &fresh);
}
