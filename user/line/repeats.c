// SPDX-License-Identifier: BSD-2-Clause
#include "line/repeats.h"

#include <inttypes.h>
#include <jansson.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/number.h"

/* The end of the summary. Each quote within a text is escaped, so that no name looks like the key.
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

/* Nothing for a single death, which can be beside other rows. */
static int write_words(const struct repeats *repeats, char *ret, size_t size)
{
	const double seconds = (double)(repeats->last_ns - repeats->first_ns) / (double)NS_PER_S;

	*ret = '\0';
	if (repeats->count == 1)
		return 0;
	return snprintf(ret, size, " (and %" PRIu64 " more %s in %.*f s)", repeats->count - 1,
			repeats->differs ? "of its owner, not all like it," : "like it",
			seconds < 9.95 ? 1 : 0, seconds > 0 ? seconds : 0);
}

/* `,"differ":["program"]`, or nothing. */
static void write_differences(unsigned int differs, char *ret, size_t size)
{
	static const char *const names[REPEATS_PARTS] = { "cgroup", "program", "end", "sender" };
	size_t used = 0;

	*ret = '\0';
	for (int i = 0; i < REPEATS_PARTS; i++)
		if (differs & 1U << i)
			used += (size_t)snprintf(ret + used, size - used, "%s\"%s\"",
						 used ? "," : ",\"differ\":[", names[i]);
	if (used)
		(void)snprintf(ret + used, size - used, "]");
}

/* Ids of one boot differ only after the last dash. */
static int write_member(const struct repeats *repeats, const char *id, char *ret, size_t size)
{
	const char *const dash = strrchr(id, '-');
	char first[CLOCK_RFC3339_SIZE], last[CLOCK_RFC3339_SIZE], left[32] = "", differences[80];

	clock_rfc3339(repeats->first_ns, first);
	clock_rfc3339(repeats->last_ns, last);
	write_differences(repeats->differs, differences, sizeof(differences));
	if (repeats->rows_left)
		(void)snprintf(left, sizeof(left), ",\"rows_left\":%u", repeats->rows_left);
	return snprintf(ret, size,
			",\"repeats\":{\"count\":%" PRIu64 ",\"first\":\"%s\",\"last\":\"%s\","
			"\"last_id\":\"%.*s%" PRIu64 "\",\"last_pid\":%" PRIu32 "%s%s}}\n",
			repeats->count, first, last, dash ? (int)(dash + 1 - id) : 0, id,
			repeats->last, repeats->last_pid, differences, left);
}

struct event *event_of_repeats(const struct event *first, const struct repeats *repeats)
{
	static const char end[] = "}\n";
	const char *const summary_end = end_of_summary(first->line);
	const char *const id = reported_text(first->reported, REPORTED_ID);
	char words[96], member[480];
	const size_t words_size = (size_t)write_words(repeats, words, sizeof(words));
	const size_t member_size = (size_t)write_member(repeats, id, member, sizeof(member));
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
	if (event) {
		event->folded = repeats->count - 1;
		event->last_ns = repeats->last_ns;
	}
	return event;
}

static uint64_t sequence_of(const char *id, const char *boot_id)
{
	const size_t length = strlen(boot_id);
	uint64_t sequence = 0;

	if (id && !strncmp(id, boot_id, length) && id[length] == '-')
		(void)number_parse(id + length + 1, &sequence);
	return sequence;
}

bool repeats_of_line(const char *line, size_t size, const char *boot_id, uint64_t *ret_last,
		     unsigned int *ret_rows_left)
{
	json_t *record = json_loadb(line, size, JSON_DISABLE_EOF_CHECK, NULL);
	const json_t *repeats = json_object_get(record, "repeats");
	const char *last = json_string_value(json_object_get(repeats, "last_id"));
	json_int_t left;

	if (!last)
		last = json_string_value(json_object_get(record, "id"));
	*ret_last = sequence_of(last, boot_id);
	left = json_integer_value(json_object_get(repeats, "rows_left"));
	*ret_rows_left = left > 0 && left < UINT_MAX ? (unsigned int)left : 0;
	json_decref(record);
	return *ret_last != 0;
}
