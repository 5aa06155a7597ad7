/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Replaces names that are new for each run by a name for all runs: otherwise each would be a series
 * for a day.
 *
 * Invariants: pure; the name of something that is not a run stays as it is, and so does a template.
 */
#ifndef KT_METRICS_TRANSIENT_H
#define KT_METRICS_TRANSIENT_H

#include <stddef.h>

/* "run-u12.service" is "run-*.service", "session-3.scope" is "session-*.scope", and an instance
 * that is a connection is its template: "systemd-coredump@4-812-0.service" is
 * "systemd-coredump@.service". An instance that an administrator named stays:
 * "postgresql@14-main.service". */
void transient_unit(const char *unit, char *ret, size_t size);

/* "backup-29384723-x2x8z", a run of a CronJob, is "backup-*". */
void transient_pod(const char *pod, char *ret, size_t size);

#endif
