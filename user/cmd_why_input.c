// SPDX-License-Identifier: BSD-2-Clause
#include "cmd_why_input.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/output.h"
#include "base/say.h"
#include "cmd_history_failure.h"
#include "history/history_memory.h"
#include "line/json_record.h"
#include "line/record_read.h"
#include "pipeline.h"
#include "source/feed_client.h"
#include "source/recording_read.h"
#include "stdout/printing.h"

/* Much longer than any line of ours. */
#define LONGEST_LINE (1 << 20)

static bool is_stdin(const struct options *options)
{
	return options->argument && !strcmp(options->argument, "-");
}

/* -1: it is not read. There is one per command. */
static struct feed_client agent = { .fd = -1 };

bool why_input_is_history(const struct options *options)
{
	return !is_stdin(options) && !options->replay && agent.fd < 0;
}

static const char *refusal(int error)
{
	if (error == -EAGAIN)
		return "it does not answer; see whether it is stopped, or ask again";
	if (error == -EUSERS)
		return "it has as many live views as it takes; end one of them";
	if (error == -EPERM)
		return "it belongs to another user; become that user";
	if (error == -EACCES)
		return "only root may read it; become root";
	if (error == -ENOENT || error == -ECONNREFUSED)
		return "no agent is there; start one, or name a history";
	if (error == -EOPNOTSUPP)
		return "it keeps no deaths, since it writes a history, or is an older version; name "
		       "the history with --history";
	return "it is another program, or another version; name a history";
}

static bool is_missing_at_usual_place(const struct options *options)
{
	return !strcmp(options->history, HISTORY_PATH) && access(HISTORY_PATH, F_OK) &&
	       errno == ENOENT;
}

/* 0 or -errno */
static int ask(const char *path)
{
	struct feed_client client;
	int error = feed_connect(path, &client);

	if (error)
		return error;
	error = client.keeps ? feed_ask_kept(&client) : -EOPNOTSUPP;
	if (error)
		(void)close(client.fd);
	else
		agent = client;
	return error;
}

bool why_input_ask_agent(const struct options *options)
{
	const bool is_named = options->socket != NULL;
	const char *path = is_named ? options->socket : FEED_DEFAULT;
	int error;

	if (is_stdin(options) || options->replay ||
	    (!is_named && !is_missing_at_usual_place(options)))
		return true;
	error = ask(path);
	if (!error)
		say("read from the running agent (pid %d), which has no history and keeps %d deaths "
		    "at most, without ordinary ends",
		    (int)agent.pid, FEED_KEPT);
	else if (is_named || (error != -ENOENT && error != -ECONNREFUSED && error != -EACCES))
		say("cannot read from the agent at '%s': %s", path, refusal(error));
	return !error || !is_named;
}

const char *why_input_name(const struct options *options, char ret[WHY_INPUT_NAME_SIZE])
{
	if (is_stdin(options))
		(void)snprintf(ret, WHY_INPUT_NAME_SIZE, "standard input");
	else if (agent.fd >= 0)
		(void)snprintf(ret, WHY_INPUT_NAME_SIZE, "what the running agent (pid %d) keeps",
			       (int)agent.pid);
	else if (options->replay)
		(void)snprintf(ret, WHY_INPUT_NAME_SIZE, "the recording '%s'", options->replay);
	else
		(void)snprintf(ret, WHY_INPUT_NAME_SIZE, "the history '%s'", options->history);
	return ret;
}

int why_input_failed(const struct options *options, const struct history_reader *reader, int error)
{
	char name[WHY_INPUT_NAME_SIZE];

	if (error != HISTORY_FAILED)
		return printing_exit_code(error);
	say("cannot read %s: %s; %s", why_input_name(options, name), history_error(reader),
	    why_input_is_history(options) ? history_advice(reader) : "pass on fewer deaths");
	return EXIT_FAILED;
}

struct gathered {
	struct history_memory *memory;
	unsigned long lines, deaths, foreign;
};

/* 0 or -ENOMEM */
static int gather(struct gathered *gathered, const char *line)
{
	json_t *record = record_read(line);
	int error = record ? history_memory_add(gathered->memory, record) : 0;

	gathered->lines++;
	gathered->foreign += !record;
	gathered->deaths += json_object_get(record, "cause") != NULL;
	json_decref(record);
	return error;
}

/* 0, -EINTR, -ENOMEM, or -EFBIG: a line is longer than any of ours. */
static int read_lines(FILE *file, char *line, struct gathered *gathered)
{
	int error = 0;

	while (!error && !output_stop && fgets(line, LONGEST_LINE, file)) {
		const size_t size = strlen(line);

		if (size == LONGEST_LINE - 1 && line[size - 1] != '\n')
			return -EFBIG;
		if (line[strspn(line, " \t\r\n")])
			error = gather(gathered, line);
	}
	if (error || output_stop)
		return error ? error : -EINTR;
	return ferror(file) ? -EIO : 0;
}

static int say_lines(const struct gathered *gathered, int error)
{
	if (error == -EINTR)
		return printing_exit_code(error);
	if (error == -ENOMEM)
		say("cannot read standard input: it does not fit into memory; pass on fewer lines");
	else if (error == -EIO)
		say("cannot read standard input: %s; pass on what 'killtrace -o json' prints",
		    strerror(errno));
	else if (error)
		say("standard input has a line that is longer than any of killtrace's; pass on "
		    "what 'killtrace -o json' prints");
	else if (!gathered->lines)
		say("standard input is empty; pass on a line of 'killtrace -o json'");
	else if (gathered->foreign)
		say("standard input has no death of a form that this killtrace knows; pass on a "
		    "line of 'killtrace -o json' as it is");
	else
		say("standard input has lines about losses only, and no death");
	return EXIT_FAILED;
}

