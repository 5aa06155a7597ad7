/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Notices new containers by the folders that runtimes make for them (inotify).
 *
 * If a runtime may forget a container at its death, containers that already run are noticed, too.
 *
 * Invariants: best effort. If there are too many new ones, some are missed, and are found when a
 * question about them comes. NULL stands for a watch of nothing.
 */
#ifndef KT_ATTRIBUTE_CONTAINER_WATCH_H
#define KT_ATTRIBUTE_CONTAINER_WATCH_H

#include <stdbool.h>

#include "attribute/node_files.h"

struct container_watch;

/* Watches nothing yet: container_watch_refresh() does that, and may hang with a file system. NULL
 * if nothing can be watched. */
struct container_watch *container_watch_new(const struct node_files *files);
void container_watch_free(struct container_watch *watch);

/* Also watches folders that were not there before: their runtime may begin after us. */
void container_watch_refresh(struct container_watch *watch);

/* Readable when a container began; -1 if there is no watch. */
int container_watch_fd(const struct container_watch *watch);

/* Notes what began since the last call, and calls `end` for what is gone if its runtime forgets it.
 */
void container_watch_take(struct container_watch *watch, void (*end)(void *context, const char *id),
			  void *context);
bool container_watch_has_new(const struct container_watch *watch);

/* Shows one id that was noted, and forgets it; true if there are more. After the last one it looks
 * for new folders, and notes more of what was there before us. Only for a watch that has new ids.
 */
bool container_watch_tell(struct container_watch *watch,
			  void (*learn)(void *context, const char *id), void *context);

#endif
