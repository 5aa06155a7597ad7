/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * More looks at each exit, where tracepoints can be preempted (FEATURE_PREEMPTIBLE): the kernel
 * skips a program for one task while it is preempted in another, and the exit program is the one
 * that matters. Two more programs run later, where nothing is preempted: at the signal to the
 * parent, and where a task that sent no signal is freed. The first to see an exit reports it.
 */
#ifndef KT_SOURCE_EXIT_AGAIN_H
#define KT_SOURCE_EXIT_AGAIN_H

#include <bpf/libbpf.h>

#include "source/knobs.h"
#include "source/pins.h"

struct exit_again;

/*
 * Loads and attaches what the kernel allows. What it refuses is printed as a detail, and misses are
 * then only counted. Call it after the exit program is attached: the kernel calls programs in the
 * order in which they were attached. `owner` is the object of that program, and must outlive this.
 * `knobs` are those of the exit program. Pinned where `at` says. NULL: nothing is attached.
 */
struct exit_again *exit_again_new(const struct bpf_object *owner, const char *btf_path,
				  const struct knobs *knobs, const struct pinned_at *at);

/* NULL is fine. */
void exit_again_free(struct exit_again *again);

#endif
