/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The kubelet's names for the cgroups of its pods, with both of its cgroup drivers.
 *
 *   cgroupfs  …/kubepods[/burstable|/besteffort]/podUID
 *   systemd   …/[PARENT-]kubepods[-burstable|-besteffort]-podUID.slice, dashes of the uid as '_'
 *
 * PARENT comes from --cgroup-root ("kubelet" in kind). Guaranteed pods have no level of their own.
 */
#ifndef KT_ATTRIBUTE_KUBE_POD_H
#define KT_ATTRIBUTE_KUBE_POD_H

#include "attribute/span.h"

struct kube_pod {
	struct span uid;
	/* Empty if the path begins below the level that shows it. */
	const char *qos;
};

bool kube_pod_match(struct span component, struct span parent, struct kube_pod *ret);

#endif
