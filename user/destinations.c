// SPDX-License-Identifier: BSD-2-Clause
#include "destinations.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/confine.h"
#include "base/lock.h"
#include "base/say.h"
#include "history/history.h"
#include "history/history_db.h"
#include "kube/kube.h"
#include "outlet/journal.h"
#include "outlet/json_file.h"
#include "otlp/otlp.h"
#include "outlet/textfile.h"
#include "source/ledger.h"

bool destinations_wanted(const struct options *options)
{
	return options->textfile || options->journal || options->json_file || options->history ||
	       options->otlp.url || options->kubernetes_events;
}

/* NULL: out of memory. To be freed. */
static char *folder_of(const char *file)
{
	const char *end = strrchr(file, '/');

	if (!end)
		return strdup(".");
	return end == file ? strdup("/") : strndup(file, (size_t)(end - file));
}

static bool is_folder(const char *option, const char *path, const char *folder)
{
	AUTO_CLOSE int fd = folder ? open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC) : -1;

	if (fd >= 0 || (folder && errno != ENOENT && errno != ENOTDIR))
		return true; /* other problems may pass */
	if (!folder)
		say("cannot look at the folder of an output: out of memory");
	else
		say("cannot write to '%s' (%s): folder '%s': %s; create it, or name another place",
		    path, option, folder, strerror(errno));
	return false;
}

static bool has_folder(const char *option, const char *file)
{
	AUTO_FREE char *folder = file && strcmp(file, "-") != 0 ? folder_of(file) : NULL;

	return !file || !strcmp(file, "-") || is_folder(option, file, folder);
}

bool destinations_have_folders(const struct options *options)
{
	const char *const textfile = options->textfile;
	const char *const queue = options->otlp.url ? options->otlp_queue : NULL;

	if (options->history)
		history_make_folder(options->history);
	return has_folder("--history", options->history) &&
	       has_folder("--json", options->json_file) &&
	       (!textfile || is_folder("--textfile", textfile, textfile)) &&
	       (!queue || is_folder("--otlp-queue", queue, queue)) &&
	       (!options->kubernetes_events || kube_account_check(&options->kube));
}

void destinations_confine(const struct options *options, bool traces, const char *file)
{
	/* what is not pinned by now is never pinned */
	const bool pins = traces && options->tracer.pin && !access(options->tracer.pin, F_OK);
	/* A folder may be removed and made again, which is another one for Landlock: so the folder
	 * above it is allowed, unless that is the root, since everything is below it. */
	const char *const textfile = options->textfile, *const queue = options->otlp_queue;
	const bool metrics_return = textfile && strrchr(textfile, '/') > textfile;
	const bool queue_returns = queue && strrchr(queue, '/') > queue;
	const char *const files[] = { options->json_file,
				      options->history,
				      file,
				      metrics_return ? textfile : NULL,
				      queue_returns ? queue : NULL,
				      options->socket };
	const char *const folders[] = { textfile, queue, pins ? options->tracer.pin : NULL };
	struct confinement confinement = {
		.traces = traces,
		.locks = traces && options->protect,
		.network = options->otlp.url || options->listens || options->kubernetes_events,
		.draws = options->draws,
	};
	char *owned[ARRAY_SIZE(files)] = { NULL };
	unsigned int count = 0;

	_Static_assert(ARRAY_SIZE(files) + ARRAY_SIZE(folders) < CONFINEMENT_FOLDERS, "room");
	for (size_t i = 0; i < ARRAY_SIZE(folders); i++)
		if (folders[i])
			confinement.folders[count++] = folders[i];
	for (size_t i = 0; i < ARRAY_SIZE(files); i++)
		if (files[i] && strcmp(files[i], "-") != 0) {
			owned[i] = folder_of(files[i]);
			confinement.folders[count++] = owned[i];
		}
	confine(&confinement);
	for (size_t i = 0; i < ARRAY_SIZE(files); i++)
		free(owned[i]);
}

bool destinations_are_alone(const struct options *options)
{
	const char *const places[] = { options->textfile, options->history, options->json_file };
	pid_t pid;

	for (size_t i = 0; i < ARRAY_SIZE(places); i++) {
		if (!places[i] || !strcmp(places[i], "-") || lock_beside(places[i], &pid) != -EBUSY)
			continue;
		say("another agent (pid %d) writes to '%s': end that process first, or write elsewhere",
		    (int)pid, places[i]);
		return false;
	}
	return true;
}

static struct outlet_thread *start_outlet(struct outlet *outlet, struct metrics *metrics,
					  const struct tracer *tracer)
{
	struct ledger *ledger = tracer ? tracer_ledger(tracer) : NULL;
	struct ledger_outlet *mark = outlet && ledger ? ledger_outlet(ledger, outlet->ops->name)
						      : NULL;

	/* an agent that pinned nothing used other numbers */
	if (outlet && (!tracer || outlet->has > tracer_newest(tracer)))
		outlet->has = 0;
	if (outlet && mark)
		outlet->counts = ledger_counts(ledger, mark);
	return outlet_thread_start(outlet, metrics, mark);
}

bool destinations_add(const struct options *options, struct fanout *fanout, struct metrics *metrics,
		      const char *boot_id, const struct tracer *tracer)
{
	struct outlet *outlets[FANOUT_MOST];
	unsigned int count = 0;
	bool all = true;

	if (options->textfile)
		outlets[count++] = textfile_new(options->textfile, metrics);
	if (options->journal)
		outlets[count++] = journal_new(JOURNAL_SOCKET);
	if (options->json_file)
		outlets[count++] =
			json_file_new(options->json_file, options->json_file_most, boot_id);
	if (options->history)
		outlets[count++] = history_new(options->history, &options->history_limits,
					       tracer ? boot_id : NULL);
	if (options->otlp.url)
		outlets[count++] =
			otlp_new(&options->otlp, options->otlp_queue, options->otlp_queue_most);
	if (options->kubernetes_events)
		outlets[count++] = kube_new(&options->kube);
	if (tracer)
		metrics_forget_above(metrics, tracer_newest(tracer));
	for (unsigned int i = 0; i < count; i++)
		if (!fanout_add(fanout, start_outlet(outlets[i], metrics, tracer)))
			all = false;
	return all;
}
