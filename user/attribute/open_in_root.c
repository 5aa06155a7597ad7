// SPDX-License-Identifier: BSD-2-Clause
#include "attribute/open_in_root.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <linux/openat2.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/cleanup.h"

/* The kernel's MAXSYMLINKS. */
#define LINKS_MAX 40
/* Each folder on the way is held open. */
#define DEPTH_MAX 64
/* PROC_ROOT_INO: the links there ("self", "mounts") are plain text; all those below are magic. */
#define PROC_ROOT_INODE 1

struct walk {
	int folders[DEPTH_MAX]; /* the root first, which we do not close */
	size_t depth;
	unsigned int links;
	int flags;
	char path[PATH_MAX]; /* the rest of the path is at its end */
	char *rest;
};

static int current(const struct walk *walk)
{
	return walk->folders[walk->depth - 1];
}

static void go_up(struct walk *walk)
{
	if (walk->depth > 1)
		(void)close(walk->folders[--walk->depth]);
}

static void go_to_root(struct walk *walk)
{
	while (walk->depth > 1)
		go_up(walk);
}

/* The descriptor then belongs to the walk. */
static int go_down(struct walk *walk, int *fd)
{
	if (walk->depth == DEPTH_MAX)
		return -ENAMETOOLONG;
	walk->folders[walk->depth++] = *fd;
	*fd = -1;
	return 0;
}

/* Puts a link's text in front of what is left. */
static int prepend(struct walk *walk, const char *path, size_t length)
{
	if (length + 1 > (size_t)(walk->rest - walk->path))
		return -ENAMETOOLONG;
	if (*walk->rest)
		*--walk->rest = '/';
	walk->rest -= length;
	memcpy(walk->rest, path, length);
	return 0;
}

/* Whether the kernel follows the link by itself, and not by its text. */
static bool is_magic(int folder, int link)
{
	struct statfs system;
	struct stat st;

	if (fstatfs(link, &system))
		return true;
	if (system.f_type == AAFS_MAGIC)
		return true;
	return system.f_type == PROC_SUPER_MAGIC &&
	       (fstat(folder, &st) || st.st_ino != PROC_ROOT_INODE);
}

static int follow(struct walk *walk, int link)
{
	char target[PATH_MAX];
	ssize_t length;

	if (++walk->links > LINKS_MAX || is_magic(current(walk), link))
		return -ELOOP;
	length = readlinkat(link, "", target, sizeof(target));
	if (length < 0)
		return -errno;
	if (length == 0)
		return -ENOENT;
	if (length == sizeof(target))
		return -ENAMETOOLONG;
	if (target[0] == '/')
		go_to_root(walk);
	return prepend(walk, target, (size_t)length);
}

/* The next component without its slashes, cut off the rest; empty at the end. */
static char *next_name(struct walk *walk, bool *ret_last)
{
	char *name = walk->rest + strspn(walk->rest, "/");
	char *end = name + strcspn(name, "/");
	const bool slash = *end == '/';

	walk->rest = end + slash;
	*end = '\0';
	*ret_last = !walk->rest[strspn(walk->rest, "/")];
	/* as if "." followed */
	if (*ret_last && slash)
		walk->flags |= O_DIRECTORY;
	return name;
}

/* 0 or -errno, for a requested descriptor. */
static int give(int fd, int *ret_fd)
{
	if (fd < 0)
		return -errno;
	*ret_fd = fd;
	return 0;
}

/* The walk ends in a folder that has been reached. */
static int end_here(const struct walk *walk, bool last, int *ret_fd)
{
	return last ? give(openat(current(walk), ".", walk->flags | O_CLOEXEC), ret_fd) : 0;
}

/* `place` is the file that the name meant a moment ago, and is no link. */
static int open_last(const struct walk *walk, const char *name, int place, const struct stat *st,
		     int *ret_fd)
{
	if (walk->flags & O_DIRECTORY && !S_ISDIR(st->st_mode))
		return -ENOTDIR;
	if (walk->flags & O_PATH)
		return give(fcntl(place, F_DUPFD_CLOEXEC, 0), ret_fd);
	return give(openat(current(walk), name, walk->flags | O_NOFOLLOW | O_CLOEXEC), ret_fd);
}

/* Walks one component. Gives the descriptor if it was the last one. */
static int step(struct walk *walk, int *ret_fd)
{
	struct stat st;
	bool last;
	const char *name = next_name(walk, &last);
	AUTO_CLOSE int place = -1;

	if (!strcmp(name, ".."))
		go_up(walk);
	if (!*name || !strcmp(name, ".") || !strcmp(name, ".."))
		return end_here(walk, last, ret_fd);
	place = openat(current(walk), name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	if (place < 0 || fstat(place, &st))
		return -errno;
	if (S_ISLNK(st.st_mode))
		return follow(walk, place);
	if (last)
		return open_last(walk, name, place, &st, ret_fd);
	if (!S_ISDIR(st.st_mode))
		return -ENOTDIR;
	return go_down(walk, &place);
}

static int walk_down(int root_fd, const char *path, int flags)
{
	struct walk walk = { .folders = { root_fd }, .depth = 1, .flags = flags };
	const size_t size = strlen(path) + 1;
	int fd = -1, error = size > 1 ? 0 : -ENOENT;

	if (size > sizeof(walk.path))
		return -ENAMETOOLONG;
	walk.rest = walk.path + sizeof(walk.path) - size;
	memcpy(walk.rest, path, size);
	while (!error && fd < 0)
		error = step(&walk, &fd);
	go_to_root(&walk);
	return error ? error : fd;
}

int open_in_root(int root_fd, const char *path, int flags)
{
	struct open_how how = { .flags = (unsigned int)(flags | O_CLOEXEC),
				.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS };
	int fd = (int)syscall(SYS_openat2, root_fd, path, &how, sizeof(how));

	if (fd >= 0)
		return fd;
	return errno == ENOSYS || errno == EPERM ? walk_down(root_fd, path, flags) : -errno;
}
