// SPDX-License-Identifier: BSD-2-Clause
#include "line/event.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/number.h"
#include "line/json_record.h"

/* Takes the typed form. */
static struct event *make(const char *line, size_t size, struct reported *reported,
			  uint64_t sequence)
{
	struct event *event = line && reported ? calloc(1, sizeof(*event) + size + 1) : NULL;

	if (!event) {
		free(reported);
		return NULL;
	}
	atomic_init(&event->references, 1);
	atomic_init(&event->queues, 0);
	event->is_death = reported->is_death;
	event->sequence = sequence;
	event->realtime_ns = reported->realtime_ns;
	event->reported = reported;
	event->size = size;
	memcpy(event->line, line, size + 1);
	return event;
}

struct event *event_of_death(const struct report *report)
{
	size_t size = 0;
	AUTO_FREE char *line = json_record_of_death(report, &size);
	struct event *event = make(line, size, reported_of_report(report), report->death->sequence);

	if (event)
		event->share = report->share;
	return event;
}

struct event *event_of_line(const struct event *like, const char *line, size_t size)
{
	json_t *record = json_loadb(line, size, 0, NULL);
	struct reported *reported = record ? reported_of_json(record, like->realtime_ns) : NULL;
	struct event *event = make(line, size, reported, like->sequence);

	json_decref(record);
	if (event)
		event->share = like->share;
	return event;
}

struct event *event_of_losses(const struct origin *origin, const struct losses *losses,
			      int64_t realtime_ns, uint64_t sequence)
{
	size_t size = 0;
	AUTO_FREE char *line = json_record_of_losses(origin, losses, realtime_ns, &size);

	return make(line, size, reported_of_losses(realtime_ns), sequence);
}

uint64_t event_line_sequence(const char *line, size_t size, const char *boot_id)
{
	json_t *record = json_loadb(line, size, JSON_DISABLE_EOF_CHECK, NULL);
	const char *id = json_string_value(json_object_get(record, "id"));
	const size_t length = strlen(boot_id);
	uint64_t sequence = 0;

	if (id && !strncmp(id, boot_id, length) && id[length] == '-')
		(void)number_parse(id + length + 1, &sequence);
	json_decref(record);
	return sequence;
}

size_t event_bytes(const struct event *event)
{
	return sizeof(*event) + event->size + event->reported->size;
}

struct event *event_ref(struct event *event)
{
	atomic_fetch_add(&event->references, 1);
	return event;
}

void event_unref(struct event *event)
{
	if (!event || atomic_fetch_sub(&event->references, 1) != 1)
		return;
	free(event->reported);
	free(event);
}
