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
#include "source/ledger.h"
#include "source/lost_map.h"
#include "source/predecessor.h"
#include "source/programs.h"
#include "source/ring.h"
#include "source/settle.h"
#include "source/stuck.h"

/* A record of 8 bytes is the smallest there is: positions grow by 8, and so slower than time. */
#define POSITION_STEP 8

/* When tracing ends, what is open is looked at again this often. */
#define LAST_LOOKS 20
#define LAST_LOOK_US 10000

struct tracer {
	struct tracer_options options; /* as they are carried out */
	struct programs *programs;
	struct stuck *stuck; /* NULL: switched off or refused */
	int stuck_error;
	bool doom; /* somebody was killed since tracer_tell_stuck() */
	struct ring *ring;
	int poll_fd; /* of the ring, or of the predecessors' while there are any */
	uint64_t base_sequence;
	uint64_t read_sequence;                /* of the newest record that was handed out */
	uint64_t not_missed;                   /* of the exits that others saw */
	struct settle missed_exits;            /* by all that look at them */
	struct losses seen;                    /* totals of this generation at the last look */
	struct losses told_before;             /* of them by earlier agents */
	struct losses gone;                    /* of predecessors that are gone */
	const struct frame_receiver *receiver; /* during tracer_drain() */
	int64_t realtime_offset_ns;

	/* all that follows: only what is pinned */
	struct pins pins;
	pid_t other; /* who reads what is pinned, if not we */
	char generation[PINS_NAME_SIZE];
	struct ledger *ledger;                      /* NULL: nothing is pinned */
	struct predecessor predecessors[PINS_MOST]; /* oldest first */
	int predecessor_count;
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

static bool is_notice(const void *data, size_t size)
{
	struct kt_notice notice;

	if (size != sizeof(notice))
		return false;
	memcpy(&notice, data, sizeof(notice));
	return notice.kind == KT_RECORD_DOOM;
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
		.record = data,
		.record_size = size,
	};
	int result;

	if (is_notice(data, size)) {
		tracer->doom = true;
		return 0;
	}
	result = tracer->receiver->frame(tracer->receiver->context, &frame);
	if ((result >= 0 || result == FRAME_ENOUGH) && frame.sequence > tracer->read_sequence)
		tracer->read_sequence = frame.sequence;
	return result;
}

static void load_stuck(const struct tracer_options *options, struct tracer *tracer)
{
	struct stuck_maps maps = {
		.owner = programs_object(tracer->programs),
		.noticed_fd = programs_map(tracer->programs, "doom_noticed"),
		.open_fd = programs_map(tracer->programs, "open_dossiers"),
	};

	tracer->stuck_error = programs_error(tracer->programs, HOOK_TASK_ITERATOR);
	if (!tracer->stuck_error)
		tracer->stuck_error = stuck_load(&maps, options->btf_path, options->no_addresses,
						 options->pin != NULL, &tracer->stuck);
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
	int error = ring_open(programs_map(tracer->programs, "events"), tracer->ledger != NULL,
			      &tracer->ring);

	if (error)
		return error;
	tracer->poll_fd = epoll_create1(EPOLL_CLOEXEC);
	if (tracer->poll_fd < 0)
		return -errno;
	for (int i = 0; i < tracer->predecessor_count && !error; i++)
		error = watch_ring(tracer, tracer->predecessors[i].ring);
	if (!error && !tracer->predecessor_count)
		error = watch_ring(tracer, tracer->ring);
	return error;
}

static int by_age(const void *a, const void *b)
{
	const uint64_t left = ((const struct predecessor *)a)->ledger->base_sequence;
	const uint64_t right = ((const struct predecessor *)b)->ledger->base_sequence;

	return (left > right) - (left < right);
}

