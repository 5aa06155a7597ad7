/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The layout of a recording: a header, then chunks. Everything is little-endian and laid out like
 * the structs. For recording_write.c and recording_read.c alone.
 */
#ifndef KT_SOURCE_RECORDING_FORMAT_H
#define KT_SOURCE_RECORDING_FORMAT_H

#include <stdint.h>

#include "source/frame.h"

#define RECORDING_MAGIC "KILLTRC" /* 8 bytes, NUL included */
#define RECORDING_FORMAT 1

enum chunk_type {
	CHUNK_FRAME = 1,
	CHUNK_LOSSES = 2,
	CHUNK_NAMES = 3, /* of the frame that follows */
};

struct file_header {
	char magic[8];
	uint32_t version;
	uint32_t reserved;
	struct origin origin;
};

struct chunk_header {
	uint32_t type;
	uint32_t size; /* without this header */
};

struct frame_header {
	uint64_t sequence;
	int64_t realtime_offset_ns;
	uint32_t record_size;
	uint32_t kallsyms_size;
};

struct losses_chunk {
	int64_t realtime_ns;
	struct losses losses;
};

#endif
