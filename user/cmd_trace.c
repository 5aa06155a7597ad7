// SPDX-License-Identifier: BSD-2-Clause
/* killtrace trace: the live stream. */
#include <stdlib.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/say.h"
#include "commands.h"
#include "live.h"
#include "pipeline.h"
#include "source/origin.h"
#include "watch.h"

static int trace(const struct options *options, struct live *live, struct pipeline *pipeline)
{
	struct frame_receiver receiver = pipeline_receiver(pipeline);
	int result;

	pipeline->options = options;
	pipeline->symbols = live->symbols;
	pipeline->naming = live->naming;
	pipeline->leaves = tracer_ledger(live->tracer) != NULL;
	pipeline->sink = pipeline_new_sink(options);
	if (!pipeline->sink) {
		say("out of memory");
		return EXIT_FAILED;
	}
	origin_read(options->node, &pipeline->origin);
	result = watch_run(live->tracer, &receiver, options->duration_ns, STDOUT_FILENO);
	sink_free(pipeline->sink);
	tally_print(&pipeline->tally, stderr);
	return pipeline_exit_code(result);
}

int cmd_trace(const struct options *options)
{
	AUTO_FREE struct pipeline *pipeline = calloc(1, sizeof(*pipeline));
	struct live live;
	int code;

	if (!pipeline) {
		say("out of memory");
		return EXIT_FAILED;
	}
	watch_catch_signals(false);
	code = live_start(options, &live);
	if (code)
		return code;
	code = trace(options, &live, pipeline);
	live_done(&live);
	return code;
}