/* All that are there but the one in use. What cannot be read goes at once: nobody could read it. */
static void find_predecessors(struct tracer *tracer, const char *in_use)
{
	struct pins_generation all[PINS_MOST];
	int count = 0;

	(void)pins_list(&tracer->pins, all, &count);
	for (int i = 0; i < count; i++) {
		int error;

		if (!strcmp(all[i].name, in_use))
			continue;
		error = predecessor_open(&tracer->pins, &all[i],
					 &tracer->predecessors[tracer->predecessor_count]);
		if (!error) {
			tracer->predecessor_count++;
			continue;
		}
		say("cannot read what %s/%s has recorded (%s): it is removed", tracer->pins.path,
		    all[i].name, strerror(-error));
		(void)pins_remove(&tracer->pins, all[i].name);
	}
	qsort(tracer->predecessors, (size_t)tracer->predecessor_count,
	      sizeof(tracer->predecessors[0]), by_age);
}

static int open_ledger(struct tracer *tracer)
{
	int fd = pins_get(&tracer->pins, tracer->generation, "ledger", ""), error;

	if (fd < 0)
		return fd;
	error = ledger_map(fd, &tracer->ledger);
	(void)close(fd);
	return error;
}

/* First of all, so that what records has one. The sinks go on where they were. */
static int make_ledger(struct tracer *tracer)
{
	const struct predecessor *last =
		tracer->predecessor_count ? &tracer->predecessors[tracer->predecessor_count - 1]
					  : NULL;
	AUTO_CLOSE int fd = ledger_create();
	char path[PINS_PATH_SIZE];
	int error = fd < 0 ? fd : ledger_map(fd, &tracer->ledger);

	if (error)
		return error;
	tracer->ledger->layout = LEDGER_LAYOUT;
	tracer->ledger->base_sequence = clock_boottime_ns();
	if (last)
		memcpy(tracer->ledger->sinks, last->ledger->sinks, sizeof(last->ledger->sinks));
	pins_path(&tracer->pins, tracer->generation, "ledger", "", path);
	return bpf_obj_pin(fd, path) ? -errno : 0;
}

static int load_pinned(struct tracer *tracer, uint64_t fingerprint)
{
	struct pinned_at at = { &tracer->pins, tracer->generation };
	int error;

	if (pins_find(&tracer->pins, fingerprint, tracer->generation)) {
		find_predecessors(tracer, tracer->generation);
		error = open_ledger(tracer);
		return error ? error : programs_adopt(tracer->programs, &at);
	}
	find_predecessors(tracer, "");
	error = pins_add(&tracer->pins, fingerprint, tracer->generation);
	if (!error)
		error = make_ledger(tracer);
	if (!error)
		error = programs_load(tracer->programs, &at);
	if (error) {
		int saved = error;

		ledger_unmap(tracer->ledger);
		tracer->ledger = NULL;
		(void)pins_remove(&tracer->pins, tracer->generation);
		return saved;
	}
	programs_attach(tracer->programs);
	return 0;
}

static int load(struct tracer *tracer, const struct tracer_options *options)
{
	const struct pinned_at nowhere = { NULL, NULL };
	uint64_t fingerprint;
	int error;

	if (options->pin) {
		error = programs_fingerprint(tracer->programs, &fingerprint);
		if (!error)
			error = load_pinned(tracer, fingerprint);
		if (error)
			return error;
		tracer->base_sequence = tracer->ledger->base_sequence;
		ledger_read_told(tracer->ledger, &tracer->told_before);
		tracer->seen = tracer->told_before;
		if (options->pin_use != PIN_IF_ARMED)
			tracer->ledger->armed = options->pin_use == PIN_ARM;
		tracer->doom = true; /* somebody may have been killed while nobody read */
	} else {
		error = programs_load(tracer->programs, &nowhere);
		if (error)
			return error;
		/* grows past whatever an earlier tracer of this boot can have given out */
		tracer->base_sequence = clock_boottime_ns();
		programs_attach(tracer->programs);
	}
	for (int i = 0; i < tracer->predecessor_count; i++)
		predecessor_begin(&tracer->predecessors[i]);
	return 0;
}

