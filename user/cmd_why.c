// SPDX-License-Identifier: BSD-2-Clause
/* killtrace why [WHAT]: explains one death from its stored record. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/output.h"
#include "base/say.h"
#include "cmd_why_beside.h"
#include "cmd_why_choose.h"
#include "cmd_why_input.h"
#include "cmd_why_text.h"
#include "commands.h"
#include "destinations.h"
#include "line/json_tree.h"
#include "stdout/printing.h"
#include "symbols/symbols.h"
#include "watch.h"
#include "why/as_json.h"
#include "why/past.h"
#include "why/why.h"

/* To be freed; NULL when out of memory. */
static char *json_of(const struct explanation *explanation, const json_t *record)
{
	json_t *tree = as_json(explanation, record);
	char *line = tree ? json_tree_line(tree) : NULL;

	json_decref(tree);
	return line;
}

static int print(const struct options *options, const struct explanation *explanation,
		 const json_t *record)
{
	AUTO_FREE char *text = options->output == OUTPUT_JSON ? json_of(explanation, record)
							      : why_text_of(options, explanation);

	if (!text || explanation->failed)
		return printing_exit_code(-ENOMEM);
	return printing_exit_code(output_write(STDOUT_FILENO, text, strlen(text)));
}

/* A ticket is read on another day, and elsewhere: its times are in full. */
static int64_t now_for(const struct options *options)
{
	return options->output == OUTPUT_HUMAN
		       ? clock_realtime_offset_ns() + (int64_t)clock_boottime_ns()
		       : 0;
}

/* An explanation without them is still one. To be freed; NULL: none. */
static struct symbols *look_up(struct symbols_finder *finder, const json_t *record)
{
	struct symbols *symbols = NULL;
	const int error = finder ? symbols_of_record(finder, record, &symbols) : 0;

	if (error == -ENOPKG)
		say("no functions and lines: libdw is missing; install elfutils' libdw1");
	else if (error)
		say("no functions and lines: %s, ignoring", strerror(-error));
	return symbols;
}

static int explain(const struct options *options, struct history_reader *reader,
		   const json_t *record, struct beside *beside, struct symbols_finder *finder)
{
	AUTO_FREE struct symbols *symbols = NULL;
	const struct beside_answer *found;
	struct explanation explanation;
	struct why_past past = { 0 };
	struct why why;
	int code, error;

	if (!why_of_record(record, now_for(options), &why)) {
		say("cannot explain the record: it has a cause that this killtrace does not know; "
		    "read it with the killtrace that wrote it");
		return EXIT_FAILED;
	}
	if (why_input_is_history(options))
		why.history = options->history;
	error = past_read(reader, &why, &past);
	if (error)
		return why_input_failed(options, reader, error);
	/* a recording, or a few lines, do not say what went before */
	if (!why_input_is_history(options) && past.same.deaths == 1)
		past.same.deaths = 0;
	why.past = &past;
	found = beside_ask(beside, record);
	why.settings = found ? &found->settings : NULL;
	symbols = look_up(finder, record);
	why.symbols = symbols;
	why_explain(&why, &explanation);
	code = print(options, &explanation, record);
	explanation_done(&explanation);
	past_done(&past);
	return code;
}

static struct symbols_finder *start_finder(const struct options *options,
					   const struct symbols_options *symbols)
{
	struct symbols_finder *finder = NULL;
	const int error = options->no_symbols ? 0 : symbols_finder_start(symbols, &finder);

	if (error)
		say("no functions and lines: %s, ignoring", strerror(-error));
	return finder;
}

int cmd_why(const struct options *options)
{
	const char *const extra[] = { options->symbols, NULL };
	const struct symbols_options symbols = { .root = options->host_root, .extra = extra };
	struct symbols_finder *finder = start_finder(options, &symbols);
	struct history_reader *reader;
	struct beside beside;
	json_t *record;
	int code = EXIT_FAILED;

	if (!why_input_ask_agent(options)) {
		symbols_finder_stop(finder);
		return EXIT_FAILED;
	}
	beside_start(&beside);
	watch_catch_signals(false);
	destinations_confine(options, false, NULL);
	reader = why_input_open(options, &code);
	record = reader ? why_choose(options, reader, &code) : NULL;
	if (record)
		code = explain(options, reader, record, &beside, finder);
	symbols_finder_stop(finder);
	json_decref(record);
	history_free(reader);
	beside_end(&beside);
	return code;
}
