/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Asks the process that reads files (reader_child.h). What it answers is as hostile as the files.
 *
 * If a file ends it or takes it too long, another one is started, which gets the good files again.
 */
#ifndef KT_SYMBOLS_READER_H
#define KT_SYMBOLS_READER_H

#include <sys/types.h>

#include "symbols/wanted.h"

/* What is known about one of wanted->files. */
struct reader_file {
	int code_fd;  /* the file itself; -1: not found */
	int debug_fd; /* its debug information, if that is elsewhere; -1 */
	bool has_lines;
	bool by_name;
};

struct reader {
	const struct wanted *wanted;
	int socket; /* -1: it cannot be started, or not again */
	pid_t child;
	unsigned int starts;
	bool has_map;
	struct reader_file files[WANTED_FRAMES];
};

struct reader_offer {
	int file;     /* index in wanted->files; -1: not wanted */
	bool has_id;  /* has a build ID */
	bool is_code; /* it is the missing file itself, not only its debug information */
};

void reader_start(const struct wanted *wanted, struct reader *ret);
void reader_stop(struct reader *reader);

/* A plain file; takes over the descriptor. With `by_name` it may be the one without a build ID. */
struct reader_offer reader_offer(struct reader *reader, int fd, bool by_name);

/* A plain file, which may be the perf map of the generated code; takes over the descriptor. Whether
 * it was read: frames in generated code can be named then. */
bool reader_map(struct reader *reader, int fd);

/* Sets address, state and places of a frame by its symbol, which is fast, or by DWARF, which only
 * replaces what is known if it knows more. False: nothing has changed. */
bool reader_name(struct reader *reader, bool by_dwarf, uint32_t index, struct symbols_frame *frame);

#endif
