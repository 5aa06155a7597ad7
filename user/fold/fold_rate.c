// SPDX-License-Identifier: BSD-2-Clause
#include "fold/fold_rate.h"

#include <stddef.h>

bool fold_rate_is_over(uint64_t begin_ns, uint64_t length_ns, uint64_t now_ns)
{
	return now_ns > begin_ns && now_ns - begin_ns >= length_ns;
}

static bool is_over(const struct fold_rate *rate, uint64_t now_ns)
{
	return fold_rate_is_over(rate->begin_ns, FOLD_WINDOW_NS, now_ns);
}

struct fold_rate *fold_rate_find(struct fold_rates *rates, uint64_t key, uint64_t now_ns)
{
	struct fold_rate *set = rates->rate[(key ^ key >> 32) % FOLD_RATE_SETS], *place = NULL;

	for (unsigned int i = 0; i < FOLD_RATE_WAYS; i++) {
		if (set[i].key == key) {
			place = &set[i];
			break;
		}
		if (!set[i].key || is_over(&set[i], now_ns))
			place = &set[i];
	}
	if (place && (place->key != key || is_over(place, now_ns)))
		*place = (struct fold_rate){ .key = key, .begin_ns = now_ns };
	return place;
}
