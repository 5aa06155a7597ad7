/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The live source: loads the BPF programs, attaches each hook by itself, and hands out what comes
 * through the ring buffer. A hook that is refused costs evidence, never the whole; only without
 * sched_process_exit there is nothing to tell.
 */
#ifndef KT_SOURCE_TRACER_H
#define KT_SOURCE_TRACER_H

#include <stdbool.h>
#include <stdint.h>

#include "source/frame.h"
#include "source/hooks.h"
#include "source/probe.h"

struct tracer;

/* How long a process that was killed may take to die before it is told as stuck. */
#define STUCK_AFTER_NS 10000000000ULL

struct tracer_options {
	const char *btf_path; /* NULL: the running kernel's */
	bool without[HOOK_COUNT];
	bool no_addresses;
	uint64_t runtime_window_ns;
};

enum tracer_failure {
	TRACER_NO_PRIVILEGE = 1, /* neither root nor CAP_BPF and CAP_PERFMON */
	TRACER_NO_BTF,
	TRACER_BAD_BTF,
	TRACER_REFUSED, /* the kernel refused the programs */
	TRACER_NO_EXIT, /* sched_process_exit could not be attached */
	TRACER_NO_MEMORY,
};

/* Whether the capabilities are there: the kernel can refuse all the same. */
bool tracer_may_trace(void);

/* 0, or -enum tracer_failure with errno telling more. On success *ret is to be freed. */
int tracer_start(const struct tracer_options *options, struct tracer **ret);

/* Detaches everything; the kernel forgets the programs with the last descriptor. */
void tracer_free(struct tracer *tracer);

/* One line that says what to do about a failure. */
const char *tracer_failure_text(int failure);

bool tracer_is_attached(const struct tracer *tracer, enum hook hook);

/* 0 where the hook is attached, else why not as -errno; 1 where it was not asked for. */
int tracer_hook_error(const struct tracer *tracer, enum hook hook);

const struct probe *tracer_probe(const struct tracer *tracer);

/* Readable when records wait. Owned by the tracer. */
int tracer_fd(const struct tracer *tracer);

/* Hands every waiting record to the receiver. 0, or the receiver's negative return. */
int tracer_drain(struct tracer *tracer, const struct frame_receiver *receiver);

/* Whether somebody was killed since tracer_tell_stuck() was called, and so may be stuck STUCK_AFTER_NS
 * later. Known when tracer_drain() has returned. */
bool tracer_has_doomed(const struct tracer *tracer);

/* Has the kernel tell of everybody who was killed STUCK_AFTER_NS ago and is not dead, each once: the
 * records wait to be drained. Only after tracer_has_doomed(). 0 and in *ret_again_ns when to look
 * again (0: when somebody is doomed), or -errno. */
int tracer_tell_stuck(struct tracer *tracer, uint64_t *ret_again_ns);

/* Totals since the start. A counter that cannot be read keeps its last value. True: there may be more
 * that is not sure yet, so look again a little later. The last look takes its time to find out. */
bool tracer_losses(struct tracer *tracer, bool last, struct losses *ret);

#endif
