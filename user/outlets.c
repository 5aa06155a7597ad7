// SPDX-License-Identifier: BSD-2-Clause
#include "outlets.h"

#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/lock.h"
#include "base/say.h"
#include "sink/fanout.h"
#include "sink/history.h"
#include "sink/history_db.h"
#include "sink/journal.h"
#include "sink/json_file.h"
#include "sink/otlp.h"
#include "sink/textfile.h"
#include "source/ledger.h"

bool outlets_wanted(const struct options *options)
{
	return options->textfile || options->journal || options->json_file || options->history ||
	       options->otlp.url;
}

bool outlets_are_alone(const struct options *options)
{
	const char *const places[] = { options->textfile, options->history, options->json_file };
	pid_t pid;

	if (options->history) /* the lock lies there too */
		history_make_folder(options->history);
	for (size_t i = 0; i < ARRAY_SIZE(places); i++) {
		if (!places[i] || !strcmp(places[i], "-") || lock_beside(places[i], &pid) != -EBUSY)
			continue;
		say("another agent (pid %d) writes to '%s': end it first, or write elsewhere",
		    (int)pid, places[i]);
		return false;
	}
	return true;
}

static struct outlet *start_outlet(struct target *target, struct metrics *metrics,
				   const struct tracer *tracer)
{
	struct ledger *ledger = tracer ? tracer_ledger(tracer) : NULL;

	/* what an agent wrote that pinned nothing has numbers of its own */
	if (target && (!tracer || target->has > tracer_newest(tracer)))
		target->has = 0;
	return outlet_start(target, metrics,
			    target && ledger ? ledger_sink(ledger, target->ops->name) : NULL);
}

bool outlets_add(const struct options *options, struct pipeline *pipeline, struct metrics *metrics,
		 const struct tracer *tracer)
{
	struct target *targets[FANOUT_MOST];
	unsigned int count = 0;
	bool all = true;

	if (options->textfile)
		targets[count++] = textfile_new(options->textfile, metrics);
	if (options->journal)
		targets[count++] = journal_new(JOURNAL_SOCKET);
	if (options->json_file)
		targets[count++] = json_file_new(options->json_file, options->json_file_most,
						 pipeline->origin.boot_id);
	if (options->history)
		targets[count++] = history_new(options->history, &options->history_limits);
	if (options->otlp.url)
		targets[count++] =
			otlp_new(&options->otlp, options->otlp_queue, options->otlp_queue_most);
	if (tracer)
		metrics_forget_above(metrics, tracer_newest(tracer));
	for (unsigned int i = 0; i < count; i++)
		if (!sink_fanout_add(pipeline->sink, start_outlet(targets[i], metrics, tracer)))
			all = false;
	return all;
}
