/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The main BPF object of this build, opened and loaded with one set of options: which of its
 * programs, with which knobs, how large its maps are and where they are pinned.
 *
 * Programs that the kernel refuses are left out, each by itself. Functions give 0 or -errno.
 */
#ifndef KT_SOURCE_LOAD_H
#define KT_SOURCE_LOAD_H

#include <bpf/libbpf.h>
#include <stdint.h>

#include "source/hooks.h"
#include "source/kernel_types.h"
#include "source/knobs.h"
#include "source/pins.h"
#include "source/probe.h"
#include "source/sizes.h"
#include "source/tracer.h"

struct killtrace_bpf;

struct load {
	const struct tracer_options *options;
	struct kernel_types *types; /* NULL: everything is loaded */
	struct kernel_types
		*running; /* those of the running kernel, which is another one with --btf */
	struct probe probe;
	struct sizes sizes;
	uint64_t seed;              /* of the hash of tenants */
	struct pinned_at at;        /* of the maps; set before it is loaded */
	int errors[HOOK_COUNT];     /* 0, the reason as -errno, or 1 if it was not requested */
	struct killtrace_bpf *skel; /* NULL: not loaded */
};

/* Asks the kernel what it has. `options` must outlive it. */
int load_init(const struct tracer_options *options, struct load *ret);
void load_done(struct load *load);

/* The same for the same programs with the same options on the same kernel. */
int load_fingerprint(const struct load *load, uint64_t *ret);

/* Loads the maps, and the programs whose hook has no error yet; those that are refused get one. */
int load_programs(struct load *load);
/* Loads only the maps. */
int load_maps(struct load *load);

/* The knobs for all objects of this tracer. */
void load_knobs(const struct load *load, struct knobs *ret);
const char *load_relocates_by(const struct load *load);

/* All objects are loaded. */
void load_ends(struct load *load);

/* Of what was loaded. */
struct bpf_object *load_object(const struct load *load);
struct bpf_program *load_program(const struct load *load, enum hook hook);

#endif
