// SPDX-License-Identifier: BSD-2-Clause
#include "attribute/container_watch.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "attribute/container_files.h"
#include "base/cleanup.h"

#define MOST_NEW 64
#define ID_SIZE 129

struct container_watch {
	const struct node_files *files;
	int fd;
	unsigned int count;
	char id[MOST_NEW][ID_SIZE];
};

/* By its descriptor, so that the way to it is not gone a second time. */
static void watch_folder(int inotify_fd, int folder_fd)
{
	char path[32];

	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", folder_fd);
	(void)inotify_add_watch(inotify_fd, path, IN_CREATE | IN_MOVED_TO | IN_ONLYDIR);
}

void container_watch_refresh(struct container_watch *watch)
{
	const char *folder;

	for (unsigned int i = 0; watch && (folder = container_files_watched(i)); i++) {
		AUTO_CLOSE int fd = node_files_open_folder(watch->files, folder);

		if (fd >= 0)
			watch_folder(watch->fd, fd);
	}
}

struct container_watch *container_watch_new(const struct node_files *files)
{
	struct container_watch *watch = calloc(1, sizeof(*watch));

	if (!watch)
		return NULL;
	watch->files = files;
	watch->fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	if (watch->fd < 0) {
		free(watch);
		return NULL;
	}
	container_watch_refresh(watch);
	return watch;
}

void container_watch_free(struct container_watch *watch)
{
	if (!watch)
		return;
	(void)close(watch->fd);
	free(watch);
}

int container_watch_fd(const struct container_watch *watch)
{
	return watch ? watch->fd : -1;
}

static void note(struct container_watch *watch, const struct inotify_event *event)
{
	size_t length = event->len ? strnlen(event->name, event->len) : 0;

	if (!(event->mask & IN_ISDIR) || !length || length >= ID_SIZE || watch->count == MOST_NEW)
		return;
	memset(watch->id[watch->count], 0, ID_SIZE);
	memcpy(watch->id[watch->count++], event->name, length);
}

void container_watch_take(struct container_watch *watch)
{
	/* room for one name of any length, at least */
	char events[4096] __attribute__((aligned(__alignof__(struct inotify_event))));
	ssize_t got = read(watch->fd, events, sizeof(events));

	for (ssize_t at = 0; at < got;) {
		const struct inotify_event *event = (const struct inotify_event *)(events + at);

		note(watch, event);
		at += (ssize_t)(sizeof(*event) + event->len);
	}
}

bool container_watch_has_new(const struct container_watch *watch)
{
	return watch && watch->count;
}

void container_watch_tell(struct container_watch *watch,
			  void (*learn)(void *context, const char *id), void *context)
{
	for (unsigned int i = 0; watch && i < watch->count; i++)
		learn(context, watch->id[i]);
	if (watch)
		watch->count = 0;
}
