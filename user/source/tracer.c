// SPDX-License-Identifier: BSD-2-Clause
#include "source/tracer.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <cap-ng.h>
#include <errno.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/say.h"
#include "source/limit_files.h"
#include "source/lost_map.h"
#include "source/missed_exits.h"
#include "source/pinned.h"
#include "source/programs.h"
#include "source/ring.h"
#include "source/stuck.h"

/* A record of 8 bytes is the smallest there is: positions grow by 8, and so slower than time. */
#define POSITION_STEP 8

struct tracer {
	struct tracer_options options; /* as they are carried out */
	struct programs *programs;
	struct stuck *stuck; /* NULL: switched off or refused */
	int stuck_error;
	bool doom;                  /* somebody was killed since tracer_tell_stuck() */
	bool keeps;                 /* records go when they are released, not when they are read */
	struct limit_files *limits; /* NULL: nothing is to be seen of them */
	struct ring *ring;
	int poll_fd; /* of the ring, or of the predecessors' while there are any */
	uint64_t base_sequence;
	struct missed_exits missed_exits;
	struct losses seen;                    /* totals of this generation at the last look */
	struct losses told_before;             /* of them by earlier agents */
	struct losses gone;                    /* of predecessors that are gone */
	const struct frame_receiver *receiver; /* during tracer_drain() */
	int64_t realtime_offset_ns;

	struct pinned pinned;
};

/* libbpf's talk goes one level down: its errors are details of ours. */
static int print_libbpf(enum libbpf_print_level level, const char *format, va_list args)
	__attribute__((format(printf, 2, 0)));

static int print_libbpf(enum libbpf_print_level level, const char *format, va_list args)
{
	AUTO_FREE char *text = NULL;
	char *rest, *line;

	if (level == LIBBPF_DEBUG)
		return 0;
	if (vasprintf(&text, format, args) < 0) {
		text = NULL;
		return 0;
	}
	/* the verifier's log comes as one text of many lines */
	for (line = strtok_r(text, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest))
		say_detail("%s", line);
	return 0;
}

bool tracer_may_trace(void)
{
	if (capng_get_caps_process() != 0)
		return true; /* unknown: let the kernel decide */
	return capng_have_capability(CAPNG_EFFECTIVE, CAP_SYS_ADMIN) ||
	       (capng_have_capability(CAPNG_EFFECTIVE, CAP_BPF) &&
		capng_have_capability(CAPNG_EFFECTIVE, CAP_PERFMON));
}

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

	if (take_notice(tracer, data, size))
		return 0;
	frame.record = limit_files_add(tracer->limits, data, size, &frame.record_size);
	return tracer->receiver->frame(tracer->receiver->context, &frame);
}

static void load_stuck(const struct tracer_options *options, struct tracer *tracer)
{
	struct stuck_maps maps = {
		.owner = programs_object(tracer->programs),
		.noticed_fd = programs_map(tracer->programs, "doom_noticed"),
		.open_fd = programs_map(tracer->programs, "open_dossiers"),
	};
	struct knobs knobs;

	programs_knobs(tracer->programs, &knobs);
	tracer->stuck_error = programs_error(tracer->programs, HOOK_TASK_ITERATOR);
	if (!tracer->stuck_error)
		tracer->stuck_error = stuck_load(&maps, probe_relocation_btf(options->btf_path),
						 &knobs, &tracer->stuck);
}

static int watch_ring(struct tracer *tracer, const struct ring *ring)
{
	struct epoll_event event = { .events = EPOLLIN };

	return epoll_ctl(tracer->poll_fd, EPOLL_CTL_ADD, ring_fd(ring), &event) ? -errno : 0;
}

/* The ring of the programs in use. While there are predecessors it is not looked at: what they have
 * comes before what it has. */
static int open_ring(struct tracer *tracer)
{
	int error = ring_open(programs_map(tracer->programs, "events"),
			      tracer->pinned.ledger != NULL, &tracer->ring);

	if (error)
		return error;
	tracer->poll_fd = epoll_create1(EPOLL_CLOEXEC);
	if (tracer->poll_fd < 0)
		return -errno;
	for (int i = 0; i < tracer->pinned.predecessor_count && !error; i++)
		error = watch_ring(tracer, tracer->pinned.predecessors[i].ring);
	if (!error && !tracer->pinned.predecessor_count)
		error = watch_ring(tracer, tracer->ring);
	return error;
}