static struct history_reader *reader_of(struct gathered *gathered, int *ret_code)
{
	struct history_reader *reader = history_memory_reader(gathered->memory);

	if (!reader)
		*ret_code = printing_exit_code(-ENOMEM);
	return reader;
}

static struct history_reader *read_stdin(struct gathered *gathered, int *ret_code)
{
	AUTO_FREE char *line = malloc(LONGEST_LINE);
	int error = line ? read_lines(stdin, line, gathered) : -ENOMEM;

	if (!error && gathered->deaths)
		return reader_of(gathered, ret_code);
	*ret_code = say_lines(gathered, error);
	return NULL;
}

static int gather_death(void *context, const struct report *report)
{
	size_t size;
	AUTO_FREE char *line = json_record_of_death(report, &size);

	return line ? gather(context, line) : -ENOMEM;
}

static int gather_losses(void *context, const struct origin *origin, const struct losses *losses,
			 int64_t realtime_ns)
{
	size_t size;
	AUTO_FREE char *line = json_record_of_losses(origin, losses, realtime_ns, &size);

	return line ? gather(context, line) : -ENOMEM;
}

static int say_recording(const struct options *options, int failure, uint64_t offset)
{
	if (failure > -RECORDING_NOT_ONE)
		return printing_exit_code(failure);
	if (failure == -RECORDING_IO)
		say("cannot read the recording '%s': %s; name one that 'killtrace record' wrote",
		    options->replay, strerror(errno));
	else
		say("'%s' %s (byte %llu); name one that 'killtrace record' wrote", options->replay,
		    recording_failure_text(failure), (unsigned long long)offset);
	return EXIT_FAILED;
}

/* What came before the damage is there. */
static void say_part(const struct options *options, int failure, uint64_t offset)
{
	if (failure != -RECORDING_CUT && failure != -RECORDING_CORRUPT)
		(void)say_recording(options, failure, offset);
	else
		say("'%s' is %s at byte %llu; only the deaths before that are considered",
		    options->replay, failure == -RECORDING_CUT ? "cut" : "damaged",
		    (unsigned long long)offset);
}

static struct history_reader *read_recording(const struct options *options,
					     struct gathered *gathered, int *ret_code)
{
	AUTO_FREE struct pipeline *pipeline = calloc(1, sizeof(*pipeline));
	struct frame_receiver receiver;
	uint64_t offset = 0;
	int failure;

	if (!pipeline) {
		*ret_code = printing_exit_code(-ENOMEM);
		return NULL;
	}
	pipeline->options = options;
	pipeline->reports = (struct report_receiver){ gather_death, gather_losses, gathered };
	receiver = pipeline_receiver(pipeline);
	failure = recording_read(options->replay, &receiver, &output_stop, &pipeline->origin,
				 &offset);
	if (failure && !(failure <= -RECORDING_NOT_ONE && gathered->deaths)) {
		*ret_code = say_recording(options, failure, offset);
		return NULL;
	}
	if (failure)
		say_part(options, failure, offset);
	return reader_of(gathered, ret_code);
}

static int say_agent(int failure)
{
	if (failure > -RECORDING_NOT_ONE)
		return printing_exit_code(failure);
	say("what the agent (pid %d) sends %s; name a history", (int)agent.pid,
	    recording_failure_text(failure));
	return EXIT_FAILED;
}

/* Until it has sent everything. */
static struct history_reader *read_agent(const struct options *options, struct gathered *gathered,
					 int *ret_code)
{
	AUTO_FREE struct pipeline *pipeline = calloc(1, sizeof(*pipeline));
	AUTO_FCLOSE FILE *file = fdopen(dup(agent.fd), "re");
	struct frame_receiver receiver;
	uint64_t offset = 0;
	int failure;

	if (!pipeline || !file) {
		*ret_code = printing_exit_code(-ENOMEM);
		return NULL;
	}
	pipeline->options = options;
	pipeline->reports = (struct report_receiver){ gather_death, gather_losses, gathered };
	receiver = pipeline_receiver(pipeline);
	failure = recording_read_stream(file, &receiver, &output_stop, &pipeline->origin, &offset);
	if (failure && !gathered->deaths) {
		*ret_code = say_agent(failure);
		return NULL;
	}
	if (failure)
		(void)say_agent(failure);
	return reader_of(gathered, ret_code);
}

static struct history_reader *read_elsewhere(const struct options *options, int *ret_code)
{
	struct gathered gathered = { .memory = history_memory_new() };
	struct history_reader *reader = NULL;

	if (!gathered.memory)
		*ret_code = printing_exit_code(-ENOMEM);
	else if (is_stdin(options))
		reader = read_stdin(&gathered, ret_code);
	else if (agent.fd >= 0)
		reader = read_agent(options, &gathered, ret_code);
	else
		reader = read_recording(options, &gathered, ret_code);
	history_memory_free(gathered.memory);
	return reader;
}

struct history_reader *why_input_open(const struct options *options, int *ret_code)
{
	struct history_reader *reader;
	int failure;

	if (!why_input_is_history(options))
		return read_elsewhere(options, ret_code);
	failure = history_open(options->history, &reader);
	if (!failure)
		return reader;
	history_say_failure(options->history, failure, reader);
	*ret_code = EXIT_FAILED;
	history_free(reader);
	return NULL;
}
