/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Whose share of a bounded place a death takes. A holder is a tenant: a user, a namespace of
 * Kubernetes, all containers, all machines, all units of the system, or all other cgroups. Its
 * workloads are what the stable names say; of a unit and a cgroup, apart for the users that
 * processes ran as, in a few parts. Where room is short, the workload that takes most of the holder
 * that takes most gives way.
 *
 * Invariants: pure. The numbers are hashes that stand in databases and state files: a change of
 * what they are made of makes old and new deaths of one workload two. 0 is nobody's.
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
