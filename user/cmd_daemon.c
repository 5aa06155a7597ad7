// SPDX-License-Identifier: BSD-2-Clause
/* killtrace daemon: the agent that feeds what operations already have, for months. */
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/notify.h"
#include "base/say.h"
#include "commands.h"
#include "live.h"
#include "pipeline.h"
#include "sink/fanout.h"
#include "sink/history.h"
#include "sink/journal.h"
#include "sink/json_file.h"
#include "sink/otlp.h"
#include "sink/textfile.h"
#include "source/origin.h"
#include "watch.h"

/* systemd gives 90 s, an administrator less: what cannot be written by then is counted. */
#define PATIENCE_NS ((uint64_t)NS_PER_S * 3 / 2)

static void reopen(void *context)
{
	sink_fanout_reopen(context);
}

static void feed_watchdog(void *context)
{
	(void)context;
	notify("WATCHDOG=1");
}

/* False: out of memory. */
static bool add_outlets(const struct options *options, struct metrics *metrics, struct sink *sink)
{
	if (options->textfile &&
	    !sink_fanout_add(sink, outlet_start(textfile_new(options->textfile, metrics), metrics)))
		return false;
	if (options->journal &&
	    !sink_fanout_add(sink, outlet_start(journal_new(JOURNAL_SOCKET), metrics)))
		return false;
	if (options->json_file &&
	    !sink_fanout_add(
		    sink, outlet_start(json_file_new(options->json_file, options->json_file_most),
				       metrics)))
		return false;
	if (options->history &&
	    !sink_fanout_add(sink,
			     outlet_start(history_new(options->history, &options->history_limits),
					  metrics)))
		return false;
	if (options->otlp.url &&
	    !sink_fanout_add(sink, outlet_start(otlp_new(&options->otlp, options->otlp_queue,
							 options->otlp_queue_most),
						metrics)))
		return false;
	return true;
}

static int serve(const struct options *options, struct live *live, struct pipeline *pipeline)
{
	struct frame_receiver receiver = pipeline_receiver(pipeline);
	int result;

	pipeline->symbols = live->symbols;
	pipeline->naming = live->naming;
	watch_add(reopen, feed_watchdog, notify_watchdog_ns() / 2, pipeline->sink);
	notify("READY=1");
	result = watch_run(live->tracer, &receiver, options->duration_ns, -1);
	notify("STOPPING=1");
	sink_fanout_stop(pipeline->sink, PATIENCE_NS);
	tally_print(&pipeline->tally, stderr);
	return pipeline_exit_code(result);
}

static int run(const struct options *options, struct pipeline *pipeline, struct metrics *metrics)
{
	struct live live;
	int code;

	pipeline->options = options;
	if (!pipeline->sink || !metrics) {
		say("out of memory");
		return EXIT_FAILED;
	}
	code = live_start(options, &live);
	if (code)
		return code;
	for (int i = 0; i < HOOK_COUNT; i++)
		metrics_set_hook(metrics, (enum hook)i,
				 tracer_is_attached(live.tracer, (enum hook)i));
	/* what dies meanwhile waits in the ring buffer */
	if (add_outlets(options, metrics, pipeline->sink)) {
		code = serve(options, &live, pipeline);
	} else {
		say("out of memory");
		sink_fanout_stop(pipeline->sink, 0);
		code = EXIT_FAILED;
	}
	live_done(&live);
	return code;
}

int cmd_daemon(const struct options *options)
{
	AUTO_FREE struct pipeline *pipeline = calloc(1, sizeof(*pipeline));
	struct metrics *metrics;
	int code;

	if (!pipeline) {
		say("out of memory");
		return EXIT_FAILED;
	}
	origin_read(options->node, &pipeline->origin);
	metrics = metrics_new(pipeline->origin.boot_id);
	pipeline->sink = sink_fanout_new(metrics);
	code = run(options, pipeline, metrics);
	sink_free(pipeline->sink);
	metrics_free(metrics);
	return code;
}
