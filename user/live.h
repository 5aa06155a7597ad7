/* SPDX-License-Identifier: BSD-2-Clause */
/* Starts the live tracer for a command, with words for whoever waits. */
#ifndef KT_LIVE_H
#define KT_LIVE_H

#include <sys/types.h>

#include "attribute/naming.h"
#include "options.h"
#include "source/kallsyms.h"

struct live {
	struct tracer *tracer;
	struct kallsyms *symbols; /* NULL: hidden or unreadable, which was said */
	struct naming *naming;    /* NULL: containers stay nameless, which was said */
	struct parser *parser;    /* until naming has it */
	pid_t starter;            /* parser_starter() */
	/* --host-root, by a descriptor that was opened while it could be: a way through another
	 * process (/proc/PID/root) is closed to whom has given up its capabilities. Empty: this
	 * one's own. */
	char host_root[32];
	int host_root_fd;
};

/* After watch_catch_signals(), since it can take long. Once all is attached, what is needed no more
 * is given up (base/confine.h). EXIT_DONE, or an exit code after one line that says what failed and
 * what to do. */
int live_start(const struct options *options, struct live *ret);
/* "signal_generate mark_victim …": what is attached. */
void live_hooks(const struct tracer *tracer, char *ret_names, size_t size);

void live_done(struct live *live);

#endif
