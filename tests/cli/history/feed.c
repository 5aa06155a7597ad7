// SPDX-License-Identifier: BSD-2-Clause
/*
 * Feeds a history like an agent: lines of JSON from standard input go to the outlet. After each
 * successful flush it prints the number of lines that are now safe. Tests kill it, and then check
 * the database.
 *
 * usage: history-feed FILE DAYS MIB BATCH      BATCH lines are gathered at most, by chance fewer
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/when.h"
#include "events.h"
#include "history/history.h"

static struct event *event_of(const char *line, size_t size)
{
	static const char key[] = "\"time\":\"";
	int64_t realtime_ns;
	const char *time = strstr(line, key);
	char word[CLOCK_RFC3339_SIZE] = "";

	if (!time)
		abort();
	time += strlen(key);
	(void)snprintf(word, sizeof(word), "%.*s", (int)strcspn(time, "\""), time);
	if (!when_parse(word, 0, &realtime_ns))
		abort();
	return events_make(line, size, realtime_ns);
}

/* Repeats until it works, like an outlet; prints the error when it changes. */
static void insist(struct outlet *outlet, struct event *event)
{
	static int before;
	int error;

	do {
		error = event ? outlet->ops->deliver(outlet, event) : outlet->ops->flush(outlet);
		if (error != before)
			(void)fprintf(stderr, "%s\n", error ? outlet->trouble : "works again");
		before = error;
		if (error)
			(void)usleep(20000);
	} while (error);
}

int main(int argc, char **argv)
{
	struct history_limits limits;
	struct outlet *outlet;
	unsigned long gathered = 0, safe = 0, batch;
	char *line = NULL;
	size_t room = 0;
	ssize_t size;

	if (argc != 5)
		return 2;
	limits.days = (unsigned int)strtoul(argv[2], NULL, 10);
	limits.most_bytes = (uint64_t)strtoul(argv[3], NULL, 10) << 20;
	batch = strtoul(argv[4], NULL, 10);
	srandom((unsigned int)getpid());
	outlet = history_new(argv[1], &limits, NULL);
	if (!outlet)
		return 1;
	while ((size = getline(&line, &room, stdin)) > 0) {
		struct event *event = event_of(line, (size_t)size);

		insist(outlet, event);
		event_unref(event);
		if (++gathered < 1 + (unsigned long)random() % batch)
			continue;
		insist(outlet, NULL);
		safe += gathered;
		gathered = 0;
		(void)printf("%lu\n", safe);
		(void)fflush(stdout);
	}
	insist(outlet, NULL);
	(void)printf("%lu\n", safe + gathered);
	outlet->ops->free(outlet);
	free(line);
	return 0;
}
