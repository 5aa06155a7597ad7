/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the names of the kubelet's log folders say, whatever the runtime is:
 *
 *   /var/log/containers/POD_NAMESPACE_CONTAINER-ID.log
 *   /var/log/pods/NAMESPACE_POD_UID/
 *
 * Sources: kubelet's kuberuntime/legacy.go and kuberuntime/helpers.go. None of these names has an
 * underscore. Invariants: pure and total.
 */
#ifndef KT_ATTRIBUTE_KUBELET_LOGS_H
#define KT_ATTRIBUTE_KUBELET_LOGS_H

#include "attribute/names.h"

/* False: the file is not that container's log. */
bool kubelet_logs_match_container(const char *file, const char *id, struct names *ret);

/* False: the folder is not that pod's. */
bool kubelet_logs_match_pod(const char *folder, const char *uid, struct names *ret);

#endif
