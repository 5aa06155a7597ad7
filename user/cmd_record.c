// SPDX-License-Identifier: BSD-2-Clause
/* killtrace record FILE: raw kernel records into a file or a pipe, to be replayed later and
 * elsewhere. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "attribute/named_frame.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/say.h"
#include "base/text.h"
#include "commands.h"
#include "decode/decode.h"
#include "live.h"
#include "reading.h"
#include "base/output.h"
#include "source/origin.h"
#include "source/recording_write.h"
#include "stdout/printing.h"
#include "watch.h"

struct recorder {
	const struct options *options;
	const struct kallsyms *symbols;
	struct recording_writer *writer;
	unsigned long count;
	bool to_stdout;
	struct naming *naming;
	struct naming_troubles troubles; /* that were recorded */
	struct death death;              /* scratch, like the following */
	struct attribution whose;
	struct named_frame named;
};

static int record_losses(void *context, const struct losses *losses, int64_t realtime_ns)
{
	struct recorder *recorder = context;
	struct losses sum;

	naming_fresh_losses(recorder->naming, &recorder->troubles, &sum);
	losses_add(&sum, losses);
	if (!losses_any(&sum))
		return 0;
	for (int i = 0; i < LOSS_COUNT; i++)
		if (sum.count[i])
			say("lost %" PRIu64 " %s", sum.count[i],
			    loss_meaning((enum loss)i, sum.count[i]));
	return recording_write_losses(recorder->writer, &sum, realtime_ns);
}

/* Names of kernel functions and of containers are known only here and now, so they go into the
 * file. */
static int record_frame(void *context, const struct frame *frame)
{
	struct recorder *recorder = context;
	struct frame nameless = *frame;
	const struct frame *named = &nameless;
	int error;

	nameless.symbols = ""; /* none, and they must not be looked up */
	if (!decode_frame(frame, recorder->symbols, &recorder->death)) {
		attribution_read(&recorder->death, &recorder->whose);
		attribution_find_names(&recorder->whose, &recorder->death, recorder->naming);
		named = named_frame_make(&recorder->named, frame, &recorder->death,
					 &recorder->whose, recorder->options->tracer.no_addresses);
	}
	error = recording_write_frame(recorder->writer, named);
	if (error)
		return error;
	recorder->count += recorder->death.record.kind != KT_RECORD_STUCK;
	return recorder->options->count && recorder->count >= recorder->options->count
		       ? FRAME_ENOUGH
		       : 0;
}

/* Prints the last messages and returns the exit code. */
static int report_end(const struct recorder *recorder, int error)
{
	const char *name = recorder->options->argument;
	const char *deaths = text_plural(recorder->count, "death", "deaths");
	int code;

	if (recorder->to_stdout) {
		code = printing_exit_code(error);
		if (!code)
			say("recorded %lu %s", recorder->count, deaths);
		return code;
	}
	if (error) {
		say("recording to '%s' failed: %s; what was written is in '%s.partial'", name,
		    strerror(-error), name);
		return EXIT_FAILED;
	}
	say("recorded %lu %s to '%s'; see them with 'killtrace replay %s'", recorder->count, deaths,
	    name, name);
	return EXIT_DONE;
}

static int record(const struct options *options, struct live *live, struct recorder *recorder)
{
	const struct frame_receiver receiver = {
		.frame = record_frame,
		.losses = record_losses,
		.context = recorder,
	};
	const struct reading_of of = {
		.tracer = live->tracer,
		.receiver = &receiver,
		.duration_ns = options->duration_ns,
		.reader_fd = recorder->to_stdout ? STDOUT_FILENO : -1,
	};
	struct watch watch = { 0 };
	int result, error = 0;

	recorder->symbols = live->symbols;
	recorder->naming = live->naming;
	result = live_watch(live, &watch);
	if (!result)
		result = reading_run(&watch, &of);
	watch_done(&watch);
	if (result && result != FRAME_ENOUGH) {
		error = result;
		recording_abandon(recorder->writer);
	} else {
		error = recording_finish(recorder->writer);
	}
	return report_end(recorder, error);
}

/* For a stream: writes all of it or, after a failure, nothing more. */
static ssize_t write_stdout(void *cookie, const char *data, size_t size)
{
	int *error = cookie;

	if (!*error)
		*error = output_write(STDOUT_FILENO, data, size);
	errno = -*error;
	return *error ? 0 : (ssize_t)size;
}

static int create(struct recorder *recorder, const struct origin *origin)
{
	static int error;
	FILE *stream;

	if (!recorder->to_stdout)
		return recording_create(recorder->options->argument, origin, &recorder->writer);
	stream = fopencookie(&error, "w", (cookie_io_functions_t){ .write = write_stdout });
	recorder->writer = stream ? recording_create_stream(stream, origin) : NULL;
	return recorder->writer ? 0 : -ENOMEM;
}

int cmd_record(const struct options *options)
{
	AUTO_FREE struct recorder *recorder = calloc(1, sizeof(*recorder));
	struct origin origin;
	struct live live;
	int code, error;

	if (!recorder) {
		say("cannot start the recording: out of memory");
		return EXIT_FAILED;
	}
	recorder->options = options;
	recorder->to_stdout = !strcmp(options->argument, "-");
	if (recorder->to_stdout && isatty(STDOUT_FILENO)) {
		say("a recording is not written to a terminal: redirect it, or name a file");
		return EXIT_FAILED;
	}
	/* before a file is made, so that this is reported before any problem with the file */
	if (!tracer_may_trace()) {
		say("cannot trace: %s", tracer_failure_text(-TRACER_NO_PRIVILEGE));
		return EXIT_FAILED;
	}
	origin_read(options->node, &origin);
	error = create(recorder, &origin);
	if (error) {
		say("cannot record to '%s': %s", options->argument, strerror(-error));
		return EXIT_FAILED;
	}
	watch_catch_signals(false);
	code = live_start(options, &live);
	if (code) {
		recording_discard(recorder->writer);
		return code;
	}
	code = record(options, &live, recorder);
	live_done(&live);
	return code;
}
