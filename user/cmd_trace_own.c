// SPDX-License-Identifier: BSD-2-Clause
#include "cmd_trace_own.h"

#include <unistd.h>

#include "base/say.h"
#include "fold/fold.h"
#include "live.h"
#include "reading.h"
#include "source/origin.h"
#include "watch.h"

/* What is read, until it is printed. */
struct reader {
	struct tracer *tracer;
	struct printing *printing;
	struct frame_receiver receiver; /* of the pipeline */
};

/* A pinned ring buffer keeps what is not printed yet for the next reader, and nothing else. */
static int take_frame(void *context, const struct frame *frame)
{
	const struct reader *reader = context;
	int result = reader->receiver.frame(reader->receiver.context, frame);

	if (!result && reader->printing->leaves)
		tracer_release(reader->tracer, printing_first_open(reader->printing));
	return result;
}

static int take_losses(void *context, const struct losses *losses, int64_t realtime_ns)
{
	const struct reader *reader = context;

	return reader->receiver.losses(reader->receiver.context, losses, realtime_ns);
}

static int settle(void *context)
{
	const struct reader *reader = context;
	int result = printing_reached(reader->printing, tracer_reached(reader->tracer));

	if (!result)
		result = printing_settle(reader->printing, tracer_newest(reader->tracer));
	if (result < 0)
		return result;
	tracer_release(reader->tracer, printing_first_open(reader->printing));
	tracer_losses_are_safe(reader->tracer);
	return result;
}

/* What waits in rows is printed now. Returns the same as reading_run(). */
static int finish(const struct reader *reader, int result)
{
	const int error = printing_finish(reader->printing);

	/* however reading ended: what was written must not be printed again */
	tracer_release(reader->tracer, printing_first_open(reader->printing));
	return error ? error : result;
}

static int trace(const struct options *options, struct live *live, struct pipeline *pipeline,
		 struct printing *printing)
{
	struct reader reader = { live->tracer, printing, pipeline_receiver(pipeline) };
	const struct frame_receiver receiver = { take_frame, take_losses, &reader };
	const struct reading_of of = {
		.tracer = live->tracer,
		.receiver = &receiver,
		.settle = settle,
		.settle_context = &reader,
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
	tracer_keep(live->tracer);
	if (tracer_ledger(live->tracer))
		printing_expect_waited(printing, tracer_newest(live->tracer), live->began_ns,
				       options->tracer.pin_use == PIN_KEEP ? "pinned" : "armed");
	result = live_watch(live, &watch);
	if (!result)
		result = reading_run(&watch, &of);
	result = finish(&reader, result);
	watch_done(&watch);
	return printing_exit_code(result);
}

static void fold(struct printing *printing, uint64_t span)
{
	if (!printing_fold(printing, span))
		say("out of memory: equal deaths are not folded, ignoring");
}

int trace_own(const struct options *options, struct pipeline *pipeline, struct printing *printing,
	      bool *ret_began)
{
	struct live live;
	int code = live_start(options, &live);

	*ret_began = !code;
	if (code)
		return code;
	printing->leaves = tracer_ledger(live.tracer) != NULL;
	if (options->fold)
		fold(printing, tracer_room(live.tracer) / FOLD_SHARE);
	code = EXIT_FAILED;
	if (printing_ready(printing, 0))
		code = trace(options, &live, pipeline, printing);
	live_done(&live);
	return code;
}
