// SPDX-License-Identifier: BSD-2-Clause
/* killtrace history: past deaths from the database that an agent writes. */
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/say.h"
#include "commands.h"
#include "pipeline.h"
#include "sink/history_lines.h"
#include "sink/history_read.h"
#include "sink/otlp_lines.h"
#include "sink/output.h"
#include "watch.h"

struct showing {
	enum output_format output;
	bool color;
	bool any;
	struct otlp_request request;
};

/* In one write, as the live stream does it: who reads a pipe gets whole lines. */
static int write_stored(const char *line)
{
	AUTO_FREE char *whole = NULL;
	int length = asprintf(&whole, "%s\n", line);

	return length < 0 ? -ENOMEM : output_write(STDOUT_FILENO, whole, (size_t)length);
}

/* What is no JSON was not written by us. */
static int write_otlp(struct showing *showing, const char *line)
{
	json_t *record = json_loads(line, 0, NULL);
	int error = record ? otlp_line_write(STDOUT_FILENO, &showing->request, record) : 0;

	json_decref(record);
	return error;
}

static int show(void *context, const char *line, int64_t realtime_ns)
{
	struct showing *showing = context;

	showing->any = true;
	if (showing->output == OUTPUT_JSON)
		return write_stored(line);
	if (showing->output == OUTPUT_OTLP)
		return write_otlp(showing, line);
	return history_lines_write(STDOUT_FILENO, showing->color, line, realtime_ns);
}

static void say_failure(const char *path, int failure, const struct history_reader *reader)
{
	switch (-failure) {
	case HISTORY_MISSING:
		say("no history at '%s': 'killtrace daemon --history' writes it", path);
		break;
	case HISTORY_NEWER:
		say("the history '%s' is of a newer killtrace, which can read it", path);
		break;
	case HISTORY_FOREIGN:
		say("'%s' is another program's database", path);
		break;
	default:
		say("cannot read the history '%s': %s", path, history_error(reader));
	}
}

static int read_all(struct history_reader *reader, const struct options *options)
{
	const struct history_query query = { &options->selection, options->since_ns,
					     options->until_ns, options->limit };
	struct showing showing = {
		.output = options->output,
		.color = pipeline_has_color(),
	};
	int result = history_read(reader, &query, show, &showing);

	otlp_request_done(&showing.request);
	if (result == HISTORY_FAILED) {
		say_failure(options->history, -HISTORY_UNREADABLE, reader);
		return EXIT_FAILED;
	}
	if (!result && !showing.any && options->output == OUTPUT_HUMAN)
		say("nothing in the history matches");
	return pipeline_exit_code(result);
}

int cmd_history(const struct options *options)
{
	struct history_reader *reader;
	int code = EXIT_FAILED, failure = history_open(options->history, &reader);

	watch_catch_signals(false);
	if (failure)
		say_failure(options->history, failure, reader);
	else
		code = read_all(reader, options);
	history_free(reader);
	return code;
}
