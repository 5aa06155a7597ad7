// SPDX-License-Identifier: BSD-2-Clause
/* killtrace trace: the live stream. */
#include <stdlib.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/say.h"
#include "commands.h"
#include "live.h"
#include "pipeline.h"
#include "reading.h"
#include "source/origin.h"
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

static int trace(const struct options *options, struct live *live, struct pipeline *pipeline)
{
	const struct frame_receiver receiver = pipeline_receiver(pipeline);
	const struct reading_of of = {
		.tracer = live->tracer,
		.receiver = &receiver,
		.duration_ns = options->duration_ns,
		.reader_fd = STDOUT_FILENO,
	};
	struct watch watch = { 0 };
	int result;

	pipeline->live = true;
	pipeline->symbols = live->symbols;
	pipeline->naming = live->naming;
	pipeline->parser = live->starter;
	pipeline->host_root = live->host_root;
	origin_read(options->node, &pipeline->origin);
	result = live_watch(live, &watch);
	if (!result)
		result = reading_run(&watch, &of);
	watch_done(&watch);
	return printing_exit_code(result);
}

static int trace_with_own(const struct options *options, struct pipeline *pipeline,
			  struct printing *printing)
{
	struct live live;
	int code = live_start(options, &live);

	if (code) {
		printing_end(printing);
		return code;
	}
	printing->leaves = tracer_ledger(live.tracer) != NULL;
	code = sum_up(pipeline, printing, trace(options, &live, pipeline));
	live_done(&live);
	return code;
}

int cmd_trace(const struct options *options)
{
	AUTO_FREE struct pipeline *pipeline = calloc(1, sizeof(*pipeline));
	struct printing printing;
	struct screen screen;
	int code;

	screen_of_stdout(&options->screen, false, &screen);
	if (!pipeline || !printing_begin(&printing, options->output, &screen, &pipeline->tally)) {
		say("cannot start the trace: out of memory");
		return EXIT_FAILED;
	}
	pipeline->options = options;
	pipeline->reports = printing_receiver(&printing);
	watch_catch_signals(false);
	if (!options->own && view_agent(options, pipeline, &code))
		return sum_up(pipeline, &printing, code);
	return trace_with_own(options, pipeline, &printing);
}
