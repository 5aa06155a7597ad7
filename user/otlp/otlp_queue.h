/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Events on the disk until a collector has taken them: files of JSON lines in a folder, oldest
 * first.
 *
 * A line that was put is in the file at once, and so survives the end of the agent; once it is
 * sealed or synced it survives the end of the machine. Foreign files are left alone. A folder
 * belongs to one agent at a time. Only numbers are kept in memory: a missing folder is an error
 * that can pass.
 */
#ifndef KT_OTLP_OTLP_QUEUE_H
#define KT_OTLP_OTLP_QUEUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* In one file, which is sent as one request. */
#define OTLP_QUEUE_LINES 128
#define OTLP_QUEUE_BYTES (512U << 10)

struct otlp_queue;

/* `path` must outlive it. NULL when out of memory. */
struct otlp_queue *otlp_queue_new(const char *path, uint64_t most_bytes);
/* Files stay. NULL is fine. */
void otlp_queue_free(struct otlp_queue *queue);

/* Adds a line with its newline. 0, -errno, or -ENOBUFS: the queue has reached its limit, or the
 * disk is full, and removing a file makes room. */
int otlp_queue_put(struct otlp_queue *queue, const char *line, size_t size);

/* 1: *ret_text, to be freed, is the oldest file; 0: there is none; or -errno. */
int otlp_queue_oldest(struct otlp_queue *queue, char **ret_text, size_t *ret_size);

/* Removes for good the file that otlp_queue_oldest() gave last, and never another. If it is no
 * longer there, does nothing. 0 or -errno. */
int otlp_queue_remove_oldest(struct otlp_queue *queue);

/* Writes to the disk what is not there yet. 0 or -errno. */
int otlp_queue_sync(struct otlp_queue *queue);

#endif
