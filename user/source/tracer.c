// SPDX-License-Identifier: BSD-2-Clause
#include "source/tracer_inside.h"

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
#include "source/programs.h"
#include "source/ring.h"
#include "source/stuck.h"

/* libbpf's messages are one level lower: its errors are details of ours. */
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
	/* the verifier's log is one text of many lines */
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

static void load_stuck(struct tracer *tracer)
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
		tracer->stuck_error = stuck_load(&maps, programs_relocate_by(tracer->programs),
						 &knobs, &tracer->stuck);
}

/* The ring of the programs in use. It is not read while there are predecessors, whose records come
 * first. */
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
		error = tracer_watch_ring(tracer, tracer->pinned.predecessors[i].ring);
	if (!error && !tracer->pinned.predecessor_count)
		error = tracer_watch_ring(tracer, tracer->ring);
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
		tracer->doom = true; /* a process may have been killed while there was no reader */
	} else {
		error = programs_load(tracer->programs, &nowhere);
		if (error)
			return error;
		/* greater than any sequence of an earlier tracer of this boot */
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
		/* libbpf's own numbers, and its way to say "no such type", mean nothing to people
		 */
		errno = 0;
		return options->btf_path ? -TRACER_BAD_BTF : -TRACER_NO_BTF;
	}
	error = load(tracer, options);
	if (error)
		return failure_of(error);
	load_stuck(tracer);
	programs_are_loaded(tracer->programs);
	if (open_ring(tracer))
		return -TRACER_NO_MEMORY;
	if (!programs_is_attached(tracer->programs, HOOK_SCHED_PROCESS_EXIT)) {
		error = programs_error(tracer->programs, HOOK_SCHED_PROCESS_EXIT);
		pinned_remove(&tracer->pinned);
		errno = error < 0 ? -error : 0;
		return -TRACER_NO_EXIT;
	}
	(void)malloc_trim(0); /* memory that was needed to load is not needed again */
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
