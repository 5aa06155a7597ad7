// SPDX-License-Identifier: BSD-2-Clause
#include "stdout/tally.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>

#include "base/say.h"
#include "base/text.h"

/* A process that is stuck has not died yet. */
void tally_count(struct tally *tally, const struct report *report)
{
	if (report->verdict.stuck) {
		tally->stuck++;
		return;
	}
	tally->told[report->verdict.cause]++;
	tally->deaths++;
}

void tally_take_back(struct tally *tally, enum cause cause, uint64_t deaths)
{
	if (cause == CAUSE_COUNT)
		return;
	tally->told[cause] -= deaths;
	tally->deaths -= deaths;
}

void tally_take_back_stuck(struct tally *tally)
{
	tally->stuck--;
}

void tally_count_hidden(struct tally *tally, const struct report *report, bool routine)
{
	if (report->verdict.stuck)
		return;
	if (routine)
		tally->routine++;
	else
		tally->filtered++;
}

static void say_total(const struct tally *tally)
{
	char routine[80] = "", filtered[80] = "";

	if (tally->routine)
		(void)snprintf(routine, sizeof(routine),
			       "; %" PRIu64 " routine %s hidden (--all shows %s)", tally->routine,
			       text_plural(tally->routine, "end", "ends"),
			       text_plural(tally->routine, "it", "them"));
	if (tally->filtered)
		(void)snprintf(filtered, sizeof(filtered), "; %" PRIu64 " %s not match the filters",
			       tally->filtered, text_plural(tally->filtered, "does", "do"));
	say("reported %" PRIu64 " %s%s%s", tally->deaths,
	    text_plural(tally->deaths, "death", "deaths"), routine, filtered);
}

void tally_say(const struct tally *tally)
{
	bool printed[CAUSE_COUNT] = { false };

	say_total(tally);
	if (tally->stuck)
		say("%8" PRIu64 " %s killed and did not die for a while", tally->stuck,
		    text_plural(tally->stuck, "was", "were"));
	for (;;) {
		int most = -1;

		for (int i = 0; i < CAUSE_COUNT; i++)
			if (!printed[i] && tally->told[i] &&
			    (most < 0 || tally->told[i] > tally->told[most]))
				most = i;
		if (most < 0)
			break;
		printed[most] = true;
		say("%8" PRIu64 " %s", tally->told[most], cause_name((enum cause)most));
	}
	if (tally->owners)
		owners_say(tally->owners);
	if (!losses_any(&tally->losses))
		say("lost nothing");
	for (int i = 0; i < LOSS_COUNT; i++)
		if (tally->losses.count[i])
			say("lost %" PRIu64 " %s", tally->losses.count[i],
			    loss_meaning((enum loss)i, tally->losses.count[i]));
}
