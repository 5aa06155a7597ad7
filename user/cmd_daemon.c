// SPDX-License-Identifier: BSD-2-Clause
/* killtrace daemon: the agent that runs for months and feeds the tools that operators already have.
 */
#include <errno.h>
#include <malloc.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "attribute/named_frame.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/confine.h"
#include "base/notify.h"
#include "base/say.h"
#include "fold/fold.h"
#include "commands.h"
#include "listen/listener.h"
#include "live.h"
#include "destinations.h"
#include "pipeline.h"
#include "outlet/fanout.h"
#include "outlet/handback.h"
#include "reading.h"
#include "source/feed.h"
#include "source/origin.h"
#include "stdout/printing.h"
#include "watch.h"

/* Memory that was gathered for one write or request goes back to the system after it. Without a
 * fixed size the allocator would keep ever larger pieces for the next one. */
#define LARGE_BYTES (64 << 10)
/* systemd gives 90 s, an administrator less: what is not written by then is counted. */
#define PATIENCE_NS ((uint64_t)NS_PER_S * 5 / 4)

/* The data of the event loop. */
struct service {
	struct fanout *fanout;
	struct watch_client watchdog;
	uint64_t every_ns; /* 0: there is no watchdog */
};

static void reopen(void *context)
{
	fanout_reopen(((struct service *)context)->fanout);
}

static int feed_watchdog(void *context, short revents)
{
	struct service *service = context;

	(void)revents;
	notify("WATCHDOG=1");
	service->watchdog.due_ns = clock_boottime_ns() + service->every_ns;
	return 0;
}

/* An agent without a feed still works. */
static void start_feed(const struct options *options, const struct live *live,
		       struct pipeline *pipeline)
{
	char hooks[FEED_HOOKS_SIZE];
	int error = -ENOMEM;

	if (!options->socket)
		return;
	live_hooks(live->tracer, hooks, sizeof(hooks));
	pipeline->named = malloc(sizeof(*pipeline->named));
	if (pipeline->named)
		error = feed_start(options->socket, &pipeline->origin, hooks, !options->history,
				   &pipeline->feed);
	if (error)
		say("no live view for others at '%s': %s, ignoring", options->socket,
		    error == -EADDRINUSE ? "another agent uses it"
		    : error == -EEXIST   ? "it is not a socket"
					 : strerror(-error));
}

static void stop_feed(struct pipeline *pipeline)
{
	feed_stop(pipeline->feed);
	free(pipeline->named);
	pipeline->feed = NULL;
	pipeline->named = NULL;
}

struct settling {
	struct handback *handback;
	struct metrics *metrics;
};

static void note_fill(struct metrics *metrics, const struct tracer *tracer)
{
	uint64_t size, highest;

	tracer_fill(tracer, &size, &highest);
	metrics_set_ring(metrics, size, highest);
}

static int settle(void *context)
{
	const struct settling *settling = context;

	note_fill(settling->metrics, settling->handback->tracer);
	return handback_settle(settling->handback);
}

/* With everything that needs no separate end. Returns the same as reading_run(). */
static int read_until_end(const struct options *options, struct live *live,
			  struct pipeline *pipeline, struct handback *handback)
{
	const struct frame_receiver receiver = pipeline_receiver(pipeline);
	struct settling settling = { handback, pipeline->metrics };
	const struct reading_of of = {
		.tracer = live->tracer,
		.receiver = &receiver,
		.settle = settle,
		.settle_context = &settling,
		.duration_ns = options->duration_ns,
		.reader_fd = -1,
	};
	struct service service = {
		.fanout = handback->fanout,
		.watchdog = { .fd = -1, .ready = feed_watchdog, .hangup = reopen },
		.every_ns = notify_watchdog_ns() / 2,
	};
	struct watch watch = { 0 };
	int result;

	service.watchdog.context = &service;
	if (service.every_ns)
		service.watchdog.due_ns = clock_boottime_ns();
	result = watch_add(&watch, &service.watchdog);
	if (!result)
		result = live_watch(live, &watch);
	notify("READY=1");
	if (!result)
		result = reading_run(&watch, &of);
	notify("STOPPING=1");
	watch_done(&watch);
	return result;
}

