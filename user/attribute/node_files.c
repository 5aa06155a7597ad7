// SPDX-License-Identifier: BSD-2-Clause
#include "attribute/node_files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/cleanup.h"

int node_files_open(const char *root, struct node_files *ret)
{
	int fd = open(root && *root ? root : "/", O_PATH | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return -errno;
	ret->root_fd = fd;
	return 0;
}

void node_files_close(struct node_files *files)
{
	if (files->root_fd >= 0)
		(void)close(files->root_fd);
	files->root_fd = -1;
}

bool node_files_is_missing(int error)
{
	return error == -ENOENT || error == -ENOTDIR;
}

static int open_below(const struct node_files *files, const char *path, uint64_t flags)
{
	struct open_how how = { .flags = flags | O_CLOEXEC,
				.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS };
	int fd = (int)syscall(SYS_openat2, files->root_fd, path, &how, sizeof(how));

	return fd < 0 ? -errno : fd;
}

int node_files_open_folder(const struct node_files *files, const char *path)
{
	return open_below(files, path, O_PATH | O_DIRECTORY);
}

/* It is looked at before it is opened: opening a device can do things. */
static int open_plain(const struct node_files *files, const char *path, struct stat *ret_st)
{
	AUTO_CLOSE int place = open_below(files, path, O_PATH);
	int fd;

	if (place < 0)
		return place;
	if (fstat(place, ret_st))
		return -errno;
	if (!S_ISREG(ret_st->st_mode))
		return -ENOTSUP;
	fd = open_below(files, path, O_RDONLY | O_NONBLOCK | O_NOCTTY);
	if (fd < 0)
		return fd;
	if (fstat(fd, ret_st) || !S_ISREG(ret_st->st_mode)) {
		(void)close(fd);
		return -ENOTSUP;
	}
	return fd;
}

int node_files_open_file(const struct node_files *files, const char *path)
{
	struct stat st;

	return open_plain(files, path, &st);
}

/* At most `size` bytes: how many, or -errno. */
static ssize_t read_all(int fd, char *text, size_t size)
{
	size_t used = 0;

	while (used < size) {
		ssize_t got = read(fd, text + used, size - used);

		if (got < 0 && errno != EINTR)
			return -errno;
		if (got == 0)
			break;
		if (got > 0)
			used += (size_t)got;
	}
	return (ssize_t)used;
}

int node_files_read(const struct node_files *files, const char *path, size_t most, char **ret_text,
		    size_t *ret_size)
{
	AUTO_FREE char *text = NULL;
	struct stat st;
	size_t room;
	ssize_t got;
	AUTO_CLOSE int fd = open_plain(files, path, &st);

	if (fd < 0)
		return fd;
	if (st.st_size > (off_t)most)
		return -EFBIG;
	/* one more than it should have, to see whether it has grown */
	room = (size_t)st.st_size + 1;
	text = malloc(room + 1);
	if (!text)
		return -ENOMEM;
	got = read_all(fd, text, room);
	if (got < 0)
		return (int)got;
	if ((size_t)got == room)
		return -EAGAIN;
	text[got] = '\0';
	*ret_text = text;
	*ret_size = (size_t)got;
	text = NULL;
	return 0;
}

static void cleanup_closedirp(DIR **dir)
{
	if (*dir)
		(void)closedir(*dir);
}

int node_files_list(const struct node_files *files, const char *path, unsigned int most,
		    bool (*each)(void *context, const char *name), void *context)
{
	__attribute__((cleanup(cleanup_closedirp))) DIR *dir = NULL;
	const struct dirent *entry;
	int fd = open_below(files, path, O_RDONLY | O_DIRECTORY);

	if (fd < 0)
		return fd;
	dir = fdopendir(fd);
	if (!dir) {
		(void)close(fd);
		return -ENOMEM;
	}
	for (;;) {
		errno = 0;
		entry = readdir(dir);
		if (!entry)
			return -errno;
		if (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, ".."))
			continue;
		if (!most--)
			return -EFBIG;
		if (each(context, entry->d_name))
			return 0;
	}
}
