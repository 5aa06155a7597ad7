// SPDX-License-Identifier: BSD-2-Clause
#include "source/missed_exits.h"

#include <unistd.h>

#include "base/clock.h"
#include "source/lost_map.h"
#include "source/programs.h"

/* When tracing ends, open misses are looked at again this often. */
#define LAST_LOOKS 20
#define LAST_LOOK_US 10000

/* How often the exit program was skipped and no other program has seen that exit so far. Some tasks
 * were already exiting when it was attached: the other programs saw them, but it did not miss them.
 */
static uint64_t count_open(struct missed_exits *missed, const struct programs *programs)
{
	uint64_t rescued = 0, skipped;

	/* before the misses are read, so that it is never more than they are */
	lost_map_sum_one(programs_map(programs, "rescued"), 0, &rescued);
	skipped = programs_missed(programs, HOOK_SCHED_PROCESS_EXIT);
	if (rescued > skipped + missed->not_missed)
		missed->not_missed = rescued - skipped;
	return skipped + missed->not_missed - rescued;
}

static void look(struct missed_exits *missed, const struct programs *programs)
{
	settle_look(&missed->settle, count_open(missed, programs), clock_boottime_ns());
}

uint64_t missed_exits_look(struct missed_exits *missed, const struct programs *programs, bool last)
{
	look(missed, programs);
	if (last) {
		for (int i = 0; i < LAST_LOOKS && settle_is_unsure(&missed->settle); i++) {
			(void)usleep(LAST_LOOK_US);
			look(missed, programs);
		}
		settle_end(&missed->settle);
	}
	return missed->settle.sure;
}

bool missed_exits_are_unsure(const struct missed_exits *missed)
{
	return settle_is_unsure(&missed->settle);
}
