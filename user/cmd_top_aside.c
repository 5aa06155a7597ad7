// SPDX-License-Identifier: BSD-2-Clause
#include "cmd_top_aside.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "commands.h"
#include "line/json_peek.h"

/* 'why' takes a second with symbols. */
#define PATIENCE_NS (10 * (uint64_t)NS_PER_S)
#define LONGEST_TEXT (256 << 10)
/* If the terminal takes nothing, it is not waited for. */
#define RESTORE_S 2

/* The size of a question of 0 says goodbye. */
struct question {
	uint32_t number, width, size;
};

struct answer {
	uint32_t number, size;
};

static bool read_all(int fd, void *data, size_t size)
{
	size_t done = 0;

	while (done < size) {
		const ssize_t more = read(fd, (char *)data + done, size - done);

		if (more <= 0 && !(more < 0 && errno == EINTR))
			return false;
		done += more > 0 ? (size_t)more : 0;
	}
	return true;
}

static bool send_all(int fd, const void *data, size_t size)
{
	size_t done = 0;

	while (done < size) {
		const ssize_t more = send(fd, (const char *)data + done, size - done, MSG_NOSIGNAL);

		if (more < 0 && errno != EINTR)
			return false;
		done += more > 0 ? (size_t)more : 0;
	}
	return true;
}

static bool put_on_stdin(const char *line)
{
	AUTO_CLOSE int fd = memfd_create("killtrace", MFD_CLOEXEC);

	return fd >= 0 && write(fd, line, strlen(line)) == (ssize_t)strlen(line) &&
	       !lseek(fd, 0, SEEK_SET) && dup2(fd, STDIN_FILENO) >= 0;
}

/* In a child: what `killtrace why` prints goes to the pipe. `what`: an id, or "-" for the line. */
static void explain(const struct options *options, const char *what, const char *line,
		    unsigned int width, int pipe_fd)
{
	const struct options why = {
		.output = OUTPUT_HUMAN,
		.history = options->history,
		.host_root = options->host_root,
		.argument = what,
		.width = width,
	};

	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (!put_on_stdin(line) || dup2(pipe_fd, STDOUT_FILENO) < 0 ||
	    dup2(pipe_fd, STDERR_FILENO) < 0)
		_exit(EXIT_FAILED);
	_exit(cmd_why(&why));
}

/* True: it has ended. False: it takes too long, or the other process has gone. */
static bool take_text(int pipe_fd, int socket_fd, struct buffer *ret)
{
	const uint64_t until_ns = clock_monotonic_ns() + PATIENCE_NS;
	struct pollfd fds[] = { { .fd = pipe_fd, .events = POLLIN }, { .fd = socket_fd } };
	ssize_t size = 1;

	while (size > 0 && ret->size < LONGEST_TEXT) {
		const uint64_t now_ns = clock_monotonic_ns();
		char part[4096];

		if (now_ns >= until_ns)
			return false;
		if (poll(fds, ARRAY_SIZE(fds), (int)((until_ns - now_ns) / 1000000) + 1) <= 0)
			continue;
		if (fds[1].revents)
			return false;
		size = read(pipe_fd, part, sizeof(part));
		if (size > 0)
			buffer_add(ret, part, (size_t)size);
	}
	return !size;
}

/* Whether `why` found an answer; its text. */
static bool run_why(const struct options *options, const char *what, const char *line,
		    unsigned int width, int socket_fd, struct buffer *ret)
{
	int fds[2], status = -1;
	pid_t child;

	if (pipe2(fds, O_CLOEXEC))
		return false;
	child = fork();
	if (!child) {
		(void)close(socket_fd);
		explain(options, what, line, width, fds[1]);
	}
	(void)close(fds[1]);
	if (child > 0) {
		if (!take_text(fds[0], socket_fd, ret))
			(void)kill(child, SIGKILL);
		(void)waitpid(child, &status, 0);
	}
	(void)close(fds[0]);
	return child > 0 && WIFEXITED(status) && WEXITSTATUS(status) == EXIT_DONE && ret->size &&
	       !ret->failed;
}

