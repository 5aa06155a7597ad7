// SPDX-License-Identifier: BSD-2-Clause
#include "sink/tally.h"

#include <inttypes.h>
#include <stdbool.h>

#include "base/text.h"

void tally_print(const struct tally *tally, FILE *file)
{
	bool printed[CAUSE_COUNT] = { false };
	uint64_t total = 0;

	for (int i = 0; i < CAUSE_COUNT; i++)
		total += tally->told[i];
	(void)fprintf(file, "killtrace: told %" PRIu64 " %s, left out %" PRIu64 "\n", total,
		      text_plural(total, "death", "deaths"), tally->hidden);
	if (tally->stuck)
		(void)fprintf(file,
			      "killtrace: %8" PRIu64 " %s killed and did not die for a while\n",
			      tally->stuck, text_plural(tally->stuck, "was", "were"));
	for (;;) {
		int most = -1;

		for (int i = 0; i < CAUSE_COUNT; i++)
			if (!printed[i] && tally->told[i] &&
			    (most < 0 || tally->told[i] > tally->told[most]))
				most = i;
		if (most < 0)
			break;
		printed[most] = true;
		(void)fprintf(file, "killtrace: %8" PRIu64 " %s\n", tally->told[most],
			      cause_name((enum cause)most));
	}
	if (!losses_any(&tally->losses))
		(void)fprintf(file, "killtrace: lost nothing\n");
	for (int i = 0; i < LOSS_COUNT; i++)
		if (tally->losses.count[i])
			(void)fprintf(file, "killtrace: lost %" PRIu64 " %s\n",
				      tally->losses.count[i],
				      loss_meaning((enum loss)i, tally->losses.count[i]));
}
