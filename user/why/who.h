/* SPDX-License-Identifier: BSD-2-Clause */
/* Processes and owners of a record, in words. */
#ifndef KT_WHY_WHO_H
#define KT_WHY_WHO_H

#include "why/why.h"

/* "shop/web-0, container app", "nginx.service". False: it has no owner with a name. */
bool who_put_owner(struct prose *prose, const json_t *record);

/* "python3 (pid 20889, 1 in the container)" */
void who_put_victim(struct prose *prose, const json_t *record);

/* "bash (pid 123, uid 0) in cron.service", of an object of the record that has a pid, such as the
 * sender. */
void who_put_process(struct prose *prose, const json_t *process);

/* What the owner's own people call it: the pod, the container or the unit; "process" without one. */
const char *who_kind(const json_t *record);

/* The unit whose manager can be asked about it: NULL: none, as in a container of a runtime.
 * `ret_is_user`: of a user's manager. */
const char *who_unit(const json_t *record, bool *ret_is_user);

#endif
