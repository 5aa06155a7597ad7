/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The reason of a Kubernetes Event: a word of a fixed list, by which people and alerts select. The
 * manual page lists them, so none may change.
 */
#ifndef KT_KUBE_KUBE_REASON_H
#define KT_KUBE_KUBE_REASON_H

#include <stdbool.h>

#include "explain/cause.h"

/* Of an Event on the pod. `is_first`: it was process 1 of its container. `is_stuck`: it was killed
 * and is not dead. */
const char *kube_reason_of_pod(enum cause cause, bool is_first, bool is_stuck);

/* Of an Event on the node. NULL: this cause is no matter of the node. */
const char *kube_reason_of_node(enum cause cause);

#endif
