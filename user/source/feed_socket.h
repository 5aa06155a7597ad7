/* SPDX-License-Identifier: BSD-2-Clause */
/* The file at which a feed is found: a Unix socket of root's own. */
#ifndef KT_SOURCE_FEED_SOCKET_H
#define KT_SOURCE_FEED_SOCKET_H

#include <sys/types.h>
#include <sys/un.h>

struct feed_socket {
	int fd; /* -1: none */
	dev_t device;
	ino_t inode; /* 0: there is no file of ours */
	struct sockaddr_un address;
};

/*
 * In place of a socket that nobody listens to any more. 0 or -errno: -EADDRINUSE if somebody does,
 * -EEXIST if it is not a socket. To be closed in any case.
 */
int feed_socket_listen(const char *path, struct feed_socket *ret);

/* Takes the file away, unless it is another's by now. */
void feed_socket_close(struct feed_socket *at);

#endif
