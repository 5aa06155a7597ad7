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
#include "history/history_ran.h"
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

/* What the source says about the time without a death. */
struct span {
	int64_t now_ns, begins_ns; /* 0: the source is empty, and does not say when an agent ran */
	uint64_t losses, folded, dropped;
	struct history_ran ran;
};

#define GAPS_SHOWN 3

static void put_gaps(const struct span *span, struct prose *answer)
{
	const struct history_ran *ran = &span->ran;
	char from[PROSE_SHORT_SIZE], to[PROSE_SHORT_SIZE];
	unsigned int i;

	prose_put(answer, " The agent did not run");
	for (i = 0; i < ran->count && i < GAPS_SHOWN; i++)
		prose_put(answer, "%s from %s to %s", i ? "," : "",
			  prose_clock(ran->gaps[i].from_ns, span->now_ns, from),
			  prose_clock(ran->gaps[i].to_ns, span->now_ns, to));
	if (ran->total > i)
		prose_put(answer, ", and %" PRIu64 " more %s", ran->total - i,
			  text_plural(ran->total - i, "time", "times"));
	prose_put(answer, ", so a death can be missing.");
}

static void put_ran(const struct span *span, struct prose *answer)
{
	char clock[PROSE_SHORT_SIZE], duration[PROSE_SHORT_SIZE];

	if (span->ran.known_ns >= span->now_ns) {
		prose_put(answer, " It does not say when an agent ran.");
		return;
	}
	if (span->ran.known_ns > span->begins_ns)
		prose_put(answer, " It is not known whether an agent ran before %s.",
			  prose_clock(span->ran.known_ns, span->now_ns, clock));
	if (span->ran.total)
		put_gaps(span, answer);
	else
		prose_put(answer, " The agent ran all the time%s%s%s.",
			  span->ran.known_ns > span->begins_ns ? " since then" : "",
			  span->ran.restarts ? " except during restarts" : "",
			  span->losses ? "" : " and lost nothing");
	if (span->ran.restarts)
		prose_put(answer, " It was restarted %" PRIu64 " %s, which took %s in all.",
			  span->ran.restarts, text_plural(span->ran.restarts, "time", "times"),
			  prose_duration((double)span->ran.restarts_ns / NS_PER_S, duration));
	if (!span->ran.total)
		prose_put(answer, " It noted that last at %s.",
			  prose_clock(span->ran.noted_ns, span->now_ns, clock));
}

static void put_losses(const struct span *span, struct prose *answer)
{
	if (span->losses)
		prose_put(answer,
			  " Losses were reported %" PRIu64
			  " %s since then, so a death can be missing.",
			  span->losses, text_plural(span->losses, "time", "times"));
	else if (span->ran.total || span->ran.known_ns >= span->now_ns)
		prose_put(answer, " No losses were reported.");
}

static void put_dropped(const struct span *span, struct prose *answer)
{
	if (span->dropped)
		prose_put(answer,
			  " %" PRIu64
			  " %s dropped to keep the history within its limits: the oldest "
			  "ones, and the older ones of who has most.",
			  span->dropped, text_plural(span->dropped, "row was", "rows were"));
}

static void put_answer(const struct options *options, const struct span *span, struct prose *answer)
{
	char input[WHY_INPUT_NAME_SIZE], clock[PROSE_SHORT_SIZE], name[PROSE_NAME_SIZE];

	put_wanted(options, answer);
	prose_put(answer, " in %s", shown(options, why_input_name(options, input), name));
	if (!span->begins_ns) {
		prose_put(answer, ": it is empty.");
		return;
	}
	prose_put(answer, " since %s.", prose_clock(span->begins_ns, span->now_ns, clock));
	put_ran(span, answer);
	put_losses(span, answer);
	put_dropped(span, answer);
	put_folded(span->folded, answer);
	if (why_input_is_history(options))
		prose_put(answer,
			  " Ordinary ends, and what filters of the agent exclude, are not in it.");
}

/* An agent that has reported nothing has run, too. */
static void begin_with_agent(struct span *span)
{
	if (!span->dropped && span->ran.known_ns < span->now_ns &&
	    (!span->begins_ns || span->ran.known_ns < span->begins_ns))
		span->begins_ns = span->ran.known_ns;
}

static int read_span(struct history_reader *reader, struct span *ret)
{
	int error = history_begin(reader, &ret->begins_ns);

	if (!error)
		error = history_dropped(reader, &ret->dropped);
	if (!error)
		error = history_ran(reader, INT64_MIN, ret->now_ns, &ret->ran);
	begin_with_agent(ret);
	if (!error)
		error = history_ran(reader, ret->begins_ns, ret->now_ns, &ret->ran);
	if (!error)
		error = history_losses(reader, ret->begins_ns, &ret->losses);
	return error ? error : history_folded(reader, ret->begins_ns, &ret->folded);
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
	struct span span = { .now_ns = clock_realtime_offset_ns() + (int64_t)clock_boottime_ns() };
	int error = read_span(reader, &span), code = EXIT_FAILED;

	if (error)
		return why_input_failed(options, reader, error);
	put_answer(options, &span, &explanation.answer);
	if (options->output == OUTPUT_HUMAN)
		code = print(options, &explanation);
	else
		say("%s", prose_text(&explanation.answer));
	explanation_done(&explanation);
	return code;
}
