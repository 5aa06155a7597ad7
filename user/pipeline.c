// SPDX-License-Identifier: BSD-2-Clause
#include "pipeline.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/say.h"
#include "decode/decode.h"
#include "sink/human.h"
#include "sink/json.h"
#include "sink/otlp_lines.h"

/* What cannot be read has no time: it is told as of the one before, so that a replay tells the same
 * each time. */
static int count_undecodable(struct pipeline *pipeline, const struct frame *frame, int failure)
{
	struct losses one = { .count = { [LOSS_UNDECODABLE] = 1 } };

	say_detail("a record of %zu bytes is %s, ignoring", frame->record_size,
		   decode_failure_text(failure));
	return pipeline_tell_losses(
		pipeline, &one, pipeline->last_ns ? pipeline->last_ns : frame->realtime_offset_ns);
}

/* What could not be read while this death was attributed. */
static int tell_troubles(struct pipeline *pipeline)
{
	struct losses fresh;

	naming_fresh_losses(pipeline->naming, &pipeline->troubles, &fresh);
	return pipeline_tell_losses(pipeline, &fresh, pipeline->last_ns);
}

static void attribute(struct pipeline *pipeline, const struct frame *frame)
{
	attribution_read(&pipeline->death, &pipeline->whose);
	if (frame->names)
		attribution_read_names(&pipeline->whose, frame->names, frame->names_size);
	else
		attribution_find_names(&pipeline->whose, &pipeline->death, pipeline->naming);
}

/* Who is stuck has yet to die. */
static void count_told(struct pipeline *pipeline)
{
	if (pipeline->death.sequence <= pipeline->newest)
		return;
	pipeline->newest = pipeline->death.sequence;
	if (pipeline->report.verdict.stuck) {
		pipeline->tally.stuck++;
		return;
	}
	pipeline->tally.told[pipeline->report.verdict.cause]++;
	pipeline->told++;
}

static int take_frame(void *context, const struct frame *frame)
{
	struct pipeline *pipeline = context;
	const struct options *options = pipeline->options;
	int error = decode_frame(frame, pipeline->symbols, &pipeline->death);

	if (error)
		return count_undecodable(pipeline, frame, error);
	if (options->tracer.no_addresses)
		decode_hide_addresses(&pipeline->death);
	pipeline->last_ns =
		clock_realtime_ns(pipeline->death.record.time_ns, frame->realtime_offset_ns);
	attribute(pipeline, frame);
	report_make(&pipeline->origin, &pipeline->death, &pipeline->whose,
		    options->tracer.runtime_window_ns, &pipeline->report);
	if (!selection_takes(&options->selection, &pipeline->report)) {
		pipeline->tally.hidden += !pipeline->report.verdict.stuck &&
					  pipeline->death.sequence > pipeline->newest;
		return 0;
	}
	if (pipeline->output_gone) {
		pipeline->tally.losses.count[LOSS_OUTPUT]++;
		return 0;
	}
	error = pipeline->sink->ops->death(pipeline->sink, &pipeline->report);
	if (error) {
		pipeline->output_gone = true;
		if (!pipeline->leaves)
			pipeline->tally.losses.count[LOSS_OUTPUT]++;
		return error;
	}
	count_told(pipeline);
	error = tell_troubles(pipeline);
	if (error)
		return error;
	return options->count && pipeline->told >= options->count ? FRAME_ENOUGH : 0;
}

int pipeline_tell_losses(struct pipeline *pipeline, const struct losses *losses,
			 int64_t realtime_ns)
{
	if (!losses_any(losses))
		return 0;
	losses_add(&pipeline->tally.losses, losses);
	if (pipeline->output_gone)
		return 0;
	return pipeline->sink->ops->losses(pipeline->sink, &pipeline->origin, losses, realtime_ns);
}

static int take_losses(void *context, const struct losses *losses, int64_t realtime_ns)
{
	struct pipeline *pipeline = context;
	int error;

	pipeline->last_ns = realtime_ns;
	error = pipeline_tell_losses(pipeline, losses, realtime_ns);
	return error ? error : tell_troubles(pipeline);
}

struct frame_receiver pipeline_receiver(struct pipeline *pipeline)
{
	return (struct frame_receiver){
		.frame = take_frame,
		.losses = take_losses,
		.context = pipeline,
	};
}

bool pipeline_has_color(void)
{
	const char *refusal = getenv("NO_COLOR"), *terminal = getenv("TERM");

	/* no-color.org: empty, it says nothing */
	return isatty(STDOUT_FILENO) && !(refusal && *refusal) &&
	       !(terminal && !strcmp(terminal, "dumb"));
}

struct sink *pipeline_new_sink(const struct options *options)
{
	if (options->output == OUTPUT_JSON)
		return sink_json_new(STDOUT_FILENO);
	if (options->output == OUTPUT_OTLP)
		return sink_otlp_lines_new(STDOUT_FILENO);
	return sink_human_new(STDOUT_FILENO, pipeline_has_color());
}

int pipeline_exit_code(int result)
{
	if (!result || result == FRAME_ENOUGH || result == -EPIPE || result == -EINTR)
		return EXIT_DONE;
	say("cannot write the output: %s", strerror(-result));
	return EXIT_FAILED;
}
