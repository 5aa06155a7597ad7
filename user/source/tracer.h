/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The live source: loads the BPF programs, attaches each hook by itself, and passes on what comes
 * through the ring buffer. A refused hook costs only its evidence; but without sched_process_exit
 * there is nothing to report.
 */
#ifndef KT_SOURCE_TRACER_H
#define KT_SOURCE_TRACER_H

#include <stdbool.h>
#include <stdint.h>

#include "source/frame.h"
#include "source/hooks.h"
#include "source/probe.h"

struct ledger;
struct tracer;

/* How long a process that was killed may take to die before it is reported as stuck. */
#define STUCK_AFTER_NS 10000000000ULL

enum pin_use {
	PIN_KEEP,     /* what is pinned belongs to us from now on */
	PIN_IF_ARMED, /* only what `killtrace arm` left, if no other process reads it */
	PIN_ARM,      /* leave it for the next reader */
};

struct tracer_options {
	const char *btf_path; /* NULL: the running kernel's */
	const char *pin;      /* folder; NULL: nowhere */
	enum pin_use pin_use;
	uint32_t ring_bytes; /* 0: the usual size */
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
	TRACER_PINS_BUSY, /* another process reads what is pinned there */
	TRACER_NO_PINS,   /* nothing can be pinned there */
};

/* Whether the capabilities are there; the kernel can still refuse. */
bool tracer_may_trace(void);

/* 0, or -enum tracer_failure with the reason in errno. On success *ret is to be freed. */
int tracer_start(const struct tracer_options *options, struct tracer **ret);

/* Detaches everything that is not pinned; the kernel forgets the programs with the last descriptor.
 */
void tracer_free(struct tracer *tracer);

/* The address of the kernel's table of the places of memory.stat's figures
 * (kallsyms_stats_places()): the programs need it from 6.10 on. */
void tracer_set_stats_places(const struct tracer *tracer, uint64_t address);

/* From here on, records of OOM kills by a memory limit get what the files of its cgroup say, if
 * these are visible below `host_root` (NULL: "/"). */
void tracer_look_at_limits(struct tracer *tracer, const char *host_root);

/* One line that says what to do about a failure, if pins have nothing to do with it. */
const char *tracer_failure_text(int failure);

bool tracer_is_attached(const struct tracer *tracer, enum hook hook);

/* 0 if the hook is attached, else the reason as -errno; 1 if it was not requested. */
int tracer_hook_error(const struct tracer *tracer, enum hook hook);

const struct probe *tracer_probe(const struct tracer *tracer);

/* Readable when records wait. Owned by the tracer. */
int tracer_fd(const struct tracer *tracer);

/* Passes every waiting record to the receiver, in the order of their sequences. 0, or the
 * receiver's negative return. */
int tracer_drain(struct tracer *tracer, const struct frame_receiver *receiver);

/* How many records the last tracer_drain() read, notices included. */
uint64_t tracer_drained(const struct tracer *tracer);

/* Whether records wait that must be read now: they fill a quarter of the ring buffer, or what
 * filled a limit is to be looked at. */
bool tracer_cannot_wait(const struct tracer *tracer);

/* Whether records have not been read yet, complete or not. While other programs are being replaced,
 * they come first. */
bool tracer_has_unread(const struct tracer *tracer);

/* The kernel need not say that records wait until then (CLOCK_BOOTTIME, 25 ms ahead at most): the
 * caller looks after it in any case. A record of a program that is held up meanwhile can come a
 * little later without a word. False: the kernel does it as often as is needed. */
bool tracer_nap(const struct tracer *tracer, uint64_t until_ns);

/* Programs of another build, or with other options, are being replaced: meanwhile, tracer_drain()
 * must be called every TRACER_STEP_MS. */
#define TRACER_STEP_MS 20
bool tracer_is_handing_over(const struct tracer *tracer);

/* NULL: nothing is pinned. Owned by the tracer. */
struct ledger *tracer_ledger(const struct tracer *tracer);

/* From here on a pinned ring buffer keeps what is read until tracer_release(); otherwise a record
 * is released when the receiver returns. */
void tracer_keep(struct tracer *tracer);

/* The record of this sequence is the first that is not yet safe with all that got it (0: all are
 * safe). What was read before it will not be read again. */
void tracer_release(struct tracer *tracer, uint64_t sequence);

/*
 * What has to be released from a crowded ring buffer to make room for new records: up to this
 * sequence, the oldest records that were read, and only as many as bring it below the mark; 0:
 * nothing. A working outlet wants the records from `needed` on (0: none): they are released only if
 * there is hardly any room left, and not even then if `patient`.
 */
uint64_t tracer_crowded(const struct tracer *tracer, uint64_t needed, bool patient);

/* The largest difference between the sequences of records that are there at one time. */
uint64_t tracer_room(const struct tracer *tracer);

/* The size of the ring buffer, and the most that was used of it at one time, in bytes. */
void tracer_fill(const struct tracer *tracer, uint64_t *ret_size, uint64_t *ret_highest);

/* No record that is there now has a greater sequence. */
uint64_t tracer_newest(const struct tracer *tracer);

/* All records with a smaller sequence have been read. */
uint64_t tracer_reached(const struct tracer *tracer);

/* The next tracer_drain() starts again at the record of this sequence, which is not released yet.
 */
void tracer_rewind(struct tracer *tracer, uint64_t sequence);

/* The result of the last tracer_losses() is safe too. */
void tracer_losses_are_safe(struct tracer *tracer);

/* Whether a process was killed since tracer_tell_stuck() was called, and so may be stuck
 * STUCK_AFTER_NS later. Known after tracer_drain() has returned. */
bool tracer_has_doomed(const struct tracer *tracer);

/* Makes the kernel report each process that was killed STUCK_AFTER_NS ago and is not dead, once:
 * the records wait to be drained. Only after tracer_has_doomed(). 0, with the time of the next look
 * in *ret_again_ns (0: when tracer_has_doomed() says so), or -errno. */
int tracer_tell_stuck(struct tracer *tracer, uint64_t *ret_again_ns);

/* Totals since the start, without what earlier agents have reported. A counter that cannot be read
 * keeps its last value. True: there may be more that is not certain yet, so look again a little
 * later. The last look waits to find out. */
bool tracer_losses(struct tracer *tracer, bool last, struct losses *ret);

#endif
