/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Kubernetes Events about killed processes, on their pods and on this node, created and counted up
 * through the API server: 'kubectl describe pod' shows them.
 *
 * Only the last hour matters to a reader, so what the API server refuses is given up and counted,
 * and what it may take later is held as a number.
 */
#ifndef KT_KUBE_KUBE_H
#define KT_KUBE_KUBE_H

#include "kube/kube_account.h"
#include "outlet/outlet.h"

/* `account` must outlive it. NULL when out of memory. */
struct outlet *kube_new(const struct kube_account *account);

#endif
