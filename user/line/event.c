// SPDX-License-Identifier: BSD-2-Clause
#include "line/event.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "line/json_record.h"

/* Takes over the typed form. */
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

uint64_t event_deaths(const struct event *event)
{
	uint64_t deaths = 0;

	for (; event; event = event->next)
		deaths += event->folded + 1;
	return deaths;
}

size_t event_size(const struct event *event)
{
	size_t size = 0;

	for (; event; event = event->next)
		size += event->size;
	return size;
}

size_t event_bytes(const struct event *event)
{
	size_t bytes = 0;

	for (; event; event = event->next)
		bytes += sizeof(*event) + event->size + event->reported->size;
	return bytes;
}

struct event *event_ref(struct event *event)
{
	atomic_fetch_add(&event->references, 1);
	return event;
}

void event_unref(struct event *event)
{
	while (event && atomic_fetch_sub(&event->references, 1) == 1) {
		struct event *next = event->next;

		free(event->reported);
		free(event);
		event = next;
	}
}
