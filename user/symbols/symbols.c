// SPDX-License-Identifier: BSD-2-Clause
#include "symbols/symbols.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "symbols/libdw.h"
#include "symbols/search.h"

/* Exit statuses of the child. */
enum {
	CHILD_DONE,
	CHILD_NO_MEMORY,
	CHILD_NO_LIBRARY,
};

static int find_and_name(const struct wanted *wanted, const struct symbols_options *options,
			 struct symbols *symbols)
{
	AUTO_FREE struct search *search = calloc(1, sizeof(*search));
	struct reader reader;

	/* libelf's own client of debuginfod would start threads, and a search without an end */
	(void)unsetenv("DEBUGINFOD_URLS");
	if (!search)
		return CHILD_NO_MEMORY;
	if (!libdw_load())
		return CHILD_NO_LIBRARY;
	reader_start(wanted, symbols, &reader);
	search->reader = &reader;
	search->wanted = wanted;
	search->options = options;
	search->symbols = symbols;
	search_files(search);
	reader_name_all(&reader);
	reader_stop(&reader);
	return CHILD_DONE;
}

/* Waits until the child has ended or the time is over. */
static int wait_for(pid_t child, int alive, unsigned int patience_ms)
{
	struct pollfd one = { .fd = alive };
	int status = 0;

	/* a signal that the caller handles ends the waiting too */
	if (poll(&one, 1, (int)patience_ms) <= 0)
		(void)kill(child, SIGKILL);
	while (waitpid(child, &status, 0) < 0 && errno == EINTR)
		continue;
	if (!WIFEXITED(status))
		return 0; /* there is what was found so far */
	if (WEXITSTATUS(status) == CHILD_NO_LIBRARY)
		return -ENOPKG;
	return WEXITSTATUS(status) == CHILD_NO_MEMORY ? -ENOMEM : 0;
}

/* The pipe is closed when the child ends, however it ends. */
static int look_up(const struct wanted *wanted, const struct symbols_options *options,
		   struct symbols *shared)
{
	const pid_t self = getpid();
	AUTO_CLOSE int alive = -1;
	int ends[2];
	pid_t child;

	if (pipe2(ends, O_CLOEXEC))
		return -errno;
	alive = ends[0];
	child = fork();
	if (!child) {
		(void)prctl(PR_SET_NAME, "killtrace-find");
		(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
		_exit(getppid() == self ? find_and_name(wanted, options, shared) : CHILD_DONE);
	}
	(void)close(ends[1]);
	if (child < 0)
		return -errno;
	return wait_for(child, alive,
			options->patience_ms ? options->patience_ms : SYMBOLS_PATIENCE_MS);
}

int symbols_of_record(const json_t *record, const struct symbols_options *options,
		      struct symbols **ret)
{
	AUTO_FREE struct wanted *wanted = calloc(1, sizeof(*wanted));
	struct symbols *shared;
	int error = 0;

	if (!wanted)
		return -ENOMEM;
	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1,
		      0);
	if (shared == MAP_FAILED)
		return -errno;
	wanted_read(record, shared, wanted);
	if (wanted->count)
		error = look_up(wanted, options, shared);
	if (error) {
		symbols_free(shared);
		return error;
	}
	*ret = shared;
	return 0;
}

void symbols_free(struct symbols *symbols)
{
	if (symbols)
		(void)munmap(symbols, sizeof(*symbols));
}
