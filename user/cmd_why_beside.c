// SPDX-License-Identifier: BSD-2-Clause
#include "cmd_why_beside.h"

#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "line/json_tree.h"
#include "line/record_read.h"
#include "source/origin.h"
#include "why/fact.h"

#define LONGEST_RECORD (1 << 20)
/* An answer that needs longer comes too late for a person who waits. */
#define PATIENCE_MS 1200
#define LONGEST_LIFE_S 2
/* How long its end is waited for. */
#define END_MS 100

/* Until the other side has written everything. NULL: it is too long, or there is no memory. */
static char *read_record(int fd)
{
	char *line = malloc(LONGEST_RECORD);
	size_t used = 0;
	ssize_t size = 1;

	while (line && size > 0 && used < LONGEST_RECORD - 1) {
		size = read(fd, line + used, LONGEST_RECORD - 1 - used);
		used += size > 0 ? (size_t)size : 0;
	}
	if (line && size) {
		free(line);
		return NULL;
	}
	if (line)
		line[used] = '\0';
	return line;
}

/* Of this boot, or of a node of this name: what is set here says nothing about another machine. */
static bool is_from_here(const json_t *record)
{
	const char *id = fact_text(record, "id");
	struct origin here;
	size_t length;

	origin_read(NULL, &here);
	length = strlen(here.boot_id);
	return (length && !strncmp(id, here.boot_id, length) && id[length] == '-') ||
	       fact_is(record, "node", here.node);
}

static void work(int fd, struct beside_answer *answer)
{
	AUTO_FREE char *line = read_record(fd);
	json_t *record = line ? record_read(line) : NULL;

	if (!record)
		return;
	if (is_from_here(record))
		settings_read(&settings_here, record, &answer->settings);
	json_decref(record);
	(void)send(fd, "", 1, MSG_NOSIGNAL);
}

static void live(int fd, struct beside_answer *answer)
{
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	(void)signal(SIGALRM, SIG_DFL);
	(void)alarm(LONGEST_LIFE_S);
	work(fd, answer);
	_exit(0);
}

void beside_start(struct beside *ret)
{
	int fds[2];

	*ret = (struct beside){ .fd = -1 };
	ret->answer = mmap(NULL, sizeof(*ret->answer), PROT_READ | PROT_WRITE,
			   MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (ret->answer == MAP_FAILED)
		ret->answer = NULL;
	if (!ret->answer || socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds))
		return;
	switch (fork()) {
	case 0:
		(void)close(fds[0]);
		live(fds[1], ret->answer);
		break;
	case -1:
		(void)close(fds[0]);
		break;
	default:
		ret->fd = fds[0];
	}
	(void)close(fds[1]);
}

static bool send_all(int fd, const char *text)
{
	size_t left = strlen(text);

	while (left) {
		const ssize_t size = send(fd, text, left, MSG_NOSIGNAL);

		if (size < 0)
			return false;
		text += size;
		left -= (size_t)size;
	}
	return !shutdown(fd, SHUT_WR);
}

const struct beside_answer *beside_ask(struct beside *beside, const json_t *record)
{
	AUTO_FREE char *line = json_tree_line(record);
	struct pollfd wait = { .fd = beside->fd, .events = POLLIN };
	char done;

	if (beside->fd < 0 || !line || !send_all(beside->fd, line) ||
	    poll(&wait, 1, PATIENCE_MS) <= 0 || read(beside->fd, &done, 1) != 1)
		return NULL;
	return beside->answer;
}

/* If this process ended first, the kernel would kill the other one, and an agent would report that.
 */
static void wait_for_end(int fd)
{
	struct pollfd end = { .fd = fd };

	(void)shutdown(fd, SHUT_WR);
	(void)poll(&end, 1, END_MS);
}

void beside_end(struct beside *beside)
{
	if (beside->fd >= 0) {
		wait_for_end(beside->fd);
		(void)close(beside->fd);
	}
	if (beside->answer)
		(void)munmap(beside->answer, sizeof(*beside->answer));
}
