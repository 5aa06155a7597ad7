/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Processes that were killed and do not die. On request, the kernel runs a program over all tasks
 * that looks for them in the dossiers and sends a record of each. It has no cost until then.
 */
#ifndef KT_SOURCE_STUCK_H
#define KT_SOURCE_STUCK_H

#include <bpf/libbpf.h>
#include <stdint.h>

#include "source/knobs.h"

struct stuck;

/* The maps of the tracer's own object, which must outlive what is loaded here. */
struct stuck_maps {
	const struct bpf_object *owner;
	int noticed_fd; /* whether the reader knows of a killed process */
	int open_fd;    /* how many dossiers there are */
};

/* 0, or -errno if the kernel refuses. On success *ret is to be freed. */
int stuck_load(const struct stuck_maps *maps, const char *btf_path, const struct knobs *knobs,
	       struct stuck **ret);

/* Runs it. 0, with the time until the next killed process may be stuck in *ret_again_ns (0: there
 * is none), or -errno. */
int stuck_tell(struct stuck *stuck, uint64_t *ret_again_ns);

/* NULL is fine. */
void stuck_free(struct stuck *stuck);

#endif
