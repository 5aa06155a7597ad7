/* SPDX-License-Identifier: BSD-2-Clause */
/* Whole lines to a descriptor that can be slow, closed or full. */
#ifndef KT_BASE_OUTPUT_H
#define KT_BASE_OUTPUT_H

#include <signal.h>
#include <stddef.h>

/* Set by the signal handlers: a write that blocks and is interrupted gives up when it is. */
extern volatile sig_atomic_t output_stop;

/* Writes all of it. 0, -EPIPE, -EINTR (asked to stop while the reader took little or nothing), or
 * -errno; -EIO also where write() does nothing and calls it no failure. */
int output_write(int fd, const char *data, size_t size);

/* For a thread that gets no signals: writes what is behind the first *done bytes and brings *done
 * up to date, also where it fails. 0 or -errno, as above without -EINTR. */
int output_write_from(int fd, const char *data, size_t size, size_t *done);

#endif
