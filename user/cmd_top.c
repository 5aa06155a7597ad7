// SPDX-License-Identifier: BSD-2-Clause
/* killtrace top: owners and their deaths, full screen. */
#include <stdio.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/output.h"
#include "base/say.h"
#include "base/text.h"
#include "cmd_history_failure.h"
#include "cmd_top_aside.h"
#include "cmd_top_past.h"
#include "cmd_top_screen.h"
#include "cmd_trace_own.h"
#include "commands.h"
#include "destinations.h"
#include "pipeline.h"
#include "stdout/printing.h"
#include "top/feeder.h"
#include "top/terminal.h"
#include "view.h"
#include "watch.h"

#define SOURCE_SIZE 512
#define PATH_SHOWN 256

struct top {
	const struct options *options;
	struct top_model *model;
	struct aside aside;
	struct screen screen; /* for times and colours */
	struct pipeline *pipeline;
	struct printing printing;
	struct top_screen *shown;
	char source[SOURCE_SIZE];
};

/* What it cannot show, another command can. */
static int say_no_terminal(int failure)
{
	static const char instead[] =
		"use 'killtrace', or 'killtrace history -f', which print rows anywhere";
	const char *name = getenv("TERM");

	switch (-failure) {
	case TERMINAL_NO_OUTPUT:
		say("cannot show the full screen: standard output is not a terminal; %s", instead);
		break;
	case TERMINAL_NO_INPUT:
		say("cannot show the full screen: standard input is not a terminal, so there are "
		    "no keys; %s",
		    instead);
		break;
	case TERMINAL_NO_LIBRARY:
		say("cannot show the full screen: libncursesw.so.6 is missing; install Debian's "
		    "libncursesw6 (ncurses-libs elsewhere), or %s",
		    instead);
		break;
	case TERMINAL_DUMB:
		say("cannot show the full screen: a terminal of the kind '%s' cannot move its "
		    "cursor; %s",
		    name ? name : "", instead);
		break;
	default:
		say("cannot show the full screen: no terminal of the kind '%s' is described here; "
		    "set TERM to one that is, such as xterm or vt100, or %s",
		    name ? name : "", instead);
	}
	return EXIT_FAILED;
}

static bool start_screen(struct top *top)
{
	const struct top_screen_of of = {
		.model = top->model,
		.aside = &top->aside,
		.tally = top->pipeline ? &top->pipeline->tally : NULL,
		.title = { top->source, &top->screen, !top->pipeline },
	};

	top->shown = top_screen_start(&of);
	if (!top->shown)
		say("cannot show the full screen: out of memory");
	return top->shown != NULL;
}

static bool on_ready(void *context, pid_t agent)
{
	struct top *top = context;

	if (agent)
		(void)snprintf(top->source, sizeof(top->source), "live, from the agent (pid %d)",
			       (int)agent);
	else
		(void)snprintf(top->source, sizeof(top->source), "live, by its own programs");
	return start_screen(top);
}

static int show_live(struct top *top)
{
	const struct options *options = top->options;
	bool began = true;
	int code;

	top->pipeline = calloc(1, sizeof(*top->pipeline));
	if (!top->pipeline ||
	    !printing_take(&top->printing, top_feeder_new(top->model), &top->pipeline->tally)) {
		say("cannot start the trace: out of memory");
		return EXIT_FAILED;
	}
	top->printing.ready = on_ready;
	top->printing.ready_context = top;
	top->pipeline->options = options;
	top->pipeline->reports = printing_receiver(&top->printing);
	pipeline_remember(top->pipeline);
	if (options->own || !view_agent(options, top->pipeline, &top->printing, &code))
		code = trace_own(options, top->pipeline, &top->printing, &began);
	return code;
}

static int show_past(struct top *top)
{
	const struct options *options = top->options;
	struct history_reader *reader;
	char safe[PATH_SHOWN];
	int code = EXIT_FAILED, failure;

	destinations_confine(options, false, NULL);
	top_model_set_reading(top->model, true);
	failure = history_open(options->history, &reader);
	text_for_terminal(options->history, safe, sizeof(safe));
	(void)snprintf(top->source, sizeof(top->source), "history %s", safe);
	if (failure)
		history_say_failure(options->history, failure, reader);
	else if (start_screen(top))
		code = top_past_run(reader, options, top->model);
	if (top->shown && code == EXIT_FAILED)
		watch_stop();
	history_free(reader);
	return code;
}

static void finish(struct top *top)
{
	const struct pipeline *pipeline = top->pipeline;

	/* else a thread hangs on the terminal, and everything that it uses has to stay */
	if (!top_screen_end(top->shown))
		return;
	aside_end(&top->aside);
	printing_end(&top->printing);
	if (pipeline && top->shown)
		tally_say(&pipeline->tally);
	if (top->pipeline)
		pipeline_forget(top->pipeline);
	free(top->pipeline);
	top_model_free(top->model);
	free(top);
}

int cmd_top(const struct options *options)
{
	struct options mine = *options;
	struct terminal_before before;
	const bool is_past = options->since_ns != INT64_MIN || options->until_ns != INT64_MAX;
	int code, failure = terminal_find(&before);
	struct top *top;

	if (failure)
		return say_no_terminal(failure);
	top = calloc(1, sizeof(*top));
	if (top)
		top->model = top_model_new();
	if (!top || !top->model) {
		say("cannot show the full screen: out of memory");
		free(top);
		return EXIT_FAILED;
	}
	screen_of_stdout(&options->screen, is_past, &top->screen);
	mine.draws = true;
	top->options = &mine;
	aside_start(options, &before, &top->aside);
	watch_catch_signals(false);
	watch_catch_quit();
	code = is_past ? show_past(top) : show_live(top);
	finish(top);
	return code;
}
