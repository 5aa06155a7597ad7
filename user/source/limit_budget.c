// SPDX-License-Identifier: BSD-2-Clause
#include "source/limit_budget.h"

#include "base/clock.h"

/* The OOM killer often takes two in a row: the first of them held next to nothing. */
#define FRESH_NS (100 * 1000000ULL)
#define LOOKS_IN_A_ROW 2

#define SPENT_MOST_NS (50 * 1000000ULL)

/* Of one cgroup: a quarter, but two looks while any are left: each can take more than that. */
#define LOOKS_OF_ONE (LIMIT_LOOKS_MOST / 4)
#define SPENT_BY_ONE_NS (SPENT_MOST_NS / 4)

struct used {
	unsigned int looks;
	uint64_t spent_ns;
};

static void add(struct used *used, uint64_t spent_ns)
{
	used->looks++;
	used->spent_ns += spent_ns;
}

bool limit_budget_allows(const struct limit_budget *budget, uint64_t cgroup_id, uint64_t now_ns)
{
	struct used all = { 0 }, one = { 0 };
	unsigned int in_a_row = 0;

	for (unsigned int i = 0; i < LIMIT_LOOKS_MOST; i++) {
		const uint64_t time_ns = budget->looks[i].time_ns;
		const bool is_its = budget->looks[i].cgroup_id == cgroup_id;

		if (!time_ns || time_ns > now_ns)
			continue;
		in_a_row += is_its && now_ns - time_ns <= FRESH_NS;
		if (time_ns / (uint64_t)NS_PER_S != now_ns / (uint64_t)NS_PER_S)
			continue;
		add(&all, budget->looks[i].spent_ns);
		if (is_its)
			add(&one, budget->looks[i].spent_ns);
	}
	if (all.looks >= LIMIT_LOOKS_MOST || all.spent_ns >= SPENT_MOST_NS ||
	    in_a_row >= LOOKS_IN_A_ROW)
		return false;
	return one.looks < LOOKS_IN_A_ROW ||
	       (one.looks < LOOKS_OF_ONE && one.spent_ns < SPENT_BY_ONE_NS);
}

void limit_budget_count(struct limit_budget *budget, uint64_t cgroup_id, uint64_t now_ns,
			uint64_t spent_ns)
{
	const unsigned int at = budget->next++ % LIMIT_LOOKS_MOST;

	budget->looks[at].cgroup_id = cgroup_id;
	budget->looks[at].time_ns = now_ns;
	budget->looks[at].spent_ns = spent_ns;
}
