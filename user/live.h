/* SPDX-License-Identifier: BSD-2-Clause */
/* Starts the live tracer for a command, and prints what the user must know. */
#ifndef KT_LIVE_H
#define KT_LIVE_H

#include <sys/types.h>

#include "attribute/naming.h"
#include "options.h"
#include "source/kallsyms.h"
#include "watch.h"

struct live {
	struct tracer *tracer;
	uint64_t began_ns;        /* before anything was attached, CLOCK_BOOTTIME */
	struct kallsyms *symbols; /* NULL: hidden or unreadable, which was reported */
	struct naming *naming;    /* NULL: containers have no names, which was reported */
	struct parser *parser;    /* until naming takes it over */
	pid_t starter;            /* parser_starter() */
	struct watch_client parser_end;
	/* For whoever wants to know that names of containers and pods cannot be read any more;
	 * NULL: nobody. */
	void (*parser_ended)(void *context);
	void *parser_context;
	/* --host-root, as a descriptor that was opened while it could be: after capabilities are
	 * given up, a path through another process (/proc/PID/root) is closed. Empty: the root of
	 * this process. */
	char host_root[32];
	int host_root_fd;
};

/* To be called after watch_catch_signals(), since it can take long. Once everything is attached, it
 * gives up what is no longer needed (base/confine.h). EXIT_DONE, or an exit code after one line
 * that says what failed and what to do. */
int live_start(const struct options *options, struct live *ret);
/* "signal_generate mark_victim …": the attached hooks. */
void live_hooks(const struct tracer *tracer, char *ret_names, size_t size);

/* Reports if the process that reads names of containers and pods ends while the loop runs. `live`
 * must outlive it. 0 or -ENOMEM. */
int live_watch(struct live *live, struct watch *watch);

void live_done(struct live *live);

#endif
