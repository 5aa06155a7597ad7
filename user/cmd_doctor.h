/* SPDX-License-Identifier: BSD-2-Clause */
/* The rows of doctor: for people as they come, or all of them as one JSON object at the end. */
#ifndef KT_CMD_DOCTOR_H
#define KT_CMD_DOCTOR_H

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>

enum { DOCTOR_FULL = 0, DOCTOR_DEGRADED = 1, DOCTOR_CANNOT = 2 };

struct doctor {
	json_t *rows; /* NULL: for people */
	bool verbose; /* also what is no fault */
};

void doctor_row(const struct doctor *doctor, const char *state, const char *what,
		const char *format, ...) __attribute__((format(printf, 4, 5)));

/* What surrounds the tracer: cgroups, container runtimes, the agent and where it writes. Nothing of
 * it decides whether this kernel can be traced. */
void doctor_host(const struct doctor *doctor);

/* How full the ring buffer was, or is. `metrics`: the agent's, NULL: there are none;
 * `is_old`: they were not written lately; `runs`: an agent answers. */
void doctor_ring(const struct doctor *doctor, FILE *metrics, bool is_old, bool runs);

/* In a pod: whether the API server would take Kubernetes Events. */
void doctor_events(const struct doctor *doctor);

#endif
