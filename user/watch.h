/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The event loop: sleeps until a client has something to do or somebody interrupts. Idle, it wakes
 * up only when a client asked for it.
 *
 * Ownership: clients and their descriptors are their owners', and have to outlive the loop or be
 * removed. Threads: one.
 */
#ifndef KT_WATCH_H
#define KT_WATCH_H

#include <stdbool.h>
#include <stdint.h>

struct watch_client {
	int fd;       /* -1: none */
	short events; /* as of poll(2); 0: only that its other end is gone */
	/* CLOCK_BOOTTIME; 0: never. The client's to set, at any time: it is not changed here. */
	uint64_t due_ns;
	/* The descriptor is ready, or the time has come (`revents` is 0). A negative return ends
	 * the loop. */
	int (*ready)(void *context, short revents);
	void (*hangup)(void *context); /* at SIGHUP; NULL: it has nothing to do then */
	void *context;
};

/* All zero at first. */
struct watch {
	struct watch_client **clients; /* in the order in which they are asked; NULL: removed */
	struct pollfd *fds;            /* of each, and one for signals */
	unsigned int count, room;
};

/* To be called before anything else that can take long, so that Ctrl-C ends it orderly. SIGHUP ends
 * it too, or is kept for clients. */
void watch_catch_signals(bool keep_hangups);

/* The same as an order to stop, so long from now. 0 or -errno. */
int watch_end_after(uint64_t ns);

/* Any number of clients, also while the loop runs; the first that was added is asked first. 0 or
 * -ENOMEM. */
int watch_add(struct watch *watch, struct watch_client *client);
/* From a client's function, too. What was not added is fine. */
void watch_remove(struct watch *watch, const struct watch_client *client);

/* For a client's function: nobody else is asked for so long, unless a signal comes. */
void watch_rest(int ms);

/* 0 at an order to stop, else a client's negative return or -errno. */
int watch_run(struct watch *watch);

void watch_done(struct watch *watch);

#endif
