// SPDX-License-Identifier: BSD-2-Clause
#include "sink/output.h"

#include <errno.h>
#include <unistd.h>

volatile sig_atomic_t output_stop;

/* Interruptions that a write is given to bring its line to an end after the order to stop; they come
 * twenty to a second. */
#define PATIENCE 20

int output_write(int fd, const char *data, size_t size)
{
	int patience = PATIENCE;

	while (size) {
		ssize_t written = write(fd, data, size);

		if (written >= 0) {
			data += written;
			size -= (size_t)written;
		} else if (errno != EINTR) {
			return -errno;
		} else if (output_stop && --patience <= 0) {
			return -EINTR;
		}
	}
	return 0;
}
