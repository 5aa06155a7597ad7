// SPDX-License-Identifier: BSD-2-Clause
/* The map of generated code, which the victim's user can write. The first 8 bytes are the address
 * that is looked up. */
#include "demand.h"
#include "symbols/perf_map.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* In two reads. How many bytes were taken. */
static size_t read_parted(const char *map, size_t size, struct perf_map_place *place)
{
	char *bytes = malloc(size + 1);
	size_t taken;

	memcpy(bytes, map, size);
	taken = perf_map_read(bytes, size / 2, place, 1);
	demand(taken <= size / 2, "no more than there is");
	taken += perf_map_read(bytes + taken, size - taken, place, 1);
	free(bytes);
	return taken;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct perf_map_place whole = { 0 }, parted = { 0 };
	char *bytes;
	size_t taken;

	if (size < sizeof(whole.address))
		return 0;
	memcpy(&whole.address, data, sizeof(whole.address));
	data += sizeof(whole.address);
	size -= sizeof(whole.address);
	parted.address = whole.address;
	bytes = malloc(size + 1);
	memcpy(bytes, data, size);
	taken = perf_map_read(bytes, size, &whole, 1);
	free(bytes);
	demand(taken <= size, "no more than there is");
	demand(!taken || data[taken - 1] == '\n', "whole lines");
	demand(!memchr(data + taken, '\n', size - taken), "all whole lines");
	demand(read_parted((const char *)data, size, &parted) == taken, "parts are the whole");
	demand(parted.is_found == whole.is_found && parted.start == whole.start, "the same line");
	demand(!memcmp(parted.name, whole.name, sizeof(whole.name)), "the same name");
	demand(memchr(whole.name, 0, sizeof(whole.name)), "a name ends");
	demand(whole.is_found == (whole.name[0] != 0), "a name");
	demand(!whole.is_found || whole.start <= whole.address, "a line that covers it");
	return 0;
}
