// SPDX-License-Identifier: BSD-2-Clause
#include "symbols/finder.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "symbols/download.h"
#include "symbols/libdw.h"
#include "symbols/search.h"

#define NS_PER_MS ((uint64_t)1000000)

struct finder {
	int socket;
	struct wanted wanted;
	struct symbols symbols;
	struct reader reader;
	struct search search;
};

static void on_time_over(int number)
{
	(void)number;
	_exit(0);
}

static void set_deadline(unsigned int ms)
{
	const struct sigaction action = { .sa_handler = on_time_over };
	const struct itimerval timer = { .it_value = { .tv_sec = ms / 1000,
						       .tv_usec = ms % 1000 * 1000L } };

	(void)sigaction(SIGALRM, &action, NULL);
	(void)setitimer(ITIMER_REAL, &timer, NULL);
}

static void send_answer(const struct finder *finder, const struct finder_answer *answer)
{
	if (send(finder->socket, answer, sizeof(*answer), MSG_NOSIGNAL) < 0)
		_exit(0);
}

static void send_frame(struct finder *finder, uint32_t index)
{
	struct finder_answer answer = { .index = index };

	answer.frame = *wanted_frame(&finder->symbols, index);
	send_answer(finder, &answer);
}

static void name_frames(struct finder *finder, bool by_dwarf)
{
	for (uint32_t i = 0; i < WANTED_FRAMES; i++)
		if (reader_name(&finder->reader, by_dwarf, i, wanted_frame(&finder->symbols, i)))
			send_frame(finder, i);
}

static void take_frames(struct finder *finder)
{
	for (size_t i = 0; i < WANTED_FRAMES; i++) {
		const struct wanted_frame *wanted = &finder->wanted.frames[i];
		struct symbols_frame *frame = wanted_frame(&finder->symbols, i);

		if (wanted->is_generated) {
			frame->state = SYMBOLS_GENERATED;
			frame->is_generated = frame->has_address = true;
			frame->gap = 1;
			frame->address = wanted->offset;
		}
		if (!wanted->is_located)
			continue;
		frame->state = SYMBOLS_LATE;
		frame->offset = wanted->offset;
		frame->by_name = wanted->by_name;
		memcpy(frame->build_id, wanted->build_id, sizeof(frame->build_id));
		memcpy(frame->module, wanted->module, sizeof(frame->module));
	}
}

/* Symbols first: if the time is over, there are at least those. */
static void find_and_name(struct finder *finder, const char *urls)
{
	take_frames(finder);
	reader_start(&finder->wanted, &finder->reader);
	search_files(&finder->search);
	for (uint32_t i = 0; i < WANTED_FRAMES; i++)
		if (finder->wanted.frames[i].is_located)
			send_frame(finder, i);
	name_frames(finder, false);
	name_frames(finder, true);
	if (urls && download_is_wanted(&finder->search)) {
		set_deadline(DOWNLOAD_PATIENCE_MS + SYMBOLS_PATIENCE_MS);
		download_files(&finder->search, urls);
		name_frames(finder, false);
		name_frames(finder, true);
	}
	reader_stop(&finder->reader);
}

char *finder_urls(void)
{
	const char *urls = getenv("DEBUGINFOD_URLS");

	return urls && *urls ? strdup(urls) : NULL;
}

void finder_run(int socket, pid_t parent, const struct symbols_options *options, const char *urls)
{
	struct finder *finder = calloc(1, sizeof(*finder));
	struct finder_answer end = { .is_end = true };
	const unsigned int patience_ms = options->patience_ms ? options->patience_ms
							      : SYMBOLS_PATIENCE_MS;

	(void)prctl(PR_SET_NAME, "killtrace-find");
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	/* libdw would begin to download by itself */
	(void)unsetenv("DEBUGINFOD_URLS");
	if (!finder || getppid() != parent)
		_exit(1);
	finder->socket = socket;
	finder->search.reader = &finder->reader;
	finder->search.wanted = &finder->wanted;
	finder->search.options = options;
	finder->search.symbols = &finder->symbols;
	/* while the parent looks for the record */
	end.error = libdw_load() ? 0 : -ENOPKG;
	if (recv(socket, &finder->wanted, sizeof(finder->wanted), 0) != sizeof(finder->wanted))
		_exit(0);
	set_deadline(patience_ms);
	finder->search.end_ns = clock_boottime_ns() + patience_ms * NS_PER_MS / 2;
	wanted_check(&finder->wanted);
	if (!end.error)
		find_and_name(finder, urls);
	send_answer(finder, &end);
	_exit(0);
}
