/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Notices containers that begin, by the folders that runtimes make for them (inotify).
 *
 * Where a runtime may forget a container at its death, those that run already are noticed too.
 *
 * Invariants: best effort. What begins while too many are new is missed, and found when it is asked
 * for. NULL stands for one that watches nothing.
 */
#ifndef KT_ATTRIBUTE_CONTAINER_WATCH_H
#define KT_ATTRIBUTE_CONTAINER_WATCH_H

#include <stdbool.h>

#include "attribute/node_files.h"

struct container_watch;

/* Watches nothing yet: that is container_watch_refresh()'s, which may hang with a file system. NULL
 * when nothing can be watched. */
struct container_watch *container_watch_new(const struct node_files *files);
void container_watch_free(struct container_watch *watch);

/* Watches folders too that were not there before: their runtime may begin after we did. */
void container_watch_refresh(struct container_watch *watch);

/* Readable when something began; -1 for none. */
int container_watch_fd(const struct container_watch *watch);

/* Notes what began since, and calls `end` for what is gone where a runtime forgets it. */
void container_watch_take(struct container_watch *watch, void (*end)(void *context, const char *id),
			  void *context);
bool container_watch_has_new(const struct container_watch *watch);

/* Shows one id that was noted, and forgets it; true if there are more. After the last one it looks
 * for folders that are new, and notes more of what was there before us. Of a watch that has new
 * ones only. */
bool container_watch_tell(struct container_watch *watch,
			  void (*learn)(void *context, const char *id), void *context);

#endif
