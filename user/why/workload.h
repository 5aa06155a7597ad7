/* SPDX-License-Identifier: BSD-2-Clause */
/* The workload of which a pod is a replica, concluded from the pod's name. */
#ifndef KT_WHY_WORKLOAD_H
#define KT_WHY_WORKLOAD_H

#include "why/why.h"

/* "deploy/web", as an argument of kubectl; refused if the name does not say it. */
void workload_put_argument(const json_t *record, struct prose *command);

/* "killtrace history …" with the filter that finds deaths of the same owner. */
void workload_put_history(const struct why *why, struct prose *command);

#endif
