// SPDX-License-Identifier: BSD-2-Clause
#include "source/feed_socket.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"

/* Clients that connect at the same time. */
#define BACKLOG 8

/* A socket without a listener was left by an agent that was killed. */
static int make_room(const struct sockaddr_un *address)
{
	AUTO_CLOSE int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	struct stat st;

	if (fd < 0)
		return -errno;
	if (lstat(address->sun_path, &st))
		return errno == ENOENT ? 0 : -errno;
	if (!S_ISSOCK(st.st_mode))
		return -EEXIST;
	/* EAGAIN means that the backlog is full */
	if (!connect(fd, (const struct sockaddr *)address, sizeof(*address)) ||
	    errno != ECONNREFUSED)
		return -EADDRINUSE;
	return unlink(address->sun_path) ? -errno : 0;
}

/* The file gets the mode of the socket's own inode. */
int feed_socket_listen(const char *path, struct feed_socket *ret)
{
	struct sockaddr *address = (struct sockaddr *)&ret->address;
	const size_t length = strlen(path);
	struct stat st;
	int error;

	*ret = (struct feed_socket){ .fd = -1, .address.sun_family = AF_UNIX };
	if (length >= sizeof(ret->address.sun_path))
		return -ENAMETOOLONG;
	memcpy(ret->address.sun_path, path, length);
	error = make_room(&ret->address);
	if (error)
		return error;
	ret->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (ret->fd < 0 || fchmod(ret->fd, 0600) || bind(ret->fd, address, sizeof(ret->address)))
		return -errno;
	if (lstat(path, &st))
		return -errno;
	ret->device = st.st_dev;
	ret->inode = st.st_ino;
	return listen(ret->fd, BACKLOG) ? -errno : 0;
}

void feed_socket_close(struct feed_socket *at)
{
	struct stat st;

	if (at->inode && !lstat(at->address.sun_path, &st) && st.st_dev == at->device &&
	    st.st_ino == at->inode)
		(void)unlink(at->address.sun_path);
	if (at->fd >= 0)
		(void)close(at->fd);
}
