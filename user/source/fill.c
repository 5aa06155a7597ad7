// SPDX-License-Identifier: BSD-2-Clause
#include "source/fill.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "source/pins.h"
#include "source/ring.h"

static int fill_of(const struct pins *pins, const char *generation, struct fill *ret)
{
	AUTO_CLOSE int fd = pins_get(pins, generation, "map_", "events");
	struct ring *ring;
	int error = fd < 0 ? fd : ring_open(fd, true, &ring);

	if (error)
		return error;
	*ret = (struct fill){ ring_size(ring), ring_used(ring) };
	ring_close(ring);
	return 0;
}

int fill_of_pins(const char *path, struct fill *ret, pid_t *ret_reader)
{
	struct pins_generation all[PINS_MOST];
	struct pins pins = { .fd = -1 };
	int count = 0, error, result = -ENOENT;
	struct fill one;

	error = pins_look(path, ret_reader);
	if (error)
		return error;
	(void)snprintf(pins.path, sizeof(pins.path), "%s", path);
	error = pins_list(&pins, all, &count);
	if (error)
		return error;
	for (int i = 0; i < count; i++) {
		error = all[i].whole ? fill_of(&pins, all[i].name, &one) : -ENOENT;
		if (error && result)
			result = error;
		if (error || (!result && one.used <= ret->used))
			continue;
		*ret = one;
		result = 0;
	}
	return result;
}
