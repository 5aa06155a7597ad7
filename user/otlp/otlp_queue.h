/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Events on the disk until a collector has taken them: files of JSON lines in a folder, oldest
 * first.
 *
 * What is put stands in the file at once, and so survives the end of the agent; what is sealed or
 * synced survives that of the machine. Files that are not of our form are left alone. A folder
 * belongs to one agent at a time. Nothing is kept in memory but numbers: a folder that comes late,
 * or goes away, is an error that passes.
 */
#ifndef KT_OTLP_OTLP_QUEUE_H
#define KT_OTLP_OTLP_QUEUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Of one file, which is sent as one request. */
#define OTLP_QUEUE_LINES 128
#define OTLP_QUEUE_BYTES (512U << 10)

struct otlp_queue;

/* `path` has to outlive it. NULL when out of memory. */
struct otlp_queue *otlp_queue_new(const char *path, uint64_t most_bytes);
/* What is there stays there. NULL is fine. */
void otlp_queue_free(struct otlp_queue *queue);

/* Adds a line with its newline. 0, -errno, or -ENOBUFS: there is as much as there may be, or as the
 * disk has room for, and removing some of it makes room. */
int otlp_queue_put(struct otlp_queue *queue, const char *line, size_t size);

/* 1: *ret_text, to be freed, is the oldest file; 0: there is nothing; or -errno. */
int otlp_queue_oldest(struct otlp_queue *queue, char **ret_text, size_t *ret_size);

/* Removes the file that otlp_queue_oldest() gave last, and never another: if it is not there any
 * more, nothing. For good. 0 or -errno. */
int otlp_queue_remove_oldest(struct otlp_queue *queue);

/* Writes to the disk what is not there yet. 0 or -errno. */
int otlp_queue_sync(struct otlp_queue *queue);

#endif
