// SPDX-License-Identifier: BSD-2-Clause
#include "cmd_top_past.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/output.h"
#include "base/say.h"
#include "cmd_history_failure.h"
#include "history/history_group.h"
#include "line/json_tree.h"
#include "line/record_read.h"
#include "line/reported.h"
#include "stdout/printing.h"

/* How often to look for new rows. */
#define LOOK_MS 1000

struct past {
	struct top_model *model;
	bool counts, is_listed;
};

/* A database can be foreign: a line counts if it is a record, and is made again, not copied. */
static int add(const struct past *past, const char *line, const struct top_news *like)
{
	json_t *record = record_read(line);
	AUTO_FREE char *again = record ? json_tree_line(record) : NULL;
	struct top_news news = *like;
	int error = record && !again ? -ENOMEM : 0;

	json_decref(record);
	news.line = again ? again : "";
	news.size = strlen(news.line);
	if (!error)
		error = top_model_add(past->model, &news, clock_boottime_ns());
	return error == -EINVAL ? 0 : error;
}

static int take_group(void *context, const char *line, uint64_t deaths, int64_t first_ns,
		      int64_t last_ns)
{
	const struct past *past = context;

	return add(past, line,
		   &(struct top_news){ .deaths = deaths,
				       .first_ns = first_ns,
				       .last_ns = last_ns,
				       .counts = true });
}

static int take_losses(void *context, const char *line, int64_t realtime_ns)
{
	const struct past *past = context;
	json_t *record = record_read(line);
	struct losses losses = { 0 };

	(void)realtime_ns;
	if (record && !json_object_get(record, "cause")) {
		reported_losses(record, &losses);
		top_model_add_losses(past->model, &losses);
	}
	json_decref(record);
	return 0;
}

static int take_line(void *context, const char *line, int64_t realtime_ns)
{
	const struct past *past = context;
	json_t *record = record_read(line);
	AUTO_FREE struct reported *reported = record ? reported_of_json(record, realtime_ns) : NULL;
	int64_t last_ns = realtime_ns;

	json_decref(record);
	if (reported && !reported->is_death)
		return past->counts ? take_losses(context, line, realtime_ns) : 0;
	if (reported && reported->repeats.last_ns > last_ns)
		last_ns = reported->repeats.last_ns;
	return add(past, line,
		   &(struct top_news){ .deaths = reported ? reported->repeats.count : 1,
				       .first_ns = realtime_ns,
				       .last_ns = last_ns,
				       .counts = past->counts,
				       .is_listed = past->is_listed });
}

/* The database counts, unless each line has to be looked at. */
static int count(struct history_reader *reader, const struct history_query *query,
		 struct top_model *model)
{
	static const char *const columns[] = { "cause",     "unit",     "user_unit", "pod",
					       "container", "workload", NULL };
	struct past past = { model, true, false };

	if (selection_is_open(query->selection))
		return history_group(reader, query, columns, take_group, &past);
	return history_read(reader, query, take_line, &past);
}

/* No death has this cause; losses have none. */
static int read_losses(struct history_reader *reader, const struct history_query *query,
		       struct top_model *model)
{
	static char none[] = "-";
	char *causes[] = { none, NULL };
	const struct selection selection = { .cause = causes };
	struct history_query losses = *query;
	struct past past = { model, false, false };

	losses.selection = &selection;
	return history_read(reader, &losses, take_losses, &past);
}

static int list(struct history_reader *reader, const struct history_query *query,
		struct top_model *model)
{
	struct history_query newest = *query;
	struct past past = { model, false, true };

	newest.limit = TOP_DEATHS;
	return history_read(reader, &newest, take_line, &past);
}

static int follow(struct history_reader *reader, struct history_query *query,
		  struct top_model *model)
{
	struct past past = { model, true, true };
	int error = 0;

	while (!error && !output_stop) {
		(void)poll(NULL, 0, LOOK_MS);
		query->after = query->upto;
		query->upto = output_stop ? query->after : history_newest(reader);
		if (query->upto > query->after)
			error = history_read(reader, query, take_line, &past);
	}
	return error;
}

int top_past_read(struct history_reader *reader, const struct history_query *query,
		  struct top_model *model)
{
	int error = count(reader, query, model);

	if (!error && selection_is_open(query->selection))
		error = read_losses(reader, query, model);
	return error ? error : list(reader, query, model);
}

int top_past_run(struct history_reader *reader, const struct options *options,
		 struct top_model *model)
{
	struct history_query query = {
		.selection = &options->selection,
		.since_ns = options->since_ns,
		.until_ns = options->until_ns,
		.upto = history_newest(reader),
	};
	int error = top_past_read(reader, &query, model);

	top_model_set_reading(model, false);
	if (!error)
		error = follow(reader, &query, model);
	if (error == HISTORY_FAILED) {
		history_say_failure(options->history, -HISTORY_UNREADABLE, reader);
		return EXIT_FAILED;
	}
	return printing_exit_code(error);
}
