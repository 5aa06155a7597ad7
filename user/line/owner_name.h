/* SPDX-License-Identifier: BSD-2-Clause */
/* The nearest owner with a name, as one short word: "shop/web-0:app", "docker:web",
 * "nginx.service", "/path/of/cgroup". */
#ifndef KT_LINE_OWNER_NAME_H
#define KT_LINE_OWNER_NAME_H

#include "line/json_walk.h"

/* A path of a cgroup is the longest, and each of its bytes can take six here. */
#define OWNER_NAME_SIZE 1024

/* The same order as in the summary: pod, container, machine, Slurm job, unit, cgroup. "?": nothing
 * is known. Safe for a terminal. */
void owner_name_write(const struct json_walk_value *record, char ret_text[OWNER_NAME_SIZE]);

#endif
