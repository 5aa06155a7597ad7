/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * More looks at each exit, where tracepoints can be preempted (FEATURE_PREEMPTIBLE): the kernel skips a
 * program for one task while it is preempted in another, and the exit program is the one that matters.
 * Behind it stand two where nothing is preempted: at the signal to the parent, and where what is left of
 * a task that sent none is freed. Who comes first tells.
 */
#ifndef KT_SOURCE_EXIT_AGAIN_H
#define KT_SOURCE_EXIT_AGAIN_H

#include <bpf/libbpf.h>
#include <stdbool.h>
#include <stdint.h>

#include "source/pins.h"

struct exit_again;

/* As the exit program itself was loaded. */
struct exit_again_knobs {
	const char *btf_path;
	bool no_addresses;
	bool kernel_stack;
	uint64_t runtime_window_ns;
	bool pinned;
	uint32_t generation; /* the owner's */
};

/*
 * Loads and attaches what the kernel allows; what it refuses is said as a detail, and costs no more than
 * that misses are counted. After the exit program, whose object `owner` is and must outlive this: the
 * kernel calls them in the order of their attaching. Pinned where `at` says. NULL: nothing is attached.
 */
struct exit_again *exit_again_new(const struct bpf_object *owner,
				  const struct exit_again_knobs *knobs, const struct pinned_at *at);

/* NULL is fine. */
void exit_again_free(struct exit_again *again);

#endif
