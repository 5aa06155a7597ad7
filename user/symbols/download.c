// SPDX-License-Identifier: BSD-2-Clause
#include "symbols/download.h"

#include <errno.h>
#include <grp.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "attribute/parser_wire.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/say.h"
#include "symbols/debuginfod.h"

#define NOBODY 65534
/* In memory, with root's rights. */
#define MOST_BYTES "402653184"
#define MS_NS ((uint64_t)1000000)

struct fetched {
	uint32_t file; /* index in wanted->files */
	int32_t error; /* -errno; the last message has -1 for `file` and 0 */
};

static bool misses_lines(const struct search *search, size_t file)
{
	for (size_t i = 0; i < WANTED_FRAMES; i++) {
		const struct symbols_frame *frame = wanted_frame(search->symbols, i);

		if (wanted_file_of(search->wanted, i) == (int)file &&
		    (frame->state != SYMBOLS_NAMED || !frame->places[0].line))
			return true;
	}
	return false;
}

static bool is_missing(const struct search *search, size_t file)
{
	return !search->wanted->files[file].by_name && misses_lines(search, file) &&
	       (search->reader->files[file].code_fd < 0 || !search->reader->files[file].has_lines);
}

bool download_is_wanted(const struct search *search)
{
	for (size_t i = 0; i < search->wanted->file_count; i++)
		if (is_missing(search, i))
			return true;
	return false;
}

/* What root has is not needed to talk to a server. */
static int give_up_rights(void)
{
	if (geteuid())
		return 0;
	if (unshare(CLONE_NEWNS) || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) ||
	    mount("killtrace", "/tmp", "tmpfs", MS_NOSUID | MS_NODEV | MS_NOEXEC,
		  "mode=0700,uid=65534,gid=65534,size=" MOST_BYTES) ||
	    setenv("DEBUGINFOD_CACHE_PATH", "/tmp/debuginfod", 1) || setgroups(0, NULL) ||
	    setresgid(NOBODY, NOBODY, NOBODY) || setresuid(NOBODY, NOBODY, NOBODY))
		return -errno;
	return 0;
}

static void send_file(int socket, uint32_t file, int found)
{
	const struct fetched fetched = { file, found < 0 ? found : 0 };

	(void)parser_wire_send(socket, &fetched, sizeof(fetched), found);
	if (found >= 0)
		(void)close(found);
}

static void fetch_all(const struct search *search, const struct debuginfod *lib, int socket)
{
	const struct wanted *wanted = search->wanted;
	void *client = lib->begin();

	for (uint32_t i = 0; client && i < wanted->file_count; i++) {
		char id[SYMBOLS_ID_TEXT];

		if (!is_missing(search, i))
			continue;
		(void)symbols_id_text(wanted->files[i].build_id, id);
		if (search->reader->files[i].code_fd < 0)
			send_file(socket, i, lib->find_executable(client, (void *)id, 0, NULL));
		send_file(socket, i, lib->find_debuginfo(client, (void *)id, 0, NULL));
	}
	send_file(socket, UINT32_MAX, client ? -ENODATA : -ENOMEM);
}

static void fetch(const struct search *search, const char *urls, pid_t parent, int socket)
{
	const struct rlimit none = { 0, 0 };
	const struct debuginfod *lib;
	int error;

	(void)prctl(PR_SET_NAME, "killtrace-fetch");
	(void)signal(SIGALRM, SIG_DFL);
	(void)alarm(DOWNLOAD_PATIENCE_MS / 1000 + 1);
	error = give_up_rights();
	(void)prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	(void)setrlimit(RLIMIT_CORE, &none);
	/* after the change of the user, which resets it */
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	(void)setenv("DEBUGINFOD_URLS", urls, 1);
	(void)setenv("DEBUGINFOD_MAXSIZE", MOST_BYTES, 1);
	if (getppid() != parent)
		_exit(1);
	lib = error ? NULL : debuginfod_load();
	if (lib)
		fetch_all(search, lib, socket);
	else
		send_file(socket, UINT32_MAX, error ? error : -ENOPKG);
	_exit(0);
}

/* How many came; *ret_error is why others did not. */
static unsigned int receive_all(struct search *search, int socket, int *ret_error)
{
	const uint64_t end_ns = clock_boottime_ns() + DOWNLOAD_PATIENCE_MS * MS_NS;
	unsigned int count = 0;

	for (;;) {
		struct pollfd one = { .fd = socket, .events = POLLIN };
		const uint64_t now_ns = clock_boottime_ns();
		struct fetched fetched = { 0 };
		int fd = -1;

		if (now_ns >= end_ns || poll(&one, 1, (int)((end_ns - now_ns) / MS_NS) + 1) <= 0) {
			*ret_error = -ETIMEDOUT;
			return count;
		}
		if (parser_wire_receive(socket, &fetched, sizeof(fetched), &fd) != sizeof(fetched))
			return count;
		if (fd >= 0) {
			search_take(search, fd);
			count++;
		} else if (fetched.file == UINT32_MAX) {
			if (fetched.error != -ENODATA)
				*ret_error = fetched.error;
			return count;
		} else if (fetched.error > -4096 && fetched.error < 0) {
			*ret_error = fetched.error;
		}
	}
}

static void say_result(int error, unsigned int count)
{
	if (error == -ETIMEDOUT)
		say("no more debug information: the servers of DEBUGINFOD_URLS did not answer in "
		    "%d s, ignoring",
		    DOWNLOAD_PATIENCE_MS / 1000);
	else if (error == -ENOPKG)
		say("nothing is downloaded: libdebuginfod is missing; install libdebuginfod1, "
		    "ignoring");
	else if (error && !count)
		say("no debug information from the servers of DEBUGINFOD_URLS: %s, ignoring",
		    error == -ENOENT ? "they do not have it" : strerror(-error));
}

void download_files(struct search *search, const char *urls)
{
	const pid_t parent = getpid();
	unsigned int count;
	int ends[2], error = 0;
	pid_t child;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends))
		return;
	say("asking the servers of DEBUGINFOD_URLS for debug information, at most %d s; Ctrl-C "
	    "goes on without it",
	    DOWNLOAD_PATIENCE_MS / 1000);
	child = fork();
	if (!child)
		fetch(search, urls, parent, ends[1]);
	(void)close(ends[1]);
	if (child > 0) {
		count = receive_all(search, ends[0], &error);
		(void)kill(child, SIGKILL);
		(void)waitpid(child, NULL, 0);
		say_result(error, count);
	}
	(void)close(ends[0]);
}
