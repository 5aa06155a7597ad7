// SPDX-License-Identifier: BSD-2-Clause
#include "unpin.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "base/say.h"
#include "event.h"
#include "options.h"
#include "source/pins.h"
#include "source/predecessor.h"

static int count_death(void *context, uint64_t position, void *data, size_t size)
{
	uint64_t *count = context;

	(void)position;
	(void)data;
	*count += size >= sizeof(struct kt_record);
	return 0;
}

/* How many records nobody has read. */
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

int unpin(const char *path)
{
	struct pins pins = { .fd = -1 };
	uint64_t waiting;
	pid_t pid;
	int error = pins_open(path, false, &pins, &pid);

	if (error == -ENOENT) {
		say("nothing is pinned at '%s'", path);
		return EXIT_DONE;
	}
	if (error == -EBUSY) {
		say("a killtrace (pid %d) reads what is pinned at '%s': end it first", (int)pid,
		    path);
		return EXIT_FAILED;
	}
	waiting = error ? 0 : count_waiting(&pins);
	if (!error)
		error = pins_remove_all(&pins);
	pins_close(&pins);
	if (error) {
		say("cannot take away what is pinned at '%s': %s", path, strerror(-error));
		return EXIT_FAILED;
	}
	say("took away what was pinned at '%s'; %" PRIu64 " deaths had not been read", path,
	    waiting);
	return EXIT_DONE;
}
