/* SPDX-License-Identifier: BSD-2-Clause */
/* The file where a feed is found: a Unix socket that belongs to root. */
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
 * Replaces a socket that has no listener any more. 0 or -errno: -EADDRINUSE if it has one, -EEXIST
 * if it is not a socket. To be closed in any case.
 */
int feed_socket_listen(const char *path, struct feed_socket *ret);

/* Removes the file, unless it is another agent's by now. */
void feed_socket_close(struct feed_socket *at);

#endif
