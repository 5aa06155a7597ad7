/* SPDX-License-Identifier: BSD-2-Clause */
/* What a record says about the frames to name, and about where their files may be. */
#ifndef KT_SYMBOLS_WANTED_H
#define KT_SYMBOLS_WANTED_H

#include "symbols/symbols.h"

/* The fault and the stack. */
#define WANTED_FRAMES (SYMBOLS_FRAMES + 1)

struct wanted_file {
	uint8_t build_id[SYMBOLS_BUILD_ID];
	char name[256]; /* base name; empty: unknown */
};

/* The strings belong to the record; "" if it does not have them. */
struct wanted {
	const char *exe, *cgroup, *memory_cgroup;
	size_t count;
	struct wanted_file files[WANTED_FRAMES]; /* each build ID once */
};

/* Sets the frames of *ret_symbols, which is all zeros, and *ret. */
void wanted_read(const json_t *record, struct symbols *ret_symbols, struct wanted *ret);

/* The frame of an index from 0 to WANTED_FRAMES - 1: the fault first, then the stack. */
struct symbols_frame *wanted_frame(struct symbols *symbols, size_t index);

/* Whether a file can be found for the frame. */
bool wanted_is_located(const struct symbols_frame *frame);

/* The index of a build ID of `size` bytes in wanted->files, or -1. */
int wanted_index(const struct wanted *wanted, const uint8_t *build_id, size_t size);

#endif
