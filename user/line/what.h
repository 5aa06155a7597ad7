/* SPDX-License-Identifier: BSD-2-Clause */
/* Whether a death is one of those that a person named with a single word. */
#ifndef KT_LINE_WHAT_H
#define KT_LINE_WHAT_H

#include <stdbool.h>

#include "line/reported.h"

/* `what` is a process id, a unit with or without its suffix, a pod as NAMESPACE/NAME or as its
 * workload, a container by name or by the start of its id, a machine, a cgroup's path, a
 * fingerprint, the name of a process, or an owner as rows show it: NAMESPACE/POD:CONTAINER,
 * RUNTIME:CONTAINER, machine:NAME. */
bool what_is(const char *what, const struct reported *reported);

#endif
