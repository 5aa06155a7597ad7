// SPDX-License-Identifier: BSD-2-Clause
#include "symbols/symbols.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "symbols/download.h"
#include "symbols/finder.h"
#include "symbols/wanted.h"

/* The child ends by itself, unless a file system holds it. */
#define GRACE_MS 100

struct symbols_finder {
	int socket;
	pid_t child;
	unsigned int patience_ms;
};

int symbols_finder_start(const struct symbols_options *options, struct symbols_finder **ret)
{
	struct symbols_finder *finder = calloc(1, sizeof(*finder));
	AUTO_FREE char *urls = finder_urls();
	const pid_t self = getpid();
	int ends[2];

	if (!finder)
		return -ENOMEM;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends)) {
		free(finder);
		return -errno;
	}
	finder->socket = ends[0];
	finder->patience_ms = options->patience_ms ? options->patience_ms : SYMBOLS_PATIENCE_MS;
	if (urls)
		finder->patience_ms += DOWNLOAD_PATIENCE_MS + SYMBOLS_PATIENCE_MS;
	finder->child = fork();
	if (!finder->child) {
		(void)close(ends[0]);
		finder_run(ends[1], self, options, urls);
	}
	(void)close(ends[1]);
	if (finder->child < 0) {
		const int error = -errno;

		(void)close(finder->socket);
		free(finder);
		return error;
	}
	*ret = finder;
	return 0;
}

/* How long its end is waited for. It has nothing left to do then, or is late anyway. */
#define END_MS 100

/* If the caller ended first, the kernel would kill the child, and an agent would report that. */
static void wait_for_end(int socket)
{
	struct pollfd end = { .fd = socket };

	if (!shutdown(socket, SHUT_WR))
		(void)poll(&end, 1, END_MS);
}

void symbols_finder_stop(struct symbols_finder *finder)
{
	if (!finder)
		return;
	wait_for_end(finder->socket);
	(void)close(finder->socket);
	(void)waitpid(finder->child, NULL, WNOHANG);
	free(finder);
}

/* One answer before `end_ns`. False: there is none. */
static bool receive(const struct symbols_finder *finder, uint64_t end_ns, struct finder_answer *ret)
{
	struct pollfd one = { .fd = finder->socket, .events = POLLIN };
	const uint64_t now_ns = clock_boottime_ns();
	const int wait_ms = now_ns < end_ns ? (int)((end_ns - now_ns) / 1000000) : 0;

	return poll(&one, 1, wait_ms) == 1 &&
	       recv(finder->socket, ret, sizeof(*ret), 0) == sizeof(*ret);
}

/* Only for frames that were asked about. */
static void take(const struct finder_answer *answer, struct symbols *symbols)
{
	struct symbols_frame *frame;

	if (answer->index > symbols->count || answer->frame.count > SYMBOLS_PLACES)
		return;
	frame = wanted_frame(symbols, answer->index);
	if (frame->state != SYMBOLS_ABSENT && frame->state != SYMBOLS_GAP)
		*frame = answer->frame;
}

static int collect(const struct symbols_finder *finder, struct symbols *symbols)
{
	const uint64_t end_ns =
		clock_boottime_ns() + (finder->patience_ms + GRACE_MS) * (uint64_t)1000000;
	struct finder_answer answer;

	while (receive(finder, end_ns, &answer)) {
		if (answer.is_end)
			return answer.error;
		take(&answer, symbols);
	}
	return 0; /* there is what was found so far */
}

int symbols_of_record(struct symbols_finder *finder, const json_t *record, struct symbols **ret)
{
	AUTO_FREE struct wanted *wanted = calloc(1, sizeof(*wanted));
	struct symbols *symbols = calloc(1, sizeof(*symbols));
	int error = wanted && symbols ? 0 : -ENOMEM;

	if (!error)
		wanted_read(record, symbols, wanted);
	if (!error && (wanted->file_count || wanted->map.ns_pid)) {
		if (send(finder->socket, wanted, sizeof(*wanted), MSG_NOSIGNAL) < 0)
			error = -errno;
		else
			error = collect(finder, symbols);
	}
	if (error) {
		free(symbols);
		return error;
	}
	*ret = symbols;
	return 0;
}
