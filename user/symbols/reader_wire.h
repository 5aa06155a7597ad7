/* SPDX-License-Identifier: BSD-2-Clause */
/* Messages between the search for files and the process that reads them; one struct, one packet. */
#ifndef KT_SYMBOLS_READER_WIRE_H
#define KT_SYMBOLS_READER_WIRE_H

#include <stdbool.h>
#include <stdint.h>

enum reader_ask {
	READER_OFFER = 1, /* a file, with its descriptor; answered by one READER_FILE */
	READER_NAME,      /* a frame: its address, its symbol; several READER_PLACE, READER_END */
	READER_LINE,      /* a frame: its functions and lines; the same */
	READER_MAP,       /* a perf map, with its descriptor; answered by one READER_END */
};

struct reader_question {
	uint32_t ask;
	uint32_t frame;   /* as of wanted_frame() */
	uint32_t by_name; /* READER_OFFER: it may be the file without a build ID */
};

enum reader_reply {
	READER_FILE = 1,
	READER_PLACE,
	READER_END,
};

/* What a file is good for. */
#define READER_HAS_CODE 1U  /* it has the program's segments, so that offsets mean something */
#define READER_HAS_LINES 2U /* it has DWARF */
#define READER_HAS_ID 4U    /* it has a build ID, if an unwanted one */

struct reader_answer {
	uint32_t reply;
	int32_t file;  /* READER_FILE: its index in wanted->files; -1: not wanted */
	uint32_t uses; /* READER_FILE */
	uint32_t line;
	uint32_t has_offset;
	uint32_t has_address; /* READER_END */
	uint64_t address;
	uint64_t offset;
	char function[256]; /* ended by a NUL, which the receiver does not rely on */
	char file_name[128];
};

#endif