static int serve(const struct options *options, struct live *live, struct pipeline *pipeline,
		 struct fanout *fanout)
{
	struct handback handback;
	uint64_t lost;
	int result;

	if (options->fold && !fanout_fold(fanout, tracer_room(live->tracer) / FOLD_SHARE))
		say("out of memory: equal deaths are not folded, ignoring");
	handback_begin(&handback, &handback_from_tracer, live->tracer, fanout);
	pipeline->handback = &handback;
	pipeline->reports = fanout_receiver(fanout);
	pipeline->live = true;
	pipeline->symbols = live->symbols;
	pipeline->naming = live->naming;
	pipeline->parser = live->starter;
	pipeline->host_root = live->host_root;
	confine_keep_memory();
	start_feed(options, live, pipeline);
	result = read_until_end(options, live, pipeline, &handback);
	stop_feed(pipeline);
	handback_end(&handback, PATIENCE_NS, &lost);
	pipeline->handback = NULL;
	pipeline->tally.losses.count[LOSS_OUTPUT] += lost;
	tally_say(&pipeline->tally);
	return printing_exit_code(result);
}

static void on_parser_end(void *context)
{
	metrics_set_container_reader(context, false);
}

/* An agent that cannot answer still works. */
static void start_listener(struct listener *listener)
{
	const int error = listener ? listener_start(listener) : 0;

	if (error)
		say("cannot answer requests for /metrics: %s, ignoring", strerror(-error));
}

static int run(const struct options *options, struct pipeline *pipeline, struct fanout *fanout,
	       struct listener *listener)
{
	struct live live;
	uint64_t lost;
	int code;

	watch_catch_signals(true);
	if (!destinations_have_folders(options) || !destinations_are_alone(options))
		return EXIT_FAILED;
	code = live_start(options, &live);
	if (code)
		return code;
	for (int i = 0; i < HOOK_COUNT; i++)
		metrics_set_hook(pipeline->metrics, (enum hook)i,
				 tracer_is_attached(live.tracer, (enum hook)i));
	note_fill(pipeline->metrics, live.tracer);
	metrics_set_container_reader(pipeline->metrics, live.naming != NULL);
	live.parser_ended = on_parser_end;
	live.parser_context = pipeline->metrics;
	/* deaths wait in the ring buffer meanwhile */
	if (destinations_add(options, fanout, pipeline->metrics, pipeline->origin.boot_id,
			     live.tracer)) {
		start_listener(listener);
		code = serve(options, &live, pipeline, fanout);
	} else {
		say("cannot start the agent: out of memory");
		(void)fanout_stop(fanout, 0, &lost);
		code = EXIT_FAILED;
	}
	live_done(&live);
	return code;
}

int cmd_daemon(const struct options *options)
{
	AUTO_FREE struct pipeline *pipeline = calloc(1, sizeof(*pipeline));
	struct listener *listener = NULL;
	struct fanout *fanout;
	int code = EXIT_FAILED;

	if (options->unpin)
		return cmd_disarm(options);
	if (!pipeline) {
		say("cannot start the agent: out of memory");
		return EXIT_FAILED;
	}
	(void)mallopt(M_MMAP_THRESHOLD, LARGE_BYTES);
	(void)mallopt(M_TRIM_THRESHOLD, LARGE_BYTES);
	pipeline->options = options;
	pipeline_remember(pipeline);
	origin_read(options->node, &pipeline->origin);
	pipeline->metrics = metrics_new(pipeline->origin.boot_id);
	fanout = fanout_new(pipeline->metrics);
	if (fanout && pipeline->metrics && options->listens)
		listener = listener_new(&options->listen, pipeline->metrics);
	if (fanout && pipeline->metrics && !options->listens == !listener)
		code = run(options, pipeline, fanout, listener);
	else
		say("cannot start the agent: out of memory");
	listener_stop(listener);
	/* a thread that continues now would use what is freed from here on */
	if (fanout && fanout_hangs(fanout))
		_exit(code);
	fanout_free(fanout);
	metrics_free(pipeline->metrics);
	pipeline_forget(pipeline);
	return code;
}