/* From the history, which knows what was before; else from the line alone. */
static void answer(const struct options *options, const char *line, unsigned int width,
		   int socket_fd, struct buffer *ret)
{
	static const char nothing[] = "There was no explanation in time; try 'killtrace why'.\n";
	struct json_walk_value record;
	AUTO_FREE char *id =
		json_walk_line(line, strlen(line), &record) ? json_peek_text(&record, "id") : NULL;

	if (id && !access(options->history, R_OK) &&
	    run_why(options, id, line, width, socket_fd, ret))
		return;
	ret->size = 0;
	/* what it printed says why there is no answer */
	if (!run_why(options, "-", line, width, socket_fd, ret) && !ret->size)
		buffer_text(ret, nothing);
}

/* Whether the other process said goodbye. */
static bool serve(const struct options *options, int fd)
{
	struct question question;

	while (read_all(fd, &question, sizeof(question))) {
		AUTO_FREE char *line = NULL;
		struct buffer text = { 0 };
		struct answer head;
		bool is_sent;

		if (!question.size)
			return true;
		line = question.size <= TOP_LINE_MOST ? malloc(question.size + 1) : NULL;
		if (!line || !read_all(fd, line, question.size))
			return false;
		line[question.size] = '\0';
		answer(options, line, question.width, fd, &text);
		head = (struct answer){ question.number, text.failed ? 0 : (uint32_t)text.size };
		is_sent = send_all(fd, &head, sizeof(head)) && send_all(fd, text.text, head.size);
		free(text.text);
		if (!is_sent)
			return false;
	}
	return false;
}

/* Keys and hang-ups are for the other process. A stop is, too: it brings the terminal back. */
static void ignore_signals(void)
{
	static const int signals[] = { SIGINT,  SIGTERM, SIGHUP,  SIGQUIT,
				       SIGTSTP, SIGTTOU, SIGTTIN, SIGPIPE };

	for (size_t i = 0; i < ARRAY_SIZE(signals); i++)
		(void)signal(signals[i], SIG_IGN);
	(void)signal(SIGCHLD, SIG_DFL);
}

static void live(const struct options *options, const struct terminal_before *before, int fd)
{
	(void)prctl(PR_SET_NAME, "killtrace-aside");
	ignore_signals();
	if (!serve(options, fd)) {
		(void)alarm(RESTORE_S);
		terminal_restore(before);
	}
	_exit(0);
}

void aside_start(const struct options *options, const struct terminal_before *before,
		 struct aside *ret)
{
	int fds[2];

	*ret = (struct aside){ .fd = -1 };
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds))
		return;
	switch (fork()) {
	case 0:
		(void)close(fds[0]);
		live(options, before, fds[1]);
		break;
	case -1:
		(void)close(fds[0]);
		break;
	default:
		ret->fd = fds[0];
	}
	(void)close(fds[1]);
}

static void give_up(struct aside *aside)
{
	(void)close(aside->fd);
	aside->fd = -1;
}

bool aside_ask(struct aside *aside, const char *line, unsigned int width)
{
	const struct question question = { ++aside->asked, width, (uint32_t)strlen(line) };

	if (aside->fd >= 0 && (!send_all(aside->fd, &question, sizeof(question)) ||
			       !send_all(aside->fd, line, question.size)))
		give_up(aside);
	return aside->fd >= 0;
}

/* It is sent at once, so reading the rest of it does not take long. */
char *aside_answer(struct aside *aside)
{
	struct answer head;
	char *text;

	if (!read_all(aside->fd, &head, sizeof(head)) || head.size > LONGEST_TEXT + 4096) {
		give_up(aside);
		return NULL;
	}
	text = calloc(1, (size_t)head.size + 1);
	if (!text || !read_all(aside->fd, text, head.size)) {
		free(text);
		give_up(aside);
		return NULL;
	}
	if (head.number == aside->asked)
		return text;
	free(text);
	return NULL;
}

void aside_end(struct aside *aside)
{
	const struct question goodbye = { 0 };

	if (aside->fd < 0)
		return;
	(void)send_all(aside->fd, &goodbye, sizeof(goodbye));
	give_up(aside);
}
