// SPDX-License-Identifier: BSD-2-Clause
#include "line/repeats.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/clock.h"

/* Where the summary ends. Within a text each quote is escaped, so that no name looks like the key.
 */
static const char *end_of_summary(const char *line)
{
	static const char key[] = ",\"summary\":\"";
	const char *at = strstr(line, key);

	if (!at)
		return NULL;
	for (at += strlen(key); *at && *at != '"'; at++)
		if (*at == '\\' && at[1])
			at++;
	return *at ? at : NULL;
}

static int write_words(const struct repeats *repeats, char *ret, size_t size)
{
	const double seconds = (double)(repeats->last_ns - repeats->first_ns) / (double)NS_PER_S;

	return snprintf(ret, size, " (and %" PRIu64 " more like it in %.*f s)", repeats->count - 1,
			seconds < 9.95 ? 1 : 0, seconds > 0 ? seconds : 0);
}

static int write_member(const struct repeats *repeats, char *ret, size_t size)
{
	char first[CLOCK_RFC3339_SIZE], last[CLOCK_RFC3339_SIZE];

	clock_rfc3339(repeats->first_ns, first);
	clock_rfc3339(repeats->last_ns, last);
	return snprintf(ret, size,
			",\"repeats\":{\"count\":%" PRIu64 ",\"first\":\"%s\",\"last\":\"%s\"}}\n",
			repeats->count, first, last);
}

struct event *event_of_repeats(const struct event *first, const struct repeats *repeats)
{
	static const char end[] = "}\n";
	const char *const summary_end = end_of_summary(first->line);
	char words[80], member[200];
	const size_t words_size = (size_t)write_words(repeats, words, sizeof(words));
	const size_t member_size = (size_t)write_member(repeats, member, sizeof(member));
	const size_t body = first->size - strlen(end);
	const size_t head = summary_end ? (size_t)(summary_end - first->line) : body;
	const size_t inserted = summary_end ? words_size : 0;
	const size_t size = body + inserted + member_size;
	AUTO_FREE char *line = malloc(size + 1);
	struct event *event;
	char *at;

	if (!line)
		return NULL;
	at = mempcpy(line, first->line, head);
	at = mempcpy(at, words, inserted);
	at = mempcpy(at, first->line + head, body - head);
	memcpy(at, member, member_size + 1);
	event = event_of_line(first, line, size);
	if (event)
		event->folded = repeats->count - 1;
	return event;
}
