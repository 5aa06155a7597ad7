/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Kills by workload and cause, for metrics: the name that people use for a thing that dies and
 * comes again, never a process or a container's id if there is a name.
 *
 * Invariants: at most WORKLOADS_MOST pairs of workload and cause. If there are more, the holder
 * with the most pairs gives one up: within its workload with the most pairs, the one that was
 * killed least recently. The kills of that pair are counted with those of all others. A pair is
 * removed some time after its last kill. Not thread-safe.
 */
#ifndef KT_METRICS_WORKLOADS_H
#define KT_METRICS_WORKLOADS_H

#include <stdint.h>

#include <jansson.h>

#include "attribute/attribution.h"
#include "attribute/share.h"
#include "explain/cause.h"

#define WORKLOADS_MOST 1000

enum workload_kind {
	WORKLOAD_KUBERNETES,
	WORKLOAD_CONTAINER,
	WORKLOAD_SYSTEMD,
	WORKLOAD_CGROUP,
	WORKLOAD_OTHER, /* all workloads for which there was no room */
	WORKLOAD_KINDS
};

struct workload {
	enum workload_kind kind;
	/* NULL if the kind has none; for a cgroup, `unit` is its path. */
	const char *namespace, *pod, *container, *unit;
	const char *user_unit; /* below `unit`; one label together: two users' units differ */
};

struct workloads;

/* NULL when out of memory. */
struct workloads *workloads_new(void);
void workloads_free(struct workloads *workloads);

/* The workload of the victim. The strings are those of the attribution and of `cgroup`. */
struct workload workload_of(const struct attribution *whose, const char *cgroup);

void workloads_count(struct workloads *workloads, const struct workload *workload,
		     const struct share *share, enum cause cause, int64_t realtime_ns);

/* How many pairs were given up for others. */
uint64_t workloads_trimmed(const struct workloads *workloads);

/* Forgets workloads whose last kill was before that time. */
void workloads_expire(struct workloads *workloads, int64_t before_ns);

/* Shows each workload and cause that has a kill. */
void workloads_each(const struct workloads *workloads,
		    void (*show)(void *context, const struct workload *workload, enum cause cause,
				 uint64_t kills, int64_t last_ns),
		    void *context);

const char *workload_kind_name(enum workload_kind kind);

/* For a file that outlives the agent: a new reference, NULL when out of memory. */
json_t *workloads_save(const struct workloads *workloads);

/* Entries in another form are left out. */
void workloads_load(struct workloads *workloads, const json_t *saved);

#endif
