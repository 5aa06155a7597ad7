/* SPDX-License-Identifier: BSD-2-Clause */
/* The other end of source/feed.h: what an agent on this machine sees. */
#ifndef KT_SOURCE_FEED_CLIENT_H
#define KT_SOURCE_FEED_CLIENT_H

#include <sys/types.h>

#include "source/feed.h"

struct feed_client {
	int fd;    /* from here on a recording */
	pid_t pid; /* the agent's */
	char hooks[FEED_HOOKS_SIZE];
};

/*
 * 0 or -errno. -EUSERS: it has all the clients that it takes. -EPERM: it is neither root's nor
 * ours. -EPROTO: it does not talk as we do. -EAGAIN: it does not answer. On success the descriptor
 * is the caller's.
 */
int feed_connect(const char *path, struct feed_client *ret);

#endif
