// SPDX-License-Identifier: BSD-2-Clause
#include "sink/output.h"

#include <errno.h>
#include <poll.h>
#include <unistd.h>

volatile sig_atomic_t output_stop;

/* Waits until the descriptor takes something. The time-out covers a signal that comes between the
 * look at output_stop and the sleep. */
static int wait_writable(int fd)
{
	struct pollfd poll_fd = { .fd = fd, .events = POLLOUT };

	for (;;) {
		int ready = poll(&poll_fd, 1, output_stop ? 0 : 1000);

		if (ready > 0)
			return 0;
		if (ready < 0 && errno != EINTR)
			return -errno;
		if (output_stop)
			return -EINTR;
	}
}

int output_write(int fd, const char *data, size_t size)
{
	while (size) {
		int error = wait_writable(fd);
		ssize_t written;

		if (error)
			return error;
		/* a pipe that polls writable takes PIPE_BUF bytes without blocking */
		written = write(fd, data, size < 4096 ? size : 4096);
		if (written < 0 && errno != EINTR && errno != EAGAIN)
			return -errno;
		if (written > 0) {
			data += written;
			size -= (size_t)written;
		}
	}
	return 0;
}
