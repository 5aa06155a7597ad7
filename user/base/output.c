// SPDX-License-Identifier: BSD-2-Clause
#include "base/output.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <unistd.h>

volatile sig_atomic_t output_stop;

/* Attempts to complete a line after the request to stop; a write that blocks is interrupted twenty
 * times a second. */
#define PATIENCE 20

/* One attempt, which may be interrupted. */
static int try_to_write(int fd, const char *data, size_t size, size_t *done)
{
	ssize_t written = write(fd, data + *done, size - *done);

	if (written < 0)
		return errno == EINTR ? 0 : -errno;
	*done += (size_t)written;
	return written ? 0 : -EIO; /* it never will, and nothing interrupts that */
}

int output_write_from(int fd, const char *data, size_t size, size_t *done)
{
	int error = 0;

	while (*done < size && !error)
		error = try_to_write(fd, data, size, done);
	return error;
}

int output_write_more(int fd, const char *data, size_t size, size_t *done)
{
	struct pollfd one = { .fd = fd, .events = POLLOUT };
	int patience = PATIENCE, error = 0;
	size_t begin = *done;

	while (*done < size && !error) {
		error = try_to_write(fd, data, size, done);
		/* made so by another program that has the same pipe, as Node's children have */
		if (error == -EAGAIN) {
			(void)poll(&one, 1, -1);
			error = 0;
		}
		/* a slow reader is not one that is stuck */
		if (*done - begin >= PIPE_BUF) {
			begin = *done;
			patience = PATIENCE;
		}
		if (!error && *done < size && output_stop && --patience <= 0)
			error = -EINTR;
	}
	return error;
}

int output_write(int fd, const char *data, size_t size)
{
	size_t done = 0;

	return output_write_more(fd, data, size, &done);
}
