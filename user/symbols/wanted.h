/* SPDX-License-Identifier: BSD-2-Clause */
/* What a record says about the frames to name, and about where their files may be. */
#ifndef KT_SYMBOLS_WANTED_H
#define KT_SYMBOLS_WANTED_H

#include "symbols/symbols.h"

/* The fault and the stack. */
#define WANTED_FRAMES (SYMBOLS_FRAMES + 1)
#define WANTED_NAME 256
#define WANTED_PATH 1024

/* "/tmp/perf-PID.map" */
struct wanted_map {
	uint32_t ns_pid; /* 0: none is wanted */
	uint32_t uid;
	bool is_host_pid;         /* the pid is unique on this node */
	int64_t begin_ns, end_ns; /* when the process lived, by CLOCK_REALTIME */
};

struct wanted_frame {
	bool is_generated; /* `offset` is its address */
	bool is_located;   /* has a build ID, or is to be found by its name */
	bool by_name;      /* the record has no build ID of it */
	uint8_t build_id[SYMBOLS_BUILD_ID];
	uint64_t offset;
	char module[WANTED_NAME]; /* base name; empty: unknown */
};

struct wanted_file {
	uint8_t build_id[SYMBOLS_BUILD_ID];
	bool by_name;           /* has none: by its name, and older than the process */
	char name[WANTED_NAME]; /* base name; empty: unknown */
};

/* One message to the child. Texts are empty if the record does not have them. */
struct wanted {
	int64_t start_ns; /* when the process began, by CLOCK_REALTIME; 0: unknown */
	bool is_on_host;  /* not in a container */
	struct wanted_map map;
	char exe[WANTED_NAME];
	char cgroup[WANTED_PATH], memory_cgroup[WANTED_PATH];
	struct wanted_frame frames[WANTED_FRAMES]; /* the fault first, then the stack */
	size_t file_count;
	struct wanted_file files[WANTED_FRAMES]; /* each build ID once */
};

/* Sets the frames of *ret_symbols, which is all zeros, and *ret. */
void wanted_read(const json_t *record, struct symbols *ret_symbols, struct wanted *ret);

/* Makes sure that texts end, that names are no paths and that the files are those of the frames,
 * whoever wrote it. */
void wanted_check(struct wanted *wanted);

/* The frame of an index from 0 to WANTED_FRAMES - 1: the fault first, then the stack. */
struct symbols_frame *wanted_frame(struct symbols *symbols, size_t index);

/* The index of a frame's file in wanted->files, or -1. */
int wanted_file_of(const struct wanted *wanted, size_t frame);

/* The index of the file without a build ID, or -1: there is at most one. */
int wanted_by_name(const struct wanted *wanted);

/* The index of a build ID of `size` bytes in wanted->files, or -1. */
int wanted_index(const struct wanted *wanted, const uint8_t *build_id, size_t size);

#endif
