// SPDX-License-Identifier: BSD-2-Clause
/*
 * The entry for journald made from a line of JSON; the first byte says whether it is about a death.
 */
#include "entry.h"
#include "events.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct event *event;
	size_t length = 0;
	char *entry;

	if (!size)
		return 0;
	event = events_make((const char *)data + 1, size - 1, 0);
	event->is_death = data[0] & 1;
	entry = journal_message(event, &length);
	if (entry)
		demand_entry(entry, length);
	free(entry);
	event_unref(event);
	return 0;
}
