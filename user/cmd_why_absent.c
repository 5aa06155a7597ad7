// SPDX-License-Identifier: BSD-2-Clause
#include "cmd_why_absent.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/say.h"
#include "base/text.h"
#include "cmd_why_input.h"
#include "history/history_find.h"
#include "why/prose.h"

static void put_wanted(const struct options *options, char *ret, size_t size)
{
	if (options->argument && strcmp(options->argument, "-") != 0)
		(void)snprintf(ret, size, "No death of '%s'", options->argument);
	else
		(void)snprintf(ret, size, "No death");
}

int why_say_absent(const struct options *options, struct history_reader *reader)
{
	const int64_t now_ns = clock_realtime_offset_ns() + (int64_t)clock_boottime_ns();
	char wanted[256], input[WHY_INPUT_NAME_SIZE], clock[PROSE_SHORT_SIZE];
	void (*const tell)(const char *format, ...) __attribute__((format(printf, 1, 2))) =
		options->output == OUTPUT_HUMAN ? say_data : say;
	int64_t begins_ns = 0;
	uint64_t losses = 0, folded = 0;
	int error = history_begin(reader, &begins_ns);

	if (!error)
		error = history_losses(reader, begins_ns, &losses);
	if (!error)
		error = history_folded(reader, begins_ns, &folded);
	if (error)
		return why_input_failed(options, reader, error);
	put_wanted(options, wanted, sizeof(wanted));
	(void)why_input_name(options, input);
	if (!begins_ns)
		tell("%s in %s: it is empty.", wanted, input);
	else if (losses)
		tell("%s in %s, which begins at %s. Losses were reported %" PRIu64
		     " %s since then, so a death can be missing.",
		     wanted, input, prose_clock(begins_ns, now_ns, clock), losses,
		     text_plural(losses, "time", "times"));
	else
		tell("%s in %s, which begins at %s and has no losses. It does not say when an "
		     "agent ran.",
		     wanted, input, prose_clock(begins_ns, now_ns, clock));
	if (folded)
		tell("%" PRIu64 " %s only counted in rows of other deaths, so it can be one of "
		     "them; an agent with --no-fold keeps each.",
		     folded, text_plural(folded, "death is", "deaths are"));
	return EXIT_FAILED;
}
