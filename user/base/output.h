/* SPDX-License-Identifier: BSD-2-Clause */
/* Whole lines to a descriptor that can be slow, closed or full. */
#ifndef KT_BASE_OUTPUT_H
#define KT_BASE_OUTPUT_H

#include <signal.h>
#include <stddef.h>

/* Set by the signal handlers: a blocked write that is interrupted then gives up. */
extern volatile sig_atomic_t output_stop;

/* Writes everything. 0, -EPIPE, -EINTR (stop was requested while the reader took little or
 * nothing), or -errno; -EIO also if write() writes nothing without reporting a failure. */
int output_write(int fd, const char *data, size_t size);

/* The same, for data of which the first *done bytes are written; updates *done, even if it fails.
 */
int output_write_more(int fd, const char *data, size_t size, size_t *done);

/* For a thread that gets no signals: writes the data after the first *done bytes and updates *done,
 * even if it fails. 0 or -errno, as above without -EINTR. */
int output_write_from(int fd, const char *data, size_t size, size_t *done);

#endif
