// SPDX-License-Identifier: BSD-2-Clause
#include "view.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/say.h"
#include "destinations.h"
#include "base/output.h"
#include "source/feed_client.h"
#include "source/recording_read.h"
#include "stdout/printing.h"
#include "watch.h"

/* How often to check whether it should end, since a signal can come just before the wait. */
#define LOOK_MS 500

struct stream {
	int fd;
	struct printing *printing;
	bool reader_gone; /* the reader of our output is gone */
	int error;        /* rows that were due could not be printed */
};

static ssize_t give_up(struct stream *stream)
{
	stream->reader_gone = true;
	errno = EPIPE;
	return -1;
}

/* Also ends when the reader of stdout leaves. */
static ssize_t read_agent(void *cookie, char *data, size_t size)
{
	struct stream *stream = cookie;
	struct pollfd fds[] = { { .fd = stream->fd, .events = POLLIN }, { .fd = STDOUT_FILENO } };

	while (!output_stop) {
		const int error = printing_settle(stream->printing, 0);

		if (error == -EPIPE)
			return give_up(stream);
		if (error < 0) {
			stream->error = error;
			errno = EIO;
			return -1;
		}
		if (poll(fds, ARRAY_SIZE(fds), LOOK_MS) < 0)
			continue;
		if (printing_reader(fds[1].revents) == -EPIPE)
			return give_up(stream);
		if (fds[0].revents)
			return read(stream->fd, data, size);
	}
	errno = EINTR;
	return -1;
}

/* Says why there is no agent to view; silent if there need not be one. */
static void say_why(const struct options *options, const char *path, int error)
{
	const char *why = strerror(-error);

	if (!options->socket && (error == -ENOENT || error == -EACCES || error == -ENOTDIR))
		return;
	if (error == -EUSERS)
		why = "it has as many live views as it takes";
	else if (error == -EPERM)
		why = "it belongs to another user";
	else if (error == -EPROTO)
		why = "it is another program, or another version";
	else if (error == -EAGAIN)
		why = "it does not answer";
	else if (error == -ECONNREFUSED)
		why = "no agent is there any more";
	say("cannot read from the agent at '%s': %s; killtrace attaches its own programs", path,
	    why);
}

static int end_code(const struct stream *stream, const struct feed_client *agent, int result)
{
	if (stream->reader_gone)
		return printing_exit_code(-EPIPE);
	if (stream->error)
		return printing_exit_code(stream->error);
	/* a cut record is one that the agent did not send completely before it ended */
	if (!result || result == -RECORDING_CUT || result == -RECORDING_IO) {
		say("the agent (pid %d) has ended, and the view of it with it; run killtrace again",
		    (int)agent->pid);
		return EXIT_FAILED;
	}
	if (result <= -RECORDING_NOT_ONE) {
		say("what the agent (pid %d) sends %s; try --own", (int)agent->pid,
		    recording_failure_text(result));
		return EXIT_FAILED;
	}
	return printing_exit_code(result);
}

static int show(struct pipeline *pipeline, struct printing *printing,
		const struct feed_client *agent, uint64_t duration_ns)
{
	struct frame_receiver receiver = pipeline_receiver(pipeline);
	struct stream stream = { .fd = agent->fd, .printing = printing };
	AUTO_FCLOSE FILE *file =
		fopencookie(&stream, "r", (cookie_io_functions_t){ .read = read_agent });
	uint64_t offset;
	int result, error;

	if (!file || (duration_ns && watch_end_after(duration_ns))) {
		say("cannot start the view of the agent: out of memory");
		return EXIT_FAILED;
	}
	result = recording_read_stream(file, &receiver, &output_stop, &pipeline->origin, &offset);
	error = printing_finish(printing);
	return end_code(&stream, agent, error ? error : result);
}

bool view_agent(const struct options *options, struct pipeline *pipeline, struct printing *printing,
		int *ret_code)
{
	const char *path = options->socket ? options->socket : FEED_DEFAULT;
	struct feed_client agent;
	int error = feed_connect(path, &agent);

	if (error) {
		say_why(options, path, error);
		return false;
	}
	say("tracing %s by the agent (pid %d); --own attaches programs of its own", agent.hooks,
	    (int)agent.pid);
	destinations_confine(options, false, NULL);
	if (options->fold && !printing_fold(printing, UINT64_MAX))
		say("out of memory: equal deaths are not folded, ignoring");
	*ret_code = EXIT_FAILED;
	if (printing_ready(printing, agent.pid))
		*ret_code = show(pipeline, printing, &agent, options->duration_ns);
	(void)close(agent.fd);
	return true;
}