static int load(struct tracer *tracer, const struct tracer_options *options)
{
	const struct pinned_at nowhere = { NULL, NULL };
	int error;

	if (options->pin) {
		error = pinned_load(&tracer->pinned, tracer->programs);
		if (error)
			return error;
		tracer->base_sequence = tracer->pinned.ledger->base_sequence;
		ledger_read_told(tracer->pinned.ledger, &tracer->told_before);
		tracer->seen = tracer->told_before;
		tracer->pinned.ledger->armed = options->pin_use != PIN_KEEP;
		tracer->doom = true; /* somebody may have been killed while nobody read */
	} else {
		error = programs_load(tracer->programs, &nowhere);
		if (error)
			return error;
		/* grows past whatever an earlier tracer of this boot can have given out */
		tracer->base_sequence = clock_boottime_ns();
		programs_attach(tracer->programs);
	}
	for (int i = 0; i < tracer->pinned.predecessor_count; i++)
		predecessor_begin(&tracer->pinned.predecessors[i]);
	return 0;
}

/* 0 or -enum tracer_failure. */
static int take_pins(struct tracer *tracer, const struct tracer_options *options)
{
	pid_t other;
	int error;

	tracer->options = *options;
	if (!options->pin)
		return 0;
	if (options->pin_use == PIN_IF_ARMED) {
		if (!pinned_take_if_armed(&tracer->pinned, options->pin))
			tracer->options.pin = NULL;
		return 0;
	}
	error = pins_open(options->pin, true, &tracer->pinned.pins, &other);
	errno = -error;
	if (error == -EBUSY)
		return -TRACER_PINS_BUSY;
	return error ? -TRACER_NO_PINS : 0;
}

static int failure_of(int error)
{
	errno = -error;
	return error == -EPERM ? -TRACER_NO_PRIVILEGE : -TRACER_REFUSED;
}

static int start(const struct tracer_options *options, struct tracer *tracer)
{
	int error;

	error = programs_new(options, &tracer->programs);
	if (error) {
		/* libbpf's own numbers, and its way of saying "no such type", are no words for
		 * people */
		errno = 0;
		return options->btf_path ? -TRACER_BAD_BTF : -TRACER_NO_BTF;
	}
	error = load(tracer, options);
	if (error)
		return failure_of(error);
	load_stuck(options, tracer);
	if (open_ring(tracer))
		return -TRACER_NO_MEMORY;
	if (!programs_is_attached(tracer->programs, HOOK_SCHED_PROCESS_EXIT)) {
		error = programs_error(tracer->programs, HOOK_SCHED_PROCESS_EXIT);
		pinned_remove(&tracer->pinned);
		errno = error < 0 ? -error : 0;
		return -TRACER_NO_EXIT;
	}
	(void)malloc_trim(0); /* the kernel's BTF was parsed, and is not needed again */
	return 0;
}

int tracer_start(const struct tracer_options *options, struct tracer **ret)
{
	struct tracer *tracer = calloc(1, sizeof(*tracer));
	int failure, saved;

	if (!tracer)
		return -TRACER_NO_MEMORY;
	tracer->poll_fd = -1;
	tracer->pinned.pins.fd = -1;
	(void)libbpf_set_print(print_libbpf);
	failure = tracer_may_trace() ? take_pins(tracer, options) : -TRACER_NO_PRIVILEGE;
	if (!failure)
		failure = start(&tracer->options, tracer);
	if (failure) {
		saved = errno;
		tracer_free(tracer);
		errno = saved;
		return failure;
	}
	*ret = tracer;
	return 0;
}

void tracer_free(struct tracer *tracer)
{
	if (!tracer)
		return;
	ring_close(tracer->ring);
	stuck_free(tracer->stuck);
	limit_files_free(tracer->limits);
	programs_free(tracer->programs);
	pinned_close(&tracer->pinned);
	if (tracer->poll_fd >= 0)
		(void)close(tracer->poll_fd);
	free(tracer);
}

void tracer_set_stats_places(const struct tracer *tracer, uint64_t address)
{
	const uint32_t zero = 0;
	const int fd = programs_map(tracer->programs, "stats_places");

	if (fd >= 0 && bpf_map_update_elem(fd, &zero, &address, BPF_ANY))
		say_detail("cannot set where memory.stat's figures are: %s, ignoring",
			   strerror(errno));
}

void tracer_look_at_limits(struct tracer *tracer, const char *host_root)
{
	limit_files_free(tracer->limits);
	tracer->limits = limit_files_new(host_root);
	if (!tracer->limits)
		say_detail(
			"no memory cgroups visible: only the kernel's figures show what filled a limit, "
			"ignoring");
}

