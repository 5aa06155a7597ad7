// SPDX-License-Identifier: BSD-2-Clause
/* killtrace report: past deaths as one page of HTML, for a post-mortem. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/output.h"
#include "base/say.h"
#include "base/whole_file.h"
#include "cmd_history_failure.h"
#include "cmd_history_parts.h"
#include "commands.h"
#include "destinations.h"
#include "report/findings.h"
#include "report/page.h"
#include "stdout/printing.h"
#include "watch.h"

static bool is_for_stdout(const struct options *options)
{
	return !options->report_file || !strcmp(options->report_file, "-");
}

static void put_list(struct buffer *words, const char *option, char *const *values)
{
	for (; values && *values; values++) {
		buffer_text(words, words->size ? " " : "");
		buffer_text(words, option);
		buffer_text(words, " ");
		buffer_text(words, *values);
	}
}

/* The options that restrict it, as they were typed. */
static void put_selection(const struct options *options, struct buffer *ret)
{
	const struct selection *selection = &options->selection;
	char *const what[] = { (char *)selection->what, NULL };
	char *const grep[] = { (char *)options->grep, NULL };

	buffer_text(ret, selection->what ? what[0] : "");
	put_list(ret, "--cause", selection->cause);
	put_list(ret, "--unit", selection->unit);
	put_list(ret, "--pod", selection->pod);
	put_list(ret, "--container", selection->container);
	put_list(ret, "--comm", selection->comm);
	put_list(ret, "--cgroup", selection->cgroup);
	put_list(ret, "--fingerprint", selection->fingerprint);
	put_list(ret, "--pid", selection->pid);
	put_list(ret, "--grep", grep);
	buffer_add(ret, "", 1);
}

/* 0 or the exit code, after a message. */
static int write_page(const struct options *options, const struct buffer *page)
{
	int error;

	if (is_for_stdout(options))
		return printing_exit_code(output_write(STDOUT_FILENO, page->text, page->size));
	error = whole_file_write(options->report_file, page->text, page->size);
	if (error == -EINTR)
		return printing_exit_code(error);
	if (error == -EEXIST)
		say("cannot write the report to '%s': it is not a regular file; name another one",
		    options->report_file);
	else if (error)
		say("cannot write the report to '%s': %s; name another place", options->report_file,
		    strerror(-error));
	return error ? EXIT_FAILED : EXIT_DONE;
}

static int finish(const struct options *options, const struct findings *findings)
{
	struct buffer selection = { 0 }, page = { 0 };
	int code;

	put_selection(options, &selection);
	page_write(findings,
		   &(struct page_wishes){ KT_VERSION, options->history,
					  selection.failed ? "" : selection.text,
					  options->selection.all },
		   &page);
	code = page.failed || selection.failed ? printing_exit_code(-ENOMEM)
					       : write_page(options, &page);
	free(selection.text);
	free(page.text);
	if (code)
		return code;
	if (!findings->deaths)
		say("nothing in the history matches%s",
		    options->past_week ? " in the last 7 days; -S 30d looks further back" : "");
	return findings->deaths ? EXIT_DONE : EXIT_FAILED;
}

static int report(const struct options *options, struct history_reader *reader)
{
	const int64_t now_ns = clock_realtime_offset_ns() + (int64_t)clock_boottime_ns();
	struct history_query query = {
		.selection = &options->selection,
		.since_ns = options->since_ns,
		.until_ns = options->until_ns,
	};
	struct history_grep *grep = NULL;
	struct findings *findings = NULL;
	int result, code;

	if (options->grep) {
		grep = history_grep_new(options->grep);
		if (!grep)
			return EXIT_USAGE;
		query.also = history_grep_matches;
		query.also_context = grep;
	}
	result = findings_gather(reader, &query, options->history, now_ns, &findings);
	history_grep_free(grep);
	if (result == HISTORY_FAILED) {
		history_say_failure(options->history, -HISTORY_UNREADABLE, reader);
		code = EXIT_FAILED;
	} else {
		code = result ? printing_exit_code(result) : finish(options, findings);
	}
	findings_free(findings);
	return code;
}

int cmd_report(const struct options *options)
{
	struct history_reader *reader;
	int code = EXIT_FAILED, failure;

	if (is_for_stdout(options) && isatty(STDOUT_FILENO)) {
		say("a page is not written to a terminal: redirect it, or name a file with -o");
		return EXIT_USAGE;
	}
	watch_catch_signals(false);
	destinations_confine(options, false, is_for_stdout(options) ? NULL : options->report_file);
	failure = history_open(options->history, &reader);
	if (failure)
		history_say_failure(options->history, failure, reader);
	else
		code = report(options, reader);
	history_free(reader);
	return code;
}
