// SPDX-License-Identifier: BSD-2-Clause
/* killtrace history: past deaths from the database that an agent writes. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/say.h"
#include "base/text.h"
#include "commands.h"
#include "destinations.h"
#include "pipeline.h"
#include "history/history_read.h"
#include "line/json_tree.h"
#include "stdout/otlp_lines.h"
#include "stdout/printing.h"
#include "stdout/table.h"
#include "base/output.h"
#include "line/record_read.h"
#include "watch.h"

struct showing {
	enum output_format output;
	struct table table; /* for people */
	bool any;
	unsigned long damaged;
	struct otlp_request request;
};

/* In one write, like the live stream: the reader of a pipe gets whole lines. */
static int write_record(struct showing *showing, const json_t *record)
{
	AUTO_FREE char *line = json_tree_line(record);

	if (!line)
		return -ENOMEM;
	if (showing->output == OUTPUT_OTLP)
		return otlp_line_write(STDOUT_FILENO, &showing->request, line, strlen(line));
	return output_write(STDOUT_FILENO, line, strlen(line));
}

/* A database is a file that may be foreign: its lines are made again, not copied. */
static int show(void *context, const char *line, int64_t realtime_ns)
{
	struct showing *showing = context;
	json_t *record = record_read(line);
	int error;

	showing->any = true;
	if (!record) {
		showing->damaged++;
		return 0;
	}
	error = showing->output == OUTPUT_HUMAN ? table_record(&showing->table, record, realtime_ns)
						: write_record(showing, record);
	json_decref(record);
	return error;
}

static void say_failure(const char *path, int failure, const struct history_reader *reader)
{
	switch (-failure) {
	case HISTORY_MISSING:
		say("no history at '%s': an agent with 'killtrace daemon --history' writes it",
		    path);
		break;
	case HISTORY_NEWER:
		say("the history '%s' was written by a newer killtrace: read it with that one",
		    path);
		break;
	case HISTORY_FOREIGN:
		say("'%s' is another program's database, or was made to look like a history; "
		    "name one that 'killtrace daemon --history' wrote",
		    path);
		break;
	default:
		say("cannot read the history '%s': %s; if it is damaged, move it away, and "
		    "'killtrace daemon --history' begins a new one",
		    path, history_error(reader));
	}
}

static int read_all(struct history_reader *reader, const struct options *options,
		    const struct screen *screen)
{
	const struct history_query query = { &options->selection, options->since_ns,
					     options->until_ns, options->limit };
	struct showing showing = {
		.output = options->output,
	};
	int result;

	table_begin(screen, &showing.table);
	result = history_read(reader, &query, show, &showing);
	table_done(&showing.table);
	otlp_request_done(&showing.request);
	if (result == HISTORY_FAILED) {
		say_failure(options->history, -HISTORY_UNREADABLE, reader);
		return EXIT_FAILED;
	}
	showing.damaged += history_damaged(reader);
	if (showing.damaged)
		say("%lu %s of the history '%s' %s not of a form that this killtrace knows, ignoring",
		    showing.damaged, text_plural(showing.damaged, "line", "lines"),
		    options->history, text_plural(showing.damaged, "is", "are"));
	if (!result && !showing.any && !showing.damaged && options->output == OUTPUT_HUMAN)
		say("nothing in the history matches");
	return printing_exit_code(result);
}

int cmd_history(const struct options *options)
{
	struct history_reader *reader;
	int code = EXIT_FAILED, failure;
	struct screen screen;

	screen_of_stdout(&options->screen, true, &screen);
	watch_catch_signals(false);
	destinations_confine(options, false, NULL);
	failure = history_open(options->history, &reader);
	if (failure)
		say_failure(options->history, failure, reader);
	else
		code = read_all(reader, options, &screen);
	history_free(reader);
	return code;
}
