/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The BPF programs of this build, with one set of options. They are loaded and attached by this
 * process, and pinned if wanted; or they are reused as an earlier process pinned them.
 *
 * Programs that the kernel refuses are left out, each by itself. Functions give 0 or -errno.
 */
#ifndef KT_SOURCE_PROGRAMS_H
#define KT_SOURCE_PROGRAMS_H

#include <bpf/libbpf.h>
#include <stdbool.h>
#include <stdint.h>

#include "source/hooks.h"
#include "source/knobs.h"
#include "source/pins.h"
#include "source/probe.h"
#include "source/tracer.h"

struct programs;

/* Asks the kernel what it has. `options` must outlive it. */
int programs_new(const struct tracer_options *options, struct programs **ret);
/* Detaches what is not pinned. NULL is fine. */
void programs_free(struct programs *programs);

const struct probe *programs_probe(const struct programs *programs);

/* The knobs with which the other BPF objects of this tracer are loaded, too. */
void programs_knobs(const struct programs *programs, struct knobs *ret);
const char *programs_relocate_by(const struct programs *programs);
/* All other objects are loaded, and everything here is. */
void programs_are_loaded(struct programs *programs);

/* The same for the same programs with the same options on the same kernel. */
int programs_fingerprint(const struct programs *programs, uint64_t *ret);

/* Loads; the maps are pinned at `at`. */
int programs_load(struct programs *programs, const struct pinned_at *at);
/* Attaches what was loaded, sched_process_exit last, and pins it where the maps are. */
void programs_attach(struct programs *programs);
/* Instead of both: reuses a whole generation with the same fingerprint. */
int programs_adopt(struct programs *programs, const struct pinned_at *at);

bool programs_is_attached(const struct programs *programs, enum hook hook);
/* 0, the reason as -errno, or 1 if it was not requested. */
int programs_error(const struct programs *programs, enum hook hook);

/* With all maps. */
const struct bpf_object *programs_object(const struct programs *programs);
int programs_map(const struct programs *programs, const char *name);

/* How often the kernel ever skipped a program because it was already running. */
uint64_t programs_missed(const struct programs *programs, enum hook hook);

#endif
