// SPDX-License-Identifier: BSD-2-Clause
#include "attribute/container_watch.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "attribute/container_claims.h"
#include "attribute/container_files.h"
#include "attribute/id_form.h"
#include "base/cleanup.h"

#define MOST_NEW 64
/* At once, of those that already run: this leaves room for those that begin meanwhile. */
#define MOST_EXISTING 32
/* Folders whose containers are listed: more than there are in container_claims.c. */
#define MOST_FOLDERS 8
#define MOST_LISTED 10000
#define ID_SIZE 129

struct container_watch {
	const struct node_files *files;
	int fd;
	int newest; /* newest watch: a folder that is already watched gives its old number */
	unsigned int count, told;
	char id[MOST_NEW][ID_SIZE];
	/* what was there before the watch: how much of it was noted, until all is */
	struct existing {
		bool is_left;
		unsigned int noted;
	} existing[MOST_FOLDERS];
};

struct listing {
	struct container_watch *watch;
	struct existing *existing;
	unsigned int at;
};

static void note(struct container_watch *watch, const char *id, size_t length)
{
	if (!length || length >= ID_SIZE || watch->count == MOST_NEW)
		return;
	memset(watch->id[watch->count], 0, ID_SIZE);
	memcpy(watch->id[watch->count++], id, length);
}

/* A container that the path itself names is not worth a look. */
static bool note_existing(void *context, const char *id)
{
	struct listing *listing = context;
	struct span name = { id, strlen(id) };

	if (listing->at++ < listing->existing->noted)
		return false;
	if (listing->watch->count >= MOST_EXISTING) {
		listing->existing->is_left = true;
		return true;
	}
	listing->existing->noted++;
	if (!id_form_hex64(name))
		note(listing->watch, name.s, name.n);
	return false;
}

/* As many as there is room for: the next call continues after them. */
static void note_more(struct container_watch *watch, const char *folder, struct existing *existing)
{
	struct listing listing = { .watch = watch, .existing = existing };

	existing->is_left = false;
	(void)node_files_list(watch->files, folder, MOST_LISTED, note_existing, &listing);
}

/* By its descriptor, so that the path is not walked a second time. True if it is a new one. */
static bool watch_folder(struct container_watch *watch, const char *folder, uint32_t events)
{
	AUTO_CLOSE int fd = node_files_open_folder(watch->files, folder);
	char path[32];
	int found;

	if (fd < 0)
		return false;
	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	found = inotify_add_watch(watch->fd, path, events | IN_ONLYDIR);
	if (found <= watch->newest)
		return false;
	watch->newest = found;
	return true;
}

void container_watch_refresh(struct container_watch *watch)
{
	const char *folder;

	for (unsigned int i = 0; watch && (folder = container_files_watched(i)); i++)
		(void)watch_folder(watch, folder, IN_CREATE | IN_MOVED_TO);
	for (unsigned int i = 0;
	     watch && i < MOST_FOLDERS && (folder = container_claims_watched(i)); i++) {
		if (watch_folder(watch, folder, IN_CREATE | IN_MOVED_TO | IN_DELETE))
			watch->existing[i] = (struct existing){ .is_left = true };
		if (watch->existing[i].is_left)
			note_more(watch, folder, &watch->existing[i]);
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

void container_watch_take(struct container_watch *watch, void (*end)(void *context, const char *id),
			  void *context)
{
	/* at least room for one name of any length */
	char events[4096] __attribute__((aligned(__alignof__(struct inotify_event))));
	ssize_t got = read(watch->fd, events, sizeof(events));

	for (ssize_t at = 0; at < got;) {
		const struct inotify_event *event = (const struct inotify_event *)(events + at);

		/* the kernel ends a name in an event with a NUL */
		if ((event->mask & IN_ISDIR) && event->len && (event->mask & IN_DELETE))
			end(context, event->name);
		else if ((event->mask & IN_ISDIR) && event->len)
			note(watch, event->name, strnlen(event->name, event->len));
		at += (ssize_t)(sizeof(*event) + event->len);
	}
}

bool container_watch_has_new(const struct container_watch *watch)
{
	return watch && watch->count;
}

bool container_watch_tell(struct container_watch *watch,
			  void (*learn)(void *context, const char *id), void *context)
{
	if (watch->told < watch->count)
		learn(context, watch->id[watch->told++]);
	if (watch->told < watch->count)
		return true;
	watch->count = watch->told = 0;
	container_watch_refresh(watch);
	return false;
}
