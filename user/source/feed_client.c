// SPDX-License-Identifier: BSD-2-Clause
#include "source/feed_client.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#define PATIENCE_S 2

static int check_peer(int fd, pid_t *ret_pid)
{
	struct ucred peer;
	socklen_t size = sizeof(peer);

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size))
		return -errno;
	if (peer.uid != 0 && peer.uid != geteuid())
		return -EPERM;
	*ret_pid = peer.pid;
	return 0;
}

static int read_hello(int fd, struct feed_hello *ret)
{
	size_t got = 0;

	while (got < sizeof(*ret)) {
		ssize_t more = recv(fd, (char *)ret + got, sizeof(*ret) - got, 0);

		if (more < 0)
			return -errno;
		if (!more)
			return -ECONNRESET;
		got += (size_t)more;
	}
	if (memcmp(ret->magic, FEED_MAGIC, sizeof(ret->magic)) != 0)
		return -EPROTO;
	ret->hooks[sizeof(ret->hooks) - 1] = '\0';
	return ret->refused ? -EUSERS : 0;
}

static int talk(int fd, const char *path, struct feed_client *ret)
{
	struct timeval patience = { .tv_sec = PATIENCE_S }, forever = { 0 };
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	struct feed_hello hello;
	int error;

	if (strlen(path) >= sizeof(address.sun_path))
		return -ENAMETOOLONG;
	memcpy(address.sun_path, path, strlen(path));
	(void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	(void)setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
	if (connect(fd, (const struct sockaddr *)&address, sizeof(address)))
		return -errno;
	error = check_peer(fd, &ret->pid);
	if (!error)
		error = read_hello(fd, &hello);
	if (error)
		return error;
	(void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &forever, sizeof(forever));
	ret->keeps = (hello.offers & FEED_KEEPS) != 0;
	memcpy(ret->hooks, hello.hooks, sizeof(ret->hooks));
	return 0;
}

int feed_connect(const char *path, struct feed_client *ret)
{
	int error;

	ret->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (ret->fd < 0)
		return -errno;
	error = talk(ret->fd, path, ret);
	if (error)
		(void)close(ret->fd);
	return error;
}

int feed_ask_kept(const struct feed_client *client)
{
	const struct timeval patience = { .tv_sec = PATIENCE_S };
	const char ask = FEED_ASK_KEPT;

	if (setsockopt(client->fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience)) ||
	    send(client->fd, &ask, sizeof(ask), MSG_NOSIGNAL) < 0)
		return -errno;
	return 0;
}
