/* SPDX-License-Identifier: BSD-2-Clause */
/* The other end of source/feed.h: what an agent on this machine sees. */
#ifndef KT_SOURCE_FEED_CLIENT_H
#define KT_SOURCE_FEED_CLIENT_H

#include <sys/types.h>

#include "source/feed.h"

struct feed_client {
	int fd;     /* a recording from here on */
	pid_t pid;  /* the agent's */
	bool keeps; /* feed_ask_kept() is answered */
	char hooks[FEED_HOOKS_SIZE];
};

/*
 * 0 or -errno. -EUSERS: the agent has no room for another client. -EPERM: the socket is neither
 * root's nor ours. -EPROTO: the agent has another protocol. -EAGAIN: it does not answer. On success
 * the descriptor belongs to the caller.
 */
int feed_connect(const char *path, struct feed_client *ret);

/* Then the newest records that the agent has kept follow, and the end; reading does not wait for
 * ever. 0 or -errno. */
int feed_ask_kept(const struct feed_client *client);

#endif
