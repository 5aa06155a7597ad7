// SPDX-License-Identifier: BSD-2-Clause
/* killtrace replay FILE: tells a recording again, through every sink, without privileges. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/say.h"
#include "commands.h"
#include "pipeline.h"
#include "sink/output.h"
#include "source/recording.h"
#include "watch.h"

static int say_damage(const struct options *options, int failure, uint64_t offset)
{
	if (failure == -RECORDING_IO)
		say("'%s' cannot be read: %s", options->argument, strerror(errno));
	else
		say("'%s' %s (byte %" PRIu64 ")", options->argument,
		    recording_failure_text(failure), offset);
	return EXIT_FAILED;
}

int cmd_replay(const struct options *options)
{
	AUTO_FREE struct pipeline *pipeline = calloc(1, sizeof(*pipeline));
	struct frame_receiver receiver;
	uint64_t offset;
	int result;

	if (!pipeline) {
		say("out of memory");
		return EXIT_FAILED;
	}
	watch_catch_signals(false);
	pipeline->options = options;
	pipeline->sink = pipeline_new_sink(options);
	if (!pipeline->sink) {
		say("out of memory");
		return EXIT_FAILED;
	}
	receiver = pipeline_receiver(pipeline);
	result = recording_read(options->argument, &receiver, &output_stop, &pipeline->origin,
				&offset);
	sink_free(pipeline->sink);
	if (result <= -RECORDING_NOT_ONE)
		return say_damage(options, result, offset);
	return pipeline_exit_code(result);
}
