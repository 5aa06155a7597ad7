/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The agent's counters, and their text form for Prometheus.
 *
 * All counters continue after a restart of the agent within one boot: metrics_load() takes the
 * output of metrics_save(). Thread-safe: the main thread counts, the textfile's thread reads.
 */
#ifndef KT_METRICS_METRICS_H
#define KT_METRICS_METRICS_H

#include <jansson.h>
#include <stdio.h>

#include "explain/report.h"
#include "source/hooks.h"
#include "source/losses.h"

struct metrics;

/* `boot_id`: counters of another boot are not loaded. NULL when out of memory. */
struct metrics *metrics_new(const char *boot_id);
void metrics_free(struct metrics *metrics);

void metrics_count_death(struct metrics *metrics, const struct report *report);
/* An ordinary end that is hidden by default; metrics_count_death() counts one that is not hidden
 * too. */
void metrics_count_hidden(struct metrics *metrics, const struct report *report);

void metrics_count_losses(struct metrics *metrics, const struct losses *losses);
void metrics_set_hook(struct metrics *metrics, enum hook hook, bool attached);
/* The size of the ring buffer, and the most of it that was used at one time since the agent began,
 * in bytes. Not written before they are set. */
void metrics_set_ring(struct metrics *metrics, uint64_t size, uint64_t highest);
/* Whether the process that reads names of containers and pods runs.
 * Not written before it is set. */
void metrics_set_container_reader(struct metrics *metrics, bool runs);
/* Totals of one outlet since the start of the agent; the counts of earlier agents of this boot are
 * added. */
void metrics_set_outlet(struct metrics *metrics, const char *name, uint64_t errors,
			uint64_t dropped);
/* What an outlet has ever written for good: deaths with a record of their own, and deaths in the
 * record of another. */
void metrics_set_written(struct metrics *metrics, const char *name, uint64_t reported,
			 uint64_t folded);
/* As earlier agents have saved it, before it is set; 0 if none has. */
void metrics_written(struct metrics *metrics, const char *name, uint64_t *ret_reported,
		     uint64_t *ret_folded);
/* oom_kill in /proc/vmstat; counting starts from the first value. */
void metrics_set_kernel_oom_kills(struct metrics *metrics, uint64_t total);

/* Prometheus' text format, version 0.0.4. Forgets expired workloads. */
void metrics_write(struct metrics *metrics, FILE *file);

/* Deaths with a greater sequence have other numbers than those to come, and say nothing about
 * these: an agent that pinned nothing may have counted them meanwhile. */
void metrics_forget_above(struct metrics *metrics, uint64_t newest);

/* A new reference, NULL when out of memory. */
json_t *metrics_save(struct metrics *metrics);
/* To be called before anything is counted. False: it is from another boot, or has another form. */
bool metrics_load(struct metrics *metrics, const json_t *saved);

#endif
