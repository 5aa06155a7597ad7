// SPDX-License-Identifier: BSD-2-Clause
#include "source/settle.h"

void settle_look(struct settle *settle, uint64_t open, uint64_t now_ns)
{
	if (!settle_is_unsure(settle)) {
		settle->least = open;
		settle->since_ns = now_ns;
		return;
	}
	if (open < settle->least)
		settle->least = open;
	if (now_ns - settle->since_ns < SETTLE_NS)
		return;
	settle_end(settle);
	settle->least = open;
	settle->since_ns = now_ns;
}

bool settle_is_unsure(const struct settle *settle)
{
	return settle->least > settle->sure;
}

void settle_end(struct settle *settle)
{
	if (settle_is_unsure(settle))
		settle->sure = settle->least;
}
