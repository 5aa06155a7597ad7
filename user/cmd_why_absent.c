// SPDX-License-Identifier: BSD-2-Clause
#include "cmd_why_absent.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/output.h"
#include "base/say.h"
#include "base/text.h"
#include "cmd_why_input.h"
#include "cmd_why_text.h"
#include "history/history_find.h"
#include "stdout/printing.h"
#include "why/explanation.h"

#define LONGEST_SHOWN PROSE_NAME_SIZE

/* say() makes names safe by itself, and knows no marks around them. */
static const char *shown(const struct options *options, const char *name, char ret[PROSE_NAME_SIZE])
{
	return options->output == OUTPUT_HUMAN ? prose_name(name, ret) : name;
}

/* On standard output it is a sentence for a person; after "killtrace: ", a message. */
static void put_wanted(const struct options *options, struct prose *answer)
{
	char name[PROSE_NAME_SIZE];

	prose_put(answer, options->output == OUTPUT_HUMAN ? "No death" : "no death");
	if (options->argument && strcmp(options->argument, "-") != 0)
		prose_put(answer, " of '%.*s'", LONGEST_SHOWN,
			  shown(options, options->argument, name));
}

static void put_folded(uint64_t folded, struct prose *answer)
{
	if (folded)
		prose_put(answer,
			  " %" PRIu64 " %s only counted in rows of other deaths, so it can be one "
			  "of them; an agent with --no-fold keeps each.",
			  folded, text_plural(folded, "death is", "deaths are"));
}

static void put_answer(const struct options *options, int64_t begins_ns, uint64_t losses,
		       struct prose *answer)
{
	const int64_t now_ns = clock_realtime_offset_ns() + (int64_t)clock_boottime_ns();
	char input[WHY_INPUT_NAME_SIZE], clock[PROSE_SHORT_SIZE], name[PROSE_NAME_SIZE];

	put_wanted(options, answer);
	prose_put(answer, " in %s", shown(options, why_input_name(options, input), name));
	if (!begins_ns) {
		prose_put(answer, ": it is empty.");
		return;
	}
	prose_put(answer, ", which begins at %s", prose_clock(begins_ns, now_ns, clock));
	if (losses)
		prose_put(answer,
			  ". Losses were reported %" PRIu64
			  " %s since then, so a death can be missing.",
			  losses, text_plural(losses, "time", "times"));
	else
		prose_put(answer, " and has no losses. It does not say when an agent ran.");
}

static int print(const struct options *options, const struct explanation *explanation)
{
	AUTO_FREE char *text = why_text_of(options, explanation);
	const int error = text ? output_write(STDOUT_FILENO, text, strlen(text)) : -ENOMEM;

	return error ? printing_exit_code(error) : EXIT_FAILED;
}

int why_say_absent(const struct options *options, struct history_reader *reader)
{
	struct explanation explanation = { 0 };
	int64_t begins_ns = 0;
	uint64_t losses = 0, folded = 0;
	int error = history_begin(reader, &begins_ns), code = EXIT_FAILED;

	if (!error)
		error = history_losses(reader, begins_ns, &losses);
	if (!error)
		error = history_folded(reader, begins_ns, &folded);
	if (error)
		return why_input_failed(options, reader, error);
	put_answer(options, begins_ns, losses, &explanation.answer);
	put_folded(folded, &explanation.answer);
	if (options->output == OUTPUT_HUMAN)
		code = print(options, &explanation);
	else
		say("%s", prose_text(&explanation.answer));
	explanation_done(&explanation);
	return code;
}
