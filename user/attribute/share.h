/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The share of a bounded space that a death takes. A holder is a tenant: a user, a namespace of
 * Kubernetes, all containers, all machines, all units of the system, or all other cgroups. Its
 * workloads are named by the stable names; those of a unit or a cgroup are split further, in a few
 * parts, by the users that processes ran as. If room is short, the workload that takes most gives
 * way, within the holder that takes most.
 *
 * Invariants: pure. The numbers are hashes that are kept in databases and state files: if their
 * input changes, old and new deaths of one workload count as two. 0 stands for no owner.
 */
#ifndef KT_ATTRIBUTE_SHARE_H
#define KT_ATTRIBUTE_SHARE_H

#include <stdint.h>

#include "attribute/attribution.h"

struct share {
	uint64_t holder, workload;
};

struct share share_of(const struct attribution *whose, const struct death *death, const char *node);

#endif
