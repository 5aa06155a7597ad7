// SPDX-License-Identifier: BSD-2-Clause
/* killtrace replay FILE: tells a recording again, to stdout or to all that an agent writes to, without
 * privileges. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/say.h"
#include "commands.h"
#include "outlets.h"
#include "pipeline.h"
#include "sink/fanout.h"
#include "sink/output.h"
#include "source/recording.h"
#include "watch.h"

#define LOOK_US 2000
/* A disk or a collector that takes nothing for so long takes nothing. */
#define STANDSTILL_NS ((uint64_t)NS_PER_S * 10)
/* As an agent: what is left after the order to stop. */
#define PATIENCE_NS ((uint64_t)NS_PER_S * 5 / 4)

struct replay {
	struct pipeline pipeline;
	struct frame_receiver receiver; /* of the pipeline */
	struct metrics *metrics;
	bool to_outlets;
	bool stands_still; /* an outlet does, and what follows was not told */
};

static int say_damage(const struct options *options, int failure, uint64_t offset)
{
	if (failure == -RECORDING_IO)
		say("'%s' cannot be read: %s", options->argument, strerror(errno));
	else
		say("'%s' %s (byte %" PRIu64 ")", options->argument,
		    recording_failure_text(failure), offset);
	return EXIT_FAILED;
}

/* Not before the recording says whose it is: the counters are those of a boot. */
static int begin(struct replay *replay)
{
	struct pipeline *pipeline = &replay->pipeline;

	if (pipeline->sink)
		return 0;
	if (!replay->to_outlets) {
		pipeline->sink = pipeline_new_sink(pipeline->options);
		return pipeline->sink ? 0 : -ENOMEM;
	}
	replay->metrics = metrics_new(pipeline->origin.boot_id);
	pipeline->sink = replay->metrics ? sink_fanout_new(replay->metrics) : NULL;
	return pipeline->sink && outlets_add(pipeline->options, pipeline, replay->metrics, NULL)
		       ? 0
		       : -ENOMEM;
}

/* A recording is read faster than disks and collectors take it: until there is room, or all is written.
 * 0, FRAME_ENOUGH when an outlet stands still, or -EINTR. */
static int wait_for_outlets(struct replay *replay, bool all)
{
	struct sink *sink = replay->pipeline.sink;
	uint64_t waiting, before = UINT64_MAX, since_ns = 0;
	bool room;

	if (!replay->to_outlets || !sink)
		return 0;
	for (;;) {
		waiting = sink_fanout_waiting(sink, &room);
		if (all ? !waiting && !sink_fanout_first_unsafe(sink) : room)
			return 0;
		if (output_stop)
			return -EINTR;
		if (waiting < before)
			since_ns = clock_boottime_ns();
		else if (clock_boottime_ns() - since_ns > STANDSTILL_NS)
			return FRAME_ENOUGH;
		before = waiting;
		sink_fanout_wake(sink);
		(void)usleep(LOOK_US);
	}
}

static int get_ready(struct replay *replay)
{
	int result = begin(replay);

	if (!result)
		result = wait_for_outlets(replay, false);
	replay->stands_still = result == FRAME_ENOUGH;
	return result;
}

static int take_frame(void *context, const struct frame *frame)
{
	struct replay *replay = context;
	int result = get_ready(replay);

	return result ? result : replay->receiver.frame(&replay->pipeline, frame);
}

static int take_losses(void *context, const struct losses *losses, int64_t realtime_ns)
{
	struct replay *replay = context;
	int result = get_ready(replay);

	return result ? result : replay->receiver.losses(&replay->pipeline, losses, realtime_ns);
}

/* False: something was not written, and that was said. Does not return while a thread hangs that would use
 * what is freed here. */
static bool end(struct replay *replay)
{
	uint64_t lost = 0;

	if (replay->to_outlets && replay->pipeline.sink) {
		if (!replay->stands_still)
			(void)wait_for_outlets(replay, true);
		(void)sink_fanout_stop(replay->pipeline.sink, PATIENCE_NS, &lost);
	}
	if (replay->stands_still)
		say("the rest of '%s' was not told", replay->pipeline.options->argument);
	if (replay->to_outlets && replay->pipeline.sink && sink_fanout_hangs(replay->pipeline.sink))
		_exit(EXIT_FAILED);
	sink_free(replay->pipeline.sink);
	metrics_free(replay->metrics);
	return !lost && !replay->stands_still;
}

int cmd_replay(const struct options *options)
{
	AUTO_FREE struct replay *replay = calloc(1, sizeof(*replay));
	const struct frame_receiver receiver = { take_frame, take_losses, replay, false };
	uint64_t offset;
	int result, code;

	if (!replay) {
		say("out of memory");
		return EXIT_FAILED;
	}
	watch_catch_signals(false);
	replay->pipeline.options = options;
	replay->receiver = pipeline_receiver(&replay->pipeline);
	replay->to_outlets = outlets_wanted(options);
	if (!outlets_are_alone(options))
		return EXIT_FAILED;
	result = recording_read(options->argument, &receiver, &output_stop,
				&replay->pipeline.origin, &offset);
	code = result <= -RECORDING_NOT_ONE ? say_damage(options, result, offset)
					    : pipeline_exit_code(result);
	return end(replay) ? code : EXIT_FAILED;
}
