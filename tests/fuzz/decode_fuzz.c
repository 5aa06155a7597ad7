// SPDX-License-Identifier: BSD-2-Clause
/* A frame: names for its kernel addresses, then a record. */
#include <stdint.h>

#include "telling.h"

/*
 * The input is the size of the names in two bytes, the names, and the record, which gets its real
 * size: the fuzzer need not learn to count.
 */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct origin origin = { .boot_id = "boot", .node = "node" };
	struct frame frame = { .sequence = 1, .realtime_offset_ns = 1700000000000000000 };
	uint16_t names;
	char *record;

	if (size < sizeof(names))
		return 0;
	memcpy(&names, data, sizeof(names));
	data += sizeof(names);
	size -= sizeof(names);
	if (names > size)
		return 0;
	frame.symbols = (const char *)data;
	frame.kallsyms_size = names;
	frame.record_size = size - names;
	record = malloc(frame.record_size + 1);
	memcpy(record, data + names, frame.record_size);
	frame.record = record;
	(void)tell_frame(&origin, &frame);
	if (frame.record_size >= sizeof(struct kt_record)) {
		struct kt_record header;

		memcpy(&header, record, sizeof(header));
		header.version = KT_WIRE_VERSION;
		header.size = (uint32_t)frame.record_size;
		memcpy(record, &header, sizeof(header));
		(void)tell_frame(&origin, &frame);
	}
	free(record);
	return 0;
}
