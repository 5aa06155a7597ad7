// SPDX-License-Identifier: BSD-2-Clause
#include "source/unpin.h"

#include <string.h>

#include "event.h"
#include "source/pins.h"
#include "source/predecessor.h"

static int count_death(void *context, uint64_t position, void *data, size_t size)
{
	struct kt_notice head; /* begins as a record does */
	uint64_t *count = context;

	(void)position;
	if (size < sizeof(struct kt_record))
		return 0;
	memcpy(&head, data, sizeof(head));
	*count += head.kind != KT_RECORD_LIMIT;
	return 0;
}

/* How many records are unread. */
static uint64_t count_waiting(const struct pins *pins)
{
	struct pins_generation all[PINS_MOST];
	uint64_t waiting = 0;
	int count = 0;

	(void)pins_list(pins, all, &count);
	for (int i = 0; i < count; i++) {
		struct predecessor one;

		if (predecessor_open(pins, &all[i], &one))
			continue;
		(void)ring_read(one.ring, count_death, &waiting, 0, false);
		predecessor_close(&one);
	}
	return waiting;
}

int unpin(const char *path, uint64_t *ret_waiting, pid_t *ret_pid)
{
	struct pins pins = { .fd = -1 };
	int error = pins_open(path, false, &pins, ret_pid);

	if (error)
		return error;
	*ret_waiting = count_waiting(&pins);
	error = pins_remove_all(&pins);
	pins_close(&pins);
	return error;
}
