// SPDX-License-Identifier: BSD-2-Clause
/* killtrace replay FILE: reports a recording again, to stdout or to every output of an agent,
 * without privileges. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/say.h"
#include "commands.h"
#include "destinations.h"
#include "pipeline.h"
#include "outlet/fanout.h"
#include "base/output.h"
#include "source/recording_read.h"
#include "stdout/printing.h"
#include "watch.h"

#define LOOK_US 2000
/* If a disk or a collector takes nothing for this long, it has failed. */
#define STANDSTILL_NS ((uint64_t)NS_PER_S * 10)
/* Like an agent: what is left after the request to stop. */
#define PATIENCE_NS ((uint64_t)NS_PER_S * 5 / 4)

struct replay {
	struct pipeline pipeline;
	struct frame_receiver receiver; /* of the pipeline */
	struct screen screen;
	struct printing printing; /* not with outlets */
	struct fanout *fanout;    /* with outlets, once it has begun */
	bool to_outlets, begun;
	bool can_stall;    /* the recording comes from a program that may still write it */
	bool stands_still; /* an outlet is stalled, and later deaths were not reported */
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

static bool begin_printing(struct replay *replay, const struct options *options)
{
	return printing_begin(&replay->printing, options->output, &replay->screen,
			      &replay->pipeline.tally) &&
	       (!options->fold || printing_fold(&replay->printing, UINT64_MAX));
}

/* Not before the recording says which node and boot it is from: counters belong to a boot. */
static int begin(struct replay *replay)
{
	struct pipeline *pipeline = &replay->pipeline;

	if (replay->begun)
		return 0;
	replay->begun = true;
	if (!replay->to_outlets) {
		pipeline->reports = printing_receiver(&replay->printing);
		return begin_printing(replay, pipeline->options) ? 0 : -ENOMEM;
	}
	pipeline->metrics = metrics_new(pipeline->origin.boot_id);
	replay->fanout = pipeline->metrics ? fanout_new(pipeline->metrics) : NULL;
	if (!replay->fanout ||
	    (pipeline->options->fold && !fanout_fold(replay->fanout, UINT64_MAX)))
		return -ENOMEM;
	pipeline->reports = fanout_receiver(replay->fanout);
	return destinations_add(pipeline->options, replay->fanout, pipeline->metrics,
				pipeline->origin.boot_id, NULL)
		       ? 0
		       : -ENOMEM;
}

/* A recording is read faster than disks and collectors accept it: waits until there is room, or
 * everything is written. 0, FRAME_ENOUGH if an outlet is stalled, or -EINTR. */
static int wait_for_outlets(struct replay *replay, bool all)
{
	uint64_t waiting, before = UINT64_MAX, since_ns = 0;
	bool room;

	if (!replay->fanout)
		return 0;
	for (;;) {
		waiting = fanout_waiting(replay->fanout, &room);
		if (all ? !waiting && !fanout_first_unsafe(replay->fanout) : room)
			return 0;
		if (output_stop)
			return -EINTR;
		if (waiting < before)
			since_ns = clock_boottime_ns();
		else if (clock_boottime_ns() - since_ns > STANDSTILL_NS)
			return FRAME_ENOUGH;
		before = waiting;
		fanout_wake(replay->fanout);
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

	if (!result)
		result = replay->receiver.frame(&replay->pipeline, frame);
	if (!result && replay->can_stall && !replay->to_outlets)
		result = printing_write(&replay->printing);
	return result;
}

static int take_losses(void *context, const struct losses *losses, int64_t realtime_ns)
{
	struct replay *replay = context;
	int result = get_ready(replay);

	if (!result)
		result = replay->receiver.losses(&replay->pipeline, losses, realtime_ns);
	if (!result && replay->can_stall && !replay->to_outlets)
		result = printing_write(&replay->printing);
	return result;
}

/* Standard input counts as a program's, whatever file has the name "-". */
static bool is_file(const char *path)
{
	struct stat st;

	return strcmp(path, "-") != 0 && !stat(path, &st) && S_ISREG(st.st_mode);
}

/* False: something was not written, and this was reported. Does not return while a thread hangs
 * that would use what is freed here. */
static bool end(struct replay *replay)
{
	uint64_t lost = 0;

	if (replay->fanout) {
		fanout_close_rows(replay->fanout);
		if (!replay->stands_still)
			(void)wait_for_outlets(replay, true);
		(void)fanout_stop(replay->fanout, PATIENCE_NS, &lost);
	}
	if (replay->stands_still)
		say("an output took nothing for %d s: the rest of '%s' was not reported; mend the "
		    "output and replay again",
		    (int)(STANDSTILL_NS / NS_PER_S), replay->pipeline.options->argument);
	if (replay->fanout && fanout_hangs(replay->fanout))
		_exit(EXIT_FAILED);
	fanout_free(replay->fanout);
	printing_end(&replay->printing);
	metrics_free(replay->pipeline.metrics);
	pipeline_forget(&replay->pipeline);
	return !lost && !replay->stands_still;
}

int cmd_replay(const struct options *options)
{
	AUTO_FREE struct replay *replay = calloc(1, sizeof(*replay));
	const struct frame_receiver receiver = { .frame = take_frame,
						 .losses = take_losses,
						 .context = replay };
	uint64_t offset;
	int result, code, finished;

	if (!replay) {
		say("cannot start the replay: out of memory");
		return EXIT_FAILED;
	}
	watch_catch_signals(false);
	screen_of_stdout(&options->screen, true, &replay->screen);
	replay->pipeline.options = options;
	pipeline_remember(&replay->pipeline);
	replay->receiver = pipeline_receiver(&replay->pipeline);
	replay->to_outlets = destinations_wanted(options);
	replay->can_stall = !is_file(options->argument);
	if (!destinations_have_folders(options) || !destinations_are_alone(options)) {
		pipeline_forget(&replay->pipeline);
		return EXIT_FAILED;
	}
	destinations_confine(options, false, NULL);
	result = recording_read(options->argument, &receiver, &output_stop,
				&replay->pipeline.origin, &offset);
	finished = replay->begun && !replay->to_outlets ? printing_finish(&replay->printing) : 0;
	/* what could not be written at the end is no matter of how reading ended */
	if (finished &&
	    (!result || result == FRAME_ENOUGH || (finished != -EPIPE && finished != -EINTR)))
		result = finished;
	code = result <= -RECORDING_NOT_ONE ? say_damage(options, result, offset)
					    : printing_exit_code(result);
	return end(replay) ? code : EXIT_FAILED;
}
