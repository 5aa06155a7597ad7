// SPDX-License-Identifier: BSD-2-Clause
#include "stdout/pager.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"

/* sudo(8) may allow a user this command only, and a pager can start others as root. */
static bool is_by_sudo(void)
{
	return !geteuid() && getenv("SUDO_UID");
}

static const char *wanted_pager(void)
{
	static const char *const names[] = { "KILLTRACE_PAGER", "SYSTEMD_PAGER", "PAGER" };

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		const char *pager = getenv(names[i]);

		if (pager && (!is_by_sudo() || !*pager || !strcmp(pager, "cat")))
			return pager;
	}
	return "if command -v less >/dev/null; then exec less; else exec cat; fi";
}

/* As git and systemd do: end at once if everything fits, pass colours on, keep the screen. */
static void run_pager(const char *pager, int input)
{
	if (dup2(input, STDIN_FILENO) < 0)
		_exit(EXIT_FAILURE);
	(void)setenv("LESS", "FRSXMK", 0);
	if (is_by_sudo())
		(void)setenv("LESSSECURE", "1", 1);
	(void)execl("/bin/sh", "sh", "-c", pager, (char *)NULL);
	_exit(EXIT_FAILURE);
}

static void take_over(struct pager *pager, const char *command, int pipe_fds[2])
{
	pager->terminal_fd = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3);
	if (pager->terminal_fd >= 0)
		pager->pid = fork();
	if (!pager->pid)
		run_pager(command, pipe_fds[0]);
	if (pager->pid > 0 && dup2(pipe_fds[1], STDOUT_FILENO) >= 0)
		return;
	/* the pager, if any, ends when it sees the end of its input */
	(void)close(pager->terminal_fd);
	*pager = (struct pager){ .terminal_fd = -1 };
}

void pager_begin(struct pager *ret)
{
	const char *command = wanted_pager(), *terminal = getenv("TERM");
	int pipe_fds[2];

	*ret = (struct pager){ .pid = -1, .terminal_fd = -1 };
	/* such a terminal cannot move back: a pager would only ask questions */
	if (!isatty(STDOUT_FILENO) || (terminal && !strcmp(terminal, "dumb")) || !*command ||
	    !strcmp(command, "cat") || pipe2(pipe_fds, O_CLOEXEC))
		return;
	take_over(ret, command, pipe_fds);
	(void)close(pipe_fds[0]);
	(void)close(pipe_fds[1]);
}

void pager_end(struct pager *pager)
{
	if (pager->terminal_fd < 0)
		return;
	(void)dup2(pager->terminal_fd, STDOUT_FILENO);
	while (waitpid(pager->pid, NULL, 0) < 0 && errno == EINTR)
		continue;
	(void)close(pager->terminal_fd);
	*pager = (struct pager){ .terminal_fd = -1 };
}
