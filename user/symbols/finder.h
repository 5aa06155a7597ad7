/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The process "killtrace-find", which looks for files and has them read. It has the rights of the
 * command that started it, because a file can belong to anybody; it never reads a file's content.
 * It ends with its parent, and when its time is over.
 */
#ifndef KT_SYMBOLS_FINDER_H
#define KT_SYMBOLS_FINDER_H

#include <sys/types.h>

#include "symbols/symbols.h"

/* A frame, as soon as more is known about it. The last one has `error` only. */
struct finder_answer {
	uint32_t index; /* as of wanted_frame() */
	int error;      /* -errno */
	bool is_end;
	struct symbols_frame frame;
};

/* What DEBUGINFOD_URLS is set to, to be freed; NULL: nothing is downloaded. */
char *finder_urls(void);

/* In the child of a fork(). It gets one struct wanted. `urls` is of finder_urls(). Does not return.
 */
void finder_run(int socket, pid_t parent, const struct symbols_options *options, const char *urls)
	__attribute__((noreturn));

#endif
