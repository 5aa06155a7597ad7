// SPDX-License-Identifier: BSD-2-Clause
/* killtrace daemon: the agent that feeds what operations already have, for months. */
#include <errno.h>
#include <malloc.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/confine.h"
#include "base/notify.h"
#include "base/say.h"
#include "commands.h"
#include "live.h"
#include "outlets.h"
#include "pipeline.h"
#include "sink/fanout.h"
#include "source/origin.h"
#include "watch.h"

/* What is gathered for one write or request goes back to the system after it; without a fixed size the
 * allocator would keep ever larger pieces for the next. */
#define LARGE_BYTES (64 << 10)
/* systemd gives 90 s, an administrator less: what cannot be written by then is counted. */
#define PATIENCE_NS ((uint64_t)NS_PER_S * 5 / 4)

static void reopen(void *context)
{
	sink_fanout_reopen(context);
}

static void feed_watchdog(void *context)
{
	(void)context;
	notify("WATCHDOG=1");
}

/* What is safe with all outlets need not be read again by another agent. */
static bool settle(void *context, struct tracer *tracer)
{
	const uint64_t first = sink_fanout_first_unsafe(context);
	const uint64_t risked = tracer_release(tracer, first);
	uint64_t behind;
	bool ready;

	sink_fanout_wake(context);
	if (risked)
		sink_fanout_risk(context, risked);
	if (!first)
		tracer_losses_are_safe(tracer);
	behind = sink_fanout_behind(context, &ready);
	if (behind && ready)
		tracer_rewind(tracer, behind);
	return behind != 0;
}

static int serve(const struct options *options, struct live *live, struct pipeline *pipeline)
{
	struct frame_receiver receiver = pipeline_receiver(pipeline);
	uint64_t first, lost;
	int result;

	receiver.later = true;
	pipeline->symbols = live->symbols;
	pipeline->naming = live->naming;
	confine_keep_memory();
	watch_add(reopen, feed_watchdog, settle, notify_watchdog_ns() / 2, pipeline->sink);
	notify("READY=1");
	result = watch_run(live->tracer, &receiver, options->duration_ns, -1);
	notify("STOPPING=1");
	first = sink_fanout_stop(pipeline->sink, PATIENCE_NS, &lost);
	pipeline->tally.losses.count[LOSS_OUTPUT] += lost;
	(void)tracer_release(live->tracer, first);
	if (!first)
		tracer_losses_are_safe(live->tracer);
	tally_print(&pipeline->tally, stderr);
	return pipeline_exit_code(result);
}

static int run(const struct options *options, struct pipeline *pipeline, struct metrics *metrics)
{
	struct live live;
	uint64_t lost;
	int code;

	pipeline->options = options;
	if (!pipeline->sink || !metrics) {
		say("out of memory");
		return EXIT_FAILED;
	}
	watch_catch_signals(true);
	if (!outlets_are_alone(options))
		return EXIT_FAILED;
	code = live_start(options, &live);
	if (code)
		return code;
	for (int i = 0; i < HOOK_COUNT; i++)
		metrics_set_hook(metrics, (enum hook)i,
				 tracer_is_attached(live.tracer, (enum hook)i));
	/* what dies meanwhile waits in the ring buffer */
	if (outlets_add(options, pipeline, metrics, live.tracer)) {
		code = serve(options, &live, pipeline);
	} else {
		say("out of memory");
		(void)sink_fanout_stop(pipeline->sink, 0, &lost);
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

	if (options->unpin)
		return cmd_disarm(options);
	if (!pipeline) {
		say("out of memory");
		return EXIT_FAILED;
	}
	(void)mallopt(M_MMAP_THRESHOLD, LARGE_BYTES);
	(void)mallopt(M_TRIM_THRESHOLD, LARGE_BYTES);
	origin_read(options->node, &pipeline->origin);
	metrics = metrics_new(pipeline->origin.boot_id);
	pipeline->sink = sink_fanout_new(metrics);
	code = run(options, pipeline, metrics);
	/* a thread that comes back now would use what is freed from here on */
	if (pipeline->sink && sink_fanout_hangs(pipeline->sink))
		_exit(code);
	sink_free(pipeline->sink);
	metrics_free(metrics);
	return code;
}