/* Whether `killtrace arm` was here, and nobody reads. */
static bool is_armed(struct tracer *tracer, const char *path)
{
	struct pins_generation all[PINS_MOST];
	int count = 0;
	bool armed = false;

	if (pins_open(path, false, &tracer->pins, &tracer->other))
		return false;
	(void)pins_list(&tracer->pins, all, &count);
	for (int i = 0; i < count && !armed; i++) {
		struct predecessor one;

		if (predecessor_open(&tracer->pins, &all[i], &one))
			continue;
		armed = one.ledger->armed;
		predecessor_close(&one);
	}
	if (!armed)
		pins_close(&tracer->pins);
	return armed;
}

/* 0 or -enum tracer_failure. */
static int take_pins(struct tracer *tracer, const struct tracer_options *options)
{
	int error;

	tracer->options = *options;
	if (!options->pin)
		return 0;
	if (options->pin_use == PIN_IF_ARMED) {
		if (!is_armed(tracer, options->pin))
			tracer->options.pin = NULL;
		return 0;
	}
	error = pins_open(options->pin, true, &tracer->pins, &tracer->other);
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
		/* libbpf's own numbers, and its way of saying "no such type", are no words for people */
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
		if (tracer->ledger)
			(void)pins_remove(&tracer->pins, tracer->generation);
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
	tracer->pins.fd = -1;
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
	for (int i = 0; i < tracer->predecessor_count; i++)
		predecessor_close(&tracer->predecessors[i]);
	ring_close(tracer->ring);
	stuck_free(tracer->stuck);
	programs_free(tracer->programs);
	ledger_unmap(tracer->ledger);
	pins_close(&tracer->pins);
	if (tracer->poll_fd >= 0)
		(void)close(tracer->poll_fd);
	free(tracer);
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
	case TRACER_PINS_BUSY:
		return "another killtrace reads what is pinned there";
	case TRACER_NO_PINS:
		return "cannot pin the programs: is a BPF file system mounted there (mount -t bpf bpf "
		       "/sys/fs/bpf)?";
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
			 !tracer->ledger || !tracer->receiver->later);
}

/* 0 or the receiver's negative return. */
static int drain_predecessors(struct tracer *tracer)
{
	int result = 0;

	for (int i = 0; i < tracer->predecessor_count && !result; i++) {
		struct predecessor *predecessor = &tracer->predecessors[i];

		result = drain_ring(tracer, predecessor->ring, predecessor->ledger->base_sequence);
		if (result || !predecessor_step(predecessor, &tracer->pins))
			continue;
		predecessor_losses(predecessor, &tracer->gone);
		predecessor_close(predecessor);
		tracer->predecessor_count--;
		memmove(predecessor, predecessor + 1,
			(size_t)(tracer->predecessor_count - i) * sizeof(*predecessor));
		i--;
		if (!tracer->predecessor_count)
			result = watch_ring(tracer, tracer->ring);
	}
	return result;
}

bool tracer_is_handing_over(const struct tracer *tracer)
{
	return tracer->predecessor_count > 0;
}

int tracer_drain(struct tracer *tracer, const struct frame_receiver *receiver)
{
	int result;

	tracer->receiver = receiver;
	tracer->realtime_offset_ns = clock_realtime_offset_ns();
	result = drain_predecessors(tracer);
	if (!result && !tracer->predecessor_count)
		result = drain_ring(tracer, tracer->ring, tracer->base_sequence);
	tracer->receiver = NULL;
	return result < 0 ? result : 0;
}

struct ledger *tracer_ledger(const struct tracer *tracer)
{
	return tracer->ledger;
}

/* What lies before the record of this sequence; 0: all that was read. */
static void release_before(struct ring *ring, uint64_t base_sequence, uint64_t sequence)
{
	uint64_t position = ring_position(ring);

	if (sequence && sequence < base_sequence)
		return;
	if (sequence && (sequence - base_sequence) * POSITION_STEP < position)
		position = (sequence - base_sequence) * POSITION_STEP;
	ring_release(ring, position);
}

static bool is_crowded(const struct ring *ring)
{
	return ring_held(ring) > ring_size(ring) / 4 * 3;
}

