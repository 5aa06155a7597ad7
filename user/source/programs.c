// SPDX-License-Identifier: BSD-2-Clause
#include "source/programs.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "source/exit_again.h"
#include "source/load.h"
#include "source/lost_map.h"

struct programs {
	struct load load;
	struct exit_again *again;              /* NULL: not needed, refused, or pinned earlier */
	struct bpf_link *links[HOOK_PROGRAMS]; /* of this process */
	int fds[HOOK_PROGRAMS];                /* of the programs that are attached; -1 */
	bool adopted;
};

static void load_exit_again(struct programs *programs)
{
	struct load *load = &programs->load;
	struct knobs knobs;

	if (!load->probe.has[FEATURE_PREEMPTIBLE] ||
	    !programs_is_attached(programs, HOOK_SCHED_PROCESS_EXIT))
		return;
	load_knobs(load, &knobs);
	programs->again =
		exit_again_new(load_object(load), load_relocates_by(load), &knobs, &load->at);
}

int programs_new(const struct tracer_options *options, struct programs **ret)
{
	struct programs *programs = calloc(1, sizeof(*programs));
	int error;

	if (!programs)
		return -ENOMEM;
	for (int i = 0; i < HOOK_PROGRAMS; i++)
		programs->fds[i] = -1;
	error = load_init(options, &programs->load);
	if (error) {
		programs_free(programs);
		return error;
	}
	*ret = programs;
	return 0;
}

void programs_free(struct programs *programs)
{
	if (!programs)
		return;
	for (int i = 0; i < HOOK_PROGRAMS; i++)
		(void)bpf_link__destroy(programs->links[i]);
	exit_again_free(programs->again);
	load_done(&programs->load);
	if (programs->adopted)
		for (int i = 0; i < HOOK_PROGRAMS; i++)
			if (programs->fds[i] >= 0)
				(void)close(programs->fds[i]);
	free(programs);
}

const struct probe *programs_probe(const struct programs *programs)
{
	return &programs->load.probe;
}

int programs_fingerprint(const struct programs *programs, uint64_t *ret)
{
	return load_fingerprint(&programs->load, ret);
}

void programs_knobs(const struct programs *programs, struct knobs *ret)
{
	load_knobs(&programs->load, ret);
}

const char *programs_relocate_by(const struct programs *programs)
{
	return load_relocates_by(&programs->load);
}

void programs_are_loaded(struct programs *programs)
{
	load_ends(&programs->load);
}

int programs_load(struct programs *programs, const struct pinned_at *at)
{
	programs->load.at = *at;
	return load_programs(&programs->load);
}

/* bpf_program__attach() does not know the programs of attach_target.h. */
static struct bpf_link *link_of(const struct bpf_program *program, enum hook hook)
{
	return hook_test(hook) == HOOK_TEST_FUNCTION ? bpf_program__attach_trace(program)
						     : bpf_program__attach(program);
}

/* The program is pinned, its link is not yet. */
static void attach_one(struct programs *programs, enum hook hook)
{
	struct bpf_program *program = load_program(&programs->load, hook);
	char path[PINS_PATH_SIZE];
	int error = 0;

	if (programs->load.errors[hook])
		return;
	if (programs->load.at.pins) {
		pins_path(programs->load.at.pins, programs->load.at.generation, "prog_",
			  hook_name(hook), path);
		error = bpf_program__pin(program, path);
	}
	if (!error) {
		programs->links[hook] = link_of(program, hook);
		error = programs->links[hook] ? 0 : -errno;
	}
	programs->load.errors[hook] = error;
	if (!error)
		programs->fds[hook] = bpf_program__fd(program);
}

static void pin_one(struct programs *programs, enum hook hook)
{
	if (!programs->links[hook])
		return;
	programs->load.errors[hook] =
		pins_link(&programs->load.at, hook_name(hook), programs->links[hook]);
	if (!programs->load.errors[hook])
		return;
	programs->links[hook] = NULL;
	programs->fds[hook] = -1;
}

void programs_attach(struct programs *programs)
{
	for (int i = 0; i < HOOK_PROGRAMS; i++) {
		if (i == HOOK_SCHED_PROCESS_EXIT)
			continue;
		attach_one(programs, (enum hook)i);
		pin_one(programs, (enum hook)i);
	}
	attach_one(programs, HOOK_SCHED_PROCESS_EXIT);
	load_exit_again(programs);
	/* now the generation is whole */
	pin_one(programs, HOOK_SCHED_PROCESS_EXIT);
}

static bool is_pinned(const struct pinned_at *at, const char *what, const char *of)
{
	char path[PINS_PATH_SIZE];

	pins_path(at->pins, at->generation, what, of, path);
	return !access(path, F_OK);
}

int programs_adopt(struct programs *programs, const struct pinned_at *at)
{
	int error;

	programs->load.at = *at;
	error = load_maps(&programs->load);
	if (error)
		return error;
	programs->adopted = true;
	for (int i = 0; i < HOOK_PROGRAMS; i++) {
		const char *name = hook_name((enum hook)i);

		if (programs->load.errors[i])
			continue;
		if (is_pinned(at, "link_", name))
			programs->fds[i] = pins_get(at->pins, at->generation, "prog_", name);
		if (programs->fds[i] < 0)
			programs->load.errors[i] = -ENOLINK;
	}
	return 0;
}

bool programs_is_attached(const struct programs *programs, enum hook hook)
{
	if (hook < HOOK_PROGRAMS)
		return programs->fds[hook] >= 0;
	return hook < HOOK_COUNT && !programs->load.errors[hook] &&
	       programs->fds[HOOK_SIGNAL_GENERATE] >= 0;
}

int programs_error(const struct programs *programs, enum hook hook)
{
	return programs->load.errors[hook];
}

const struct bpf_object *programs_object(const struct programs *programs)
{
	return load_object(&programs->load);
}

int programs_map(const struct programs *programs, const char *name)
{
	return bpf_object__find_map_fd_by_name(load_object(&programs->load), name);
}

uint64_t programs_missed(const struct programs *programs, enum hook hook)
{
	return lost_runs(programs->fds[hook]);
}
