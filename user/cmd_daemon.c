// SPDX-License-Identifier: BSD-2-Clause
/* killtrace daemon: the agent that feeds what operations already have, for months. */
#include <errno.h>
#include <malloc.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/confine.h"
#include "base/lock.h"
#include "base/notify.h"
#include "base/say.h"
#include "commands.h"
#include "live.h"
#include "pipeline.h"
#include "sink/fanout.h"
#include "sink/history.h"
#include "sink/history_db.h"
#include "sink/journal.h"
#include "sink/json_file.h"
#include "sink/otlp.h"
#include "sink/textfile.h"
#include "source/ledger.h"
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

static struct outlet *start_outlet(struct target *target, struct metrics *metrics,
				   const struct tracer *tracer)
{
	struct ledger *ledger = tracer_ledger(tracer);

	/* what an agent wrote that pinned nothing has numbers of its own */
	if (target && target->has > tracer_newest(tracer))
		target->has = 0;
	return outlet_start(target, metrics,
			    target && ledger ? ledger_sink(ledger, target->ops->name) : NULL);
}

/* False: out of memory. */
static bool add_outlets(const struct options *options, struct pipeline *pipeline,
			struct metrics *metrics, const struct tracer *tracer)
{
	struct target *targets[FANOUT_MOST];
	unsigned int count = 0;
	bool all = true;

	if (options->textfile)
		targets[count++] = textfile_new(options->textfile, metrics);
	if (options->journal)
		targets[count++] = journal_new(JOURNAL_SOCKET);
	if (options->json_file)
		targets[count++] = json_file_new(options->json_file, options->json_file_most,
						 pipeline->origin.boot_id);
	if (options->history)
		targets[count++] = history_new(options->history, &options->history_limits);
	if (options->otlp.url)
		targets[count++] =
			otlp_new(&options->otlp, options->otlp_queue, options->otlp_queue_most);
	metrics_forget_above(metrics, tracer_newest(tracer));
	for (unsigned int i = 0; i < count; i++)
		if (!sink_fanout_add(pipeline->sink, start_outlet(targets[i], metrics, tracer)))
			all = false;
	return all;
}

/* Two agents that write to one place would each tell half, or all twice. */
static bool is_alone(const struct options *options)
{
	const char *const places[] = { options->textfile, options->history, options->json_file };
	pid_t pid;

	if (options->history) /* the lock lies there too */
		history_make_folder(options->history);
	for (size_t i = 0; i < ARRAY_SIZE(places); i++) {
		if (!places[i] || !strcmp(places[i], "-") || lock_beside(places[i], &pid) != -EBUSY)
			continue;
		say("another agent (pid %d) writes to '%s': end it first, or write elsewhere",
		    (int)pid, places[i]);
		return false;
	}
	return true;
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
	if (!is_alone(options))
		return EXIT_FAILED;
	code = live_start(options, &live);
	if (code)
		return code;
	for (int i = 0; i < HOOK_COUNT; i++)
		metrics_set_hook(metrics, (enum hook)i,
				 tracer_is_attached(live.tracer, (enum hook)i));
	/* what dies meanwhile waits in the ring buffer */
	if (add_outlets(options, pipeline, metrics, live.tracer)) {
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
	sink_free(pipeline->sink);
	metrics_free(metrics);
	return code;
}