uint64_t tracer_release(struct tracer *tracer, uint64_t sequence)
{
	bool crowded = is_crowded(tracer->ring);

	for (int i = 0; i < tracer->predecessor_count; i++)
		crowded = crowded || is_crowded(tracer->predecessors[i].ring);
	if (crowded)
		sequence = 0;
	for (int i = 0; i < tracer->predecessor_count; i++)
		release_before(tracer->predecessors[i].ring,
			       tracer->predecessors[i].ledger->base_sequence, sequence);
	release_before(tracer->ring, tracer->base_sequence, sequence);
	return crowded ? tracer->read_sequence : 0;
}

uint64_t tracer_newest(const struct tracer *tracer)
{
	return tracer->base_sequence + ring_end(tracer->ring) / POSITION_STEP;
}

static void rewind_to(struct ring *ring, uint64_t base_sequence, uint64_t sequence)
{
	const uint64_t position =
		sequence > base_sequence ? (sequence - base_sequence) * POSITION_STEP : 0;

	if (position < ring_position(ring))
		ring_rewind(ring, position);
}

void tracer_rewind(struct tracer *tracer, uint64_t sequence)
{
	for (int i = 0; i < tracer->predecessor_count; i++)
		rewind_to(tracer->predecessors[i].ring,
			  tracer->predecessors[i].ledger->base_sequence, sequence);
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

/* How often the exit program was skipped, and nobody else has seen that exit so far. Of those who were on
 * their way out when it was attached, the others saw some that it did not miss. */
static uint64_t open_exits(struct tracer *tracer)
{
	uint64_t rescued = 0, missed;

	/* before the misses: never more than there were misses by then */
	lost_map_sum_one(programs_map(tracer->programs, "rescued"), 0, &rescued);
	missed = programs_missed(tracer->programs, HOOK_SCHED_PROCESS_EXIT);
	if (rescued > missed + tracer->not_missed)
		tracer->not_missed = rescued - missed;
	return missed + tracer->not_missed - rescued;
}

/* A thread that the first program missed may be on its way to the others. */
static void look_at_exits(struct tracer *tracer, bool last)
{
	settle_look(&tracer->missed_exits, open_exits(tracer), clock_boottime_ns());
	if (!last)
		return;
	for (int i = 0; i < LAST_LOOKS && settle_is_unsure(&tracer->missed_exits); i++) {
		(void)usleep(LAST_LOOK_US);
		settle_look(&tracer->missed_exits, open_exits(tracer), clock_boottime_ns());
	}
	settle_end(&tracer->missed_exits);
}

/* The page-fault hooks nest by nature, and lose only a figure that is checked: they do not count. */
static uint64_t all_missed_runs(struct tracer *tracer, bool last)
{
	look_at_exits(tracer, last);
	return programs_missed(tracer->programs, HOOK_SIGNAL_GENERATE) +
	       programs_missed(tracer->programs, HOOK_MARK_VICTIM) + tracer->missed_exits.sure;
}

bool tracer_losses(struct tracer *tracer, bool last, struct losses *ret)
{
	uint64_t missed;

	lost_map_sum(programs_map(tracer->programs, "lost"), &tracer->seen);
	missed = all_missed_runs(tracer, last);
	if (missed > tracer->seen.count[LOSS_PROGRAM_MISSED])
		tracer->seen.count[LOSS_PROGRAM_MISSED] = missed;
	losses_since(&tracer->seen, &tracer->told_before, ret);
	losses_add(ret, &tracer->gone);
	for (int i = 0; i < tracer->predecessor_count; i++)
		predecessor_losses(&tracer->predecessors[i], ret);
	return settle_is_unsure(&tracer->missed_exits);
}

void tracer_losses_are_safe(struct tracer *tracer)
{
	ledger_write_told(tracer->ledger, &tracer->seen);
	for (int i = 0; i < tracer->predecessor_count; i++)
		ledger_write_told(tracer->predecessors[i].ledger, &tracer->predecessors[i].seen);
}
