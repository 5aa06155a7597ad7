// SPDX-License-Identifier: BSD-2-Clause
/* The table of functions in a Go program: an ELF file can be anybody's. The first 8 bytes are the
 * address that is looked up. */
#include "demand.h"
#include "symbols/go_table.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct symbols_place places[SYMBOLS_PLACES] = { 0 };
	struct go_table table;
	uint64_t address;
	size_t text_at, count;

	if (size < sizeof(address))
		return 0;
	memcpy(&address, data, sizeof(address));
	if (!go_table_open(data + sizeof(address), size - sizeof(address), &table, &text_at))
		return 0;
	(void)go_table_extent(&table);
	count = go_table_find(&table, address, address, places);
	demand(count <= 2, "a line, and a function");
	for (size_t i = 0; i < count; i++) {
		demand(memchr(places[i].function, 0, sizeof(places[i].function)), "a name ends");
		demand(memchr(places[i].file, 0, sizeof(places[i].file)), "a file's name ends");
	}
	demand(!count || places[count - 1].function[0], "a function has a name");
	return 0;
}
