// SPDX-License-Identifier: BSD-2-Clause
#include "kube/kube_rate.h"

#include <stddef.h>

static uint64_t wait_of(uint64_t full_ns, uint64_t interval_ns, unsigned int burst, uint64_t now_ns)
{
	const uint64_t earliest_ns = now_ns + (burst - 1) * interval_ns;

	return full_ns > earliest_ns ? full_ns - earliest_ns : 0;
}

static uint64_t after_one(uint64_t full_ns, uint64_t interval_ns, uint64_t now_ns)
{
	return (full_ns > now_ns ? full_ns : now_ns) + interval_ns;
}

uint64_t kube_rate_wait_ns(const struct kube_rate *rate, uint64_t pod_hash, uint64_t now_ns)
{
	uint64_t wait_ns = wait_of(rate->node_ns, KUBE_RATE_NODE_NS, KUBE_RATE_NODE_BURST, now_ns);

	for (size_t i = 0; i < KUBE_RATE_PODS; i++)
		if (rate->pods[i].hash == pod_hash) {
			const uint64_t pod_ns = wait_of(rate->pods[i].full_ns, KUBE_RATE_POD_NS,
							KUBE_RATE_POD_BURST, now_ns);

			return pod_ns > wait_ns ? pod_ns : wait_ns;
		}
	return wait_ns;
}

void kube_rate_take(struct kube_rate *rate, uint64_t pod_hash, uint64_t now_ns)
{
	struct kube_rate_pod *pod = &rate->pods[0];

	for (size_t i = 0; i < KUBE_RATE_PODS; i++) {
		if (rate->pods[i].hash == pod_hash) {
			pod = &rate->pods[i];
			break;
		}
		if (rate->pods[i].full_ns < pod->full_ns)
			pod = &rate->pods[i];
	}
	if (pod->hash != pod_hash)
		*pod = (struct kube_rate_pod){ .hash = pod_hash };
	pod->full_ns = after_one(pod->full_ns, KUBE_RATE_POD_NS, now_ns);
	rate->node_ns = after_one(rate->node_ns, KUBE_RATE_NODE_NS, now_ns);
}
