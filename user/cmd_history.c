// SPDX-License-Identifier: BSD-2-Clause
/* killtrace history: past deaths from the database that an agent writes. */
#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/say.h"
#include "base/text.h"
#include "cmd_history_parts.h"
#include "cmd_history_failure.h"
#include "commands.h"
#include "destinations.h"
#include "pipeline.h"
#include "history/history_find.h"
#include "history/history_read.h"
#include "line/json_tree.h"
#include "stdout/otlp_lines.h"
#include "stdout/pager.h"
#include "stdout/printing.h"
#include "stdout/table.h"
#include "base/output.h"
#include "line/record_read.h"
#include "watch.h"

struct showing {
	enum output_format output;
	struct table table; /* for people */
	uint64_t deaths;
	uint64_t folded; /* that are in rows of others, if a process was looked for in vain */
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

	if (!record) {
		showing->damaged++;
		return 0;
	}
	showing->deaths += json_object_get(record, "cause") != NULL;
	error = showing->output == OUTPUT_HUMAN ? table_record(&showing->table, record, realtime_ns)
						: write_record(showing, record);
	json_decref(record);
	return error;
}

/* How often to look for new rows. */
#define LOOK_MS 1000

/* Until a request to stop, or until the reader leaves. */
static int follow(struct history_reader *reader, struct history_query *query,
		  struct showing *showing)
{
	int error = 0;

	query->limit = 0;
	while (!error) {
		struct pollfd fds = { .fd = STDOUT_FILENO };
		const int ready = output_stop ? 0 : poll(&fds, 1, LOOK_MS);

		if (output_stop)
			return -EINTR;
		error = ready > 0 ? printing_reader(fds.revents) : 0;
		query->after = query->upto;
		query->upto = history_newest(reader);
		if (!error && query->upto > query->after)
			error = history_read(reader, query, show, showing);
	}
	return error;
}

static int show_rows(struct history_reader *reader, const struct options *options,
		     struct history_query *query, const struct screen *screen,
		     struct showing *showing)
{
	int result;

	table_begin(screen, &showing->table);
	if (options->follow)
		query->upto = history_newest(reader);
	result = history_read(reader, query, show, showing);
	if (options->follow && !result)
		result = follow(reader, query, showing);
	table_done(&showing->table);
	otlp_request_done(&showing->request);
	return result;
}

static void say_damage(const char *path, unsigned long damaged)
{
	if (damaged)
		say("%lu %s of the history '%s' %s not of a form that this killtrace knows, ignoring",
		    damaged, text_plural(damaged, "line", "lines"), path,
		    text_plural(damaged, "is", "are"));
}

/* For people: an answer is needed even if nothing was found, and the next question is near. */
static void say_end(const struct options *options, const struct screen *screen,
		    const struct showing *showing)
{
	if (!showing->deaths && options->past_day)
		say("nothing in the history matches in the last 24 hours; -S 7d looks further back");
	else if (!showing->deaths)
		say("nothing in the history matches");
	else if (screen->size_fd >= 0 && options->past_day)
		say("%" PRIu64 " %s in the last 24 hours; -S 7d looks further back, --group-by "
		    "owner counts",
		    showing->deaths, text_plural(showing->deaths, "death", "deaths"));
}

/* The pager ends first: messages would be on its screen. */
static int end(const struct options *options, const struct screen *screen,
	       const struct showing *showing, struct pager *pager, int result)
{
	pager_end(pager);
	if (result == HISTORY_FAILED)
		return EXIT_FAILED;
	say_damage(options->history, showing->damaged);
	if (result || options->output != OUTPUT_HUMAN || showing->damaged)
		return printing_exit_code(result);
	say_end(options, screen, showing);
	if (!showing->deaths && showing->folded)
		say("%" PRIu64 " %s only counted in rows of other deaths and can be among them; an "
		    "agent with --no-fold keeps each",
		    showing->folded, text_plural(showing->folded, "death is", "deaths are"));
	return showing->deaths ? EXIT_DONE : EXIT_FAILED;
}

static int browse(struct history_reader *reader, const struct options *options,
		  const struct screen *screen, struct pager *pager)
{
	struct showing showing = { .output = options->output };
	struct history_query query = {
		.selection = &options->selection,
		.since_ns = options->since_ns,
		.until_ns = options->until_ns,
		.limit = options->limit,
		.newest_first = options->newest_first,
	};
	struct history_grep *grep = NULL;
	int result;

	if (options->grep) {
		grep = history_grep_new(options->grep);
		if (!grep)
			return EXIT_USAGE;
		query.also = history_grep_matches;
		query.also_context = grep;
	}
	if (options->group_by == GROUP_BY_NOTHING)
		result = show_rows(reader, options, &query, screen, &showing);
	else
		result = history_show_groups(reader, options, &query, screen, &showing.deaths);
	history_grep_free(grep);
	if (!result && !showing.deaths && (options->selection.pid || options->selection.comm))
		result = history_folded(reader, options->since_ns, &showing.folded);
	showing.damaged += history_damaged(reader);
	if (result == HISTORY_FAILED)
		history_say_failure(options->history, -HISTORY_UNREADABLE, reader);
	return end(options, screen, &showing, pager, result);
}

int cmd_history(const struct options *options)
{
	struct pager pager = { .pid = -1, .terminal_fd = -1 };
	struct history_reader *reader;
	int code = EXIT_FAILED, failure;
	struct screen screen;

	screen_of_stdout(&options->screen, true, &screen);
	if (options->output == OUTPUT_HUMAN && !options->follow && !options->no_pager)
		pager_begin(&pager);
	if (pager.terminal_fd >= 0)
		screen.size_fd = pager.terminal_fd;
	watch_catch_signals(false);
	destinations_confine(options, false, NULL);
	failure = history_open(options->history, &reader);
	if (failure)
		history_say_failure(options->history, failure, reader);
	else
		code = browse(reader, options, &screen, &pager);
	pager_end(&pager);
	history_free(reader);
	return code;
}
