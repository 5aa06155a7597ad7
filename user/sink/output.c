// SPDX-License-Identifier: BSD-2-Clause
#include "sink/output.h"

#include <errno.h>
#include <unistd.h>

volatile sig_atomic_t output_stop;

/* Attempts that a line is given to come to its end after the order to stop; what blocks is interrupted twenty
 * times a second. */
#define PATIENCE 20

int output_write(int fd, const char *data, size_t size)
{
	int patience = PATIENCE;

	while (size) {
		ssize_t written = write(fd, data, size);

		if (written < 0 && errno != EINTR)
			return -errno;
		if (!written) /* it never will, and nobody interrupts that */
			return -EIO;
		if (written > 0) {
			data += written;
			size -= (size_t)written;
		}
		if (size && output_stop && --patience <= 0)
			return -EINTR;
	}
	return 0;
}
