// SPDX-License-Identifier: BSD-2-Clause
/*
 * Feeds a history as an agent's outlet does it: lines of JSON from standard input go to the target, and
 * after each flush that worked the number of lines that are safe now is printed. For tests that end it
 * without warning, and then look what is there.
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
#include "sink/history.h"

static struct event *event_of(const char *line, size_t size)
{
	static const char key[] = "\"time\":\"";
	struct event *event = malloc(sizeof(*event) + size + 1);
	const char *time = strstr(line, key);
	char word[CLOCK_RFC3339_SIZE] = "";

	if (!event || !time)
		abort();
	time += strlen(key);
	(void)snprintf(word, sizeof(word), "%.*s", (int)strcspn(time, "\""), time);
	if (!when_parse(word, 0, &event->realtime_ns))
		abort();
	atomic_init(&event->references, 1);
	event->sequence = 0;
	event->is_death = strstr(line, "\"cause\"") != NULL;
	event->size = size;
	memcpy(event->line, line, size + 1);
	return event;
}

/* Until it works, as an outlet would; what is wrong is said when it changes. */
static void insist(struct target *target, struct event *event)
{
	static int before;
	int error;

	do {
		error = event ? target->ops->deliver(target, event) : target->ops->flush(target);
		if (error != before)
			(void)fprintf(stderr, "%s\n", error ? target->trouble : "works again");
		before = error;
		if (error)
			(void)usleep(20000);
	} while (error);
}

int main(int argc, char **argv)
{
	struct history_limits limits;
	struct target *target;
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
	target = history_new(argv[1], &limits);
	if (!target)
		return 1;
	while ((size = getline(&line, &room, stdin)) > 0) {
		struct event *event = event_of(line, (size_t)size);

		insist(target, event);
		event_unref(event);
		if (++gathered < 1 + (unsigned long)random() % batch)
			continue;
		insist(target, NULL);
		safe += gathered;
		gathered = 0;
		(void)printf("%lu\n", safe);
		(void)fflush(stdout);
	}
	insist(target, NULL);
	(void)printf("%lu\n", safe + gathered);
	target->ops->free(target);
	free(line);
	return 0;
}