const char *tracer_failure_text(int failure)
{
	switch (-failure) {
	case TRACER_NO_PRIVILEGE:
		return "needs root, or CAP_BPF and CAP_PERFMON (and a kernel that is not in "
		       "lockdown=confidentiality): run it with sudo";
	case TRACER_NO_BTF:
		return "this kernel has no BTF at /sys/kernel/btf/vmlinux: give a BTF file of this "
		       "very kernel with --btf FILE";
	case TRACER_BAD_BTF:
		return "the file given with --btf cannot be used: it must hold the BTF of the "
		       "running kernel";
	case TRACER_REFUSED:
		return "the kernel refused the BPF programs: run 'killtrace doctor -v' for its words";
	case TRACER_NO_EXIT:
		return "cannot attach to sched_process_exit, without which no death is seen";
	default:
		return "out of memory";
	}
}

bool tracer_is_attached(const struct tracer *tracer, enum hook hook)
{
	if (hook == HOOK_TASK_ITERATOR)
		return tracer->stuck != NULL;
	return programs_is_attached(tracer->programs, hook);
}

int tracer_hook_error(const struct tracer *tracer, enum hook hook)
{
	if (hook == HOOK_TASK_ITERATOR)
		return tracer->stuck_error;
	return programs_error(tracer->programs, hook);
}

const struct probe *tracer_probe(const struct tracer *tracer)
{
	return programs_probe(tracer->programs);
}

int tracer_fd(const struct tracer *tracer)
{
	return tracer->poll_fd;
}

static int drain_ring(struct tracer *tracer, struct ring *ring, uint64_t base_sequence)
{
	struct reading reading = { tracer, base_sequence };

	return ring_read(ring, receive, &reading, FRAME_ENOUGH,
			 !tracer->pinned.ledger || !tracer->keeps);
}

/* 0 or the receiver's negative return. */
static int drain_predecessors(struct tracer *tracer)
{
	int result = 0, i = 0;

	while (i < tracer->pinned.predecessor_count) {
		struct predecessor *predecessor = &tracer->pinned.predecessors[i];

		result = drain_ring(tracer, predecessor->ring, predecessor->ledger->base_sequence);
		if (result)
			return result;
		if (!pinned_step(&tracer->pinned, i, &tracer->gone))
			i++;
		else if (!tracer->pinned.predecessor_count)
			result = watch_ring(tracer, tracer->ring);
	}
	return result;
}

/* Lets the kernel side send notices again. Whatever was read: a notice that found no room counts,
 * too. */
static void let_notice_limits(const struct tracer *tracer)
{
	const uint64_t none = 0;
	const uint32_t key = 0;
	const int fd = programs_map(tracer->programs, "limits_noticed");

	if (fd >= 0)
		(void)bpf_map_update_elem(fd, &key, &none, BPF_ANY);
}

/* What they had comes first; an outlet that is behind with it must not keep the others waiting. */
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

/* What lies before the record of this sequence; 0: all that was read. The sequence can be that of
 * losses, which is none of a record's. */
static void release_before(struct ring *ring, uint64_t base_sequence, uint64_t sequence)
{
	(void)ring_relieve(ring, 0, sequence ? position_of(base_sequence, sequence) : UINT64_MAX);
}

void tracer_release(struct tracer *tracer, uint64_t sequence)
{
	for (int i = 0; i < tracer->pinned.predecessor_count; i++)
		release_before(tracer->pinned.predecessors[i].ring,
			       tracer->pinned.predecessors[i].ledger->base_sequence, sequence);
	release_before(tracer->ring, tracer->base_sequence, sequence);
}

/* As tracer_relieve(). */
static uint64_t relieve(struct ring *ring, uint64_t base_sequence, uint64_t needed, bool patient)
{
	const uint64_t size = ring_size(ring), most = size / 4 * 3, urgent = size / 8 * 7;
	const uint64_t before = ring_first(ring);
	uint64_t end = needed ? position_of(base_sequence, needed) : UINT64_MAX, after;

	after = ring_relieve(ring, most, end);
	if (ring_taken(ring) > urgent && !patient)
		after = ring_relieve(ring, most, UINT64_MAX);
	return after > before ? base_sequence + after / POSITION_STEP - 1 : 0;
}

uint64_t tracer_relieve(struct tracer *tracer, uint64_t needed, bool patient)
{
	uint64_t gone = 0, newest;

	for (int i = 0; i < tracer->pinned.predecessor_count; i++) {
		const struct predecessor *predecessor = &tracer->pinned.predecessors[i];

		newest = relieve(predecessor->ring, predecessor->ledger->base_sequence, needed,
				 patient);
		gone = newest > gone ? newest : gone;
	}
	newest = relieve(tracer->ring, tracer->base_sequence, needed, patient);
	return newest > gone ? newest : gone;
}

uint64_t tracer_newest(const struct tracer *tracer)
{
	return tracer->base_sequence + ring_end(tracer->ring) / POSITION_STEP;
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
