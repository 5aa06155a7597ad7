/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Those who were killed and do not die. A program that the kernel runs over all tasks, when it is told
 * to, looks for them in the dossiers and sends a record of each. It costs nothing until then.
 */
#ifndef KT_SOURCE_STUCK_H
#define KT_SOURCE_STUCK_H

#include <bpf/libbpf.h>
#include <stdbool.h>
#include <stdint.h>

struct stuck;

/* Of the tracer's own object, which must outlive what is loaded here. */
struct stuck_maps {
	const struct bpf_object *owner;
	int noticed_fd; /* that the reader knows of somebody doomed */
	int open_fd;    /* how many dossiers there are */
};

/* 0, or -errno when the kernel refuses. On success *ret is to be freed. */
int stuck_load(const struct stuck_maps *maps, const char *btf_path, bool no_addresses,
	       bool always_wake, struct stuck **ret);

/* Runs it. 0 and in *ret_again_ns the time until the next of the doomed may be stuck (0: there is
 * nobody), or -errno. */
int stuck_tell(struct stuck *stuck, uint64_t *ret_again_ns);

/* NULL is fine. */
void stuck_free(struct stuck *stuck);

#endif
