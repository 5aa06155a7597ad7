/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * How many requests may go to the API server: of this node, and of each pod, so that one pod in a
 * crash loop neither floods the server nor uses up what the others may send.
 *
 * Each limit is a bucket (Generic Cell Rate Algorithm): a burst at once, then one request per
 * interval. Pods are known by a hash; the bucket that is idle for the longest time is used again.
 */
#ifndef KT_KUBE_KUBE_RATE_H
#define KT_KUBE_KUBE_RATE_H

#include <stdint.h>

#include "base/clock.h"

#define KUBE_RATE_NODE_BURST 30
#define KUBE_RATE_NODE_NS ((uint64_t)NS_PER_S)
#define KUBE_RATE_POD_BURST 10
#define KUBE_RATE_POD_NS (30 * (uint64_t)NS_PER_S)
#define KUBE_RATE_PODS 256

/* All zero at first. */
struct kube_rate {
	uint64_t node_ns; /* when the bucket is full again */
	struct kube_rate_pod {
		uint64_t hash; /* 0: free */
		uint64_t full_ns;
	} pods[KUBE_RATE_PODS];
};

/* How long a request about this pod must wait at the time `now_ns`; 0: it may be sent. */
uint64_t kube_rate_wait_ns(const struct kube_rate *rate, uint64_t pod_hash, uint64_t now_ns);

/* It is sent. */
void kube_rate_take(struct kube_rate *rate, uint64_t pod_hash, uint64_t now_ns);

#endif
