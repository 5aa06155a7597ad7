// SPDX-License-Identifier: BSD-2-Clause
#include "attribute/parser.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "attribute/parser_child.h"
#include "attribute/parser_wire.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/say.h"

/* include/linux/proc_ns.h: PROC_PID_INIT_INO */
#define FIRST_PID_NAMESPACE 0xEFFFFFFCU

struct parser {
	int control; /* to the starter; -1: it is gone */
	int worker;  /* -1: none yet, or no more */
	pid_t starter;
	bool in_first_namespace;
	bool said_too_many;
	int patience_ms;
	uint64_t lost;
};

static void hang_up(int *fd)
{
	if (*fd >= 0)
		(void)close(*fd);
	*fd = -1;
}

static bool is_in_first_namespace(void)
{
	struct stat st;

	return !stat("/proc/self/ns/pid", &st) && st.st_ino == FIRST_PID_NAMESPACE;
}

int parser_start(struct parser **ret)
{
	struct parser *parser = calloc(1, sizeof(*parser));
	const pid_t self = getpid();
	int ends[2];

	if (!parser)
		return -ENOMEM;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends)) {
		free(parser);
		return -errno;
	}
	*parser = (struct parser){ .control = ends[0],
				   .worker = -1,
				   .starter = fork(),
				   .in_first_namespace = is_in_first_namespace(),
				   .patience_ms = PARSER_PATIENCE_MS };
	if (!parser->starter)
		parser_child_run(ends[1], self);
	(void)close(ends[1]);
	if (parser->starter < 0) {
		const int error = -errno;

		hang_up(&parser->control);
		free(parser);
		return error;
	}
	*ret = parser;
	return 0;
}

void parser_stop(struct parser *parser)
{
	static const struct timespec pause = { .tv_nsec = (long)NS_PER_S / 1000 };

	if (!parser)
		return;
	hang_up(&parser->worker);
	/* a descriptor of parser_end_fd() would keep the starter waiting for orders */
	(void)shutdown(parser->control, SHUT_RDWR);
	hang_up(&parser->control);
	for (int ms = 0; ms < PARSER_PATIENCE_MS && !waitpid(parser->starter, NULL, WNOHANG); ms++)
		(void)nanosleep(&pause, NULL);
	free(parser);
}

static bool is_hung_up(int error)
{
	return error == -EPIPE || error == -ECONNRESET || error == -ENOTCONN;
}

/* net/core/scm.c and net/unix/scm.c: too_many_unix_fds() */
static void say_too_many(struct parser *parser)
{
	if (parser->said_too_many)
		return;
	parser->said_too_many = true;
	say("cannot hand over files that have names of containers and pods: processes of uid %u have "
	    "sent too many descriptors that were not received; raise the limit on open files of "
	    "killtrace (LimitNOFILE=), or fs.nr_open",
	    getuid());
}

static int start_worker(struct parser *parser)
{
	int ends[2], error;

	if (parser->control < 0)
		return -ENOTCONN;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends))
		return -errno;
	error = parser_wire_send(parser->control, "", 1, ends[1]);
	(void)close(ends[1]);
	if (!error) {
		parser->worker = ends[0];
		return 0;
	}
	(void)close(ends[0]);
	if (error == -EAGAIN)
		return -ETIMEDOUT; /* it is stopped, and has more questions than it can take */
	if (is_hung_up(error))
		hang_up(&parser->control);
	return error;
}

/* A worker that died before it got a question costs nothing. */
static int send_question(struct parser *parser, const struct file_question *question, int fd)
{
	int error = parser->worker < 0
			    ? -EPIPE
			    : parser_wire_send(parser->worker, question, sizeof(*question), fd);

	if (!is_hung_up(error))
		return error;
	hang_up(&parser->worker);
	error = start_worker(parser);
	return error ? error : parser_wire_send(parser->worker, question, sizeof(*question), fd);
}

/* Until there is something to read, or nothing can come any more. */
static bool wait_for(int fd, int patience_ms)
{
	const uint64_t until = clock_boottime_ns() + (uint64_t)patience_ms * 1000000;
	struct pollfd one = { .fd = fd, .events = POLLIN };

	for (;;) {
		const uint64_t now = clock_boottime_ns();
		int ready = now < until ? poll(&one, 1, (int)((until - now) / 1000000) + 1) : 0;

		if (ready >= 0 || errno != EINTR)
			return ready > 0;
	}
}

static int receive_answer(const struct parser *parser, struct file_answer *ret)
{
	struct file_answer answer = { 0 };

	if (!wait_for(parser->worker, parser->patience_ms))
		return -ETIMEDOUT;
	if (parser_wire_receive(parser->worker, &answer, sizeof(answer), NULL) != sizeof(answer) ||
	    !file_answer_check(&answer, ret))
		return -EOWNERDEAD;
	return 0;
}

int parser_ask(struct parser *parser, const struct file_question *question, int fd,
	       struct file_answer *ret)
{
	int error = send_question(parser, question, fd);

	if (!error)
		error = receive_answer(parser, ret);
	if (!error)
		return ret->error;
	/* a late answer would be about this file, and not about the next one */
	hang_up(&parser->worker);
	parser->lost++;
	/* at once, not only when the next one is started */
	if (parser->control >= 0)
		(void)parser_wire_send(parser->control, "", 1, -1);
	if (error == -ETOOMANYREFS)
		say_too_many(parser);
	return is_hung_up(error) ? -ENOTCONN : error;
}

void parser_set_patience(struct parser *parser, int ms)
{
	parser->patience_ms = ms;
}

uint64_t parser_lost(const struct parser *parser)
{
	return parser->lost;
}

int parser_state(struct parser *parser, struct powerless *ret)
{
	struct powerless state = { 0 };

	if (parser->control >= 0 && !wait_for(parser->control, parser->patience_ms))
		return -ETIMEDOUT;
	if (parser->control < 0 ||
	    parser_wire_receive(parser->control, &state, sizeof(state), NULL) != sizeof(state))
		return -ENOTCONN;
	*ret = state;
	return 0;
}

int parser_end_fd(const struct parser *parser)
{
	const int fd = fcntl(parser->control, F_DUPFD_CLOEXEC, 0);

	return fd < 0 ? -errno : fd;
}

pid_t parser_starter(const struct parser *parser)
{
	return parser && parser->in_first_namespace ? parser->starter : 0;
}
