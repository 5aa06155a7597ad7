// SPDX-License-Identifier: BSD-2-Clause
/* killtrace trace: the live stream. */
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/say.h"
#include "cmd_trace_own.h"
#include "commands.h"
#include "pipeline.h"
#include "stdout/printing.h"
#include "view.h"
#include "watch.h"

/* The printer ends before the summary is printed. */
static int sum_up(const struct pipeline *pipeline, struct printing *printing, int code)
{
	printing_end(printing);
	tally_say(&pipeline->tally);
	return code;
}

static int trace_with_own(const struct options *options, struct pipeline *pipeline,
			  struct printing *printing)
{
	bool began;
	const int code = trace_own(options, pipeline, printing, &began);

	if (began)
		return sum_up(pipeline, printing, code);
	printing_end(printing);
	return code;
}

int cmd_trace(const struct options *options)
{
	AUTO_FREE struct pipeline *pipeline = calloc(1, sizeof(*pipeline));
	struct printing printing;
	struct owners owners = { 0 };
	struct screen screen;
	int code;

	screen_of_stdout(&options->screen, false, &screen);
	if (!pipeline || !printing_begin(&printing, options->output, &screen, &pipeline->tally)) {
		say("cannot start the trace: out of memory");
		return EXIT_FAILED;
	}
	pipeline->options = options;
	pipeline->tally.owners = &owners;
	pipeline->reports = printing_receiver(&printing);
	pipeline_remember(pipeline);
	watch_catch_signals(false);
	if (!options->own && view_agent(options, pipeline, &printing, &code))
		code = sum_up(pipeline, &printing, code);
	else
		code = trace_with_own(options, pipeline, &printing);
	pipeline_forget(pipeline);
	owners_done(&owners);
	return code;
}
