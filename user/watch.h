/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The event loop: sleeps until a client has something to do or a signal comes. Idle, it wakes up
 * only when a client asked for it.
 *
 * Ownership: clients and their descriptors belong to their owners, and must outlive the loop or be
 * removed. Threads: one.
 */
#ifndef KT_WATCH_H
#define KT_WATCH_H

#include <stdbool.h>
#include <stdint.h>

struct watch_client {
	int fd;       /* -1: none */
	short events; /* as for poll(2); 0: only whether its other end is gone */
	/* CLOCK_BOOTTIME; 0: never. Set by the client, at any time; it is not changed here. */
	uint64_t due_ns;
	/* The descriptor is ready, or the time has come (`revents` is 0). A negative return ends
	 * the loop. */
	int (*ready)(void *context, short revents);
	void (*hangup)(void *context); /* at SIGHUP; NULL: it does nothing then */
	void *context;
};

/* All zero at first. */
struct watch {
	struct watch_client **clients; /* in the order in which they are asked; NULL: removed */
	struct pollfd *fds;            /* of each, and one for signals */
	unsigned int count, room;
};

/* To be called before anything that can take long, so that Ctrl-C ends it in an orderly way. SIGHUP
 * ends it too, or is kept for clients. */
void watch_catch_signals(bool keep_hangups);

/* SIGQUIT ends it like the others: a terminal must not stay as it is. After watch_catch_signals().
 */
void watch_catch_quit(void);

/* A request to stop, from any thread. */
void watch_stop(void);

/* Like a request to stop, after this time. 0 or -errno. */
int watch_end_after(uint64_t ns);

/* Any number of clients, even while the loop runs; the first one added is asked first. 0 or
 * -ENOMEM. */
int watch_add(struct watch *watch, struct watch_client *client);
/* Also from a client's function. A client that was not added is fine. */
void watch_remove(struct watch *watch, const struct watch_client *client);

/* For a client's function: no other client is asked for this long, unless a signal comes. */
void watch_rest(int ms);

/* 0 at a request to stop, else a client's negative return or -errno. */
int watch_run(struct watch *watch);

void watch_done(struct watch *watch);

#endif
