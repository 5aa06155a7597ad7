// SPDX-License-Identifier: BSD-2-Clause
#include "attribute/node_files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "attribute/open_in_root.h"
#include "base/cleanup.h"

int node_files_open(const char *root, struct node_files *ret)
{
	int fd = open(root && *root ? root : "/", O_PATH | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return -errno;
	*ret = (struct node_files){ .root_fd = fd };
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

int node_files_open_folder(const struct node_files *files, const char *path)
{
	return open_in_root(files->root_fd, path, O_PATH | O_DIRECTORY);
}

/* It is checked before it is opened: opening a device can have effects. */
static int open_plain(const struct node_files *files, const char *path, struct stat *ret_st)
{
	AUTO_CLOSE int place = open_in_root(files->root_fd, path, O_PATH);
	int fd;

	if (place < 0)
		return place;
	if (fstat(place, ret_st))
		return -errno;
	if (!S_ISREG(ret_st->st_mode))
		return -ENOTSUP;
	fd = open_in_root(files->root_fd, path, O_RDONLY | O_NONBLOCK | O_NOCTTY);
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

int node_files_read_open(int fd, size_t size, char **ret_text, size_t *ret_size)
{
	/* one more than expected, to see whether the file has grown */
	const size_t room = size + 1;
	AUTO_FREE char *text = malloc(room + 1);
	ssize_t got;

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

int node_files_read(const struct node_files *files, const char *path, size_t most, char **ret_text,
		    size_t *ret_size)
{
	struct stat st;
	AUTO_CLOSE int fd = open_plain(files, path, &st);

	if (fd < 0)
		return fd;
	if (st.st_size > (off_t)most)
		return -EFBIG;
	return node_files_read_open(fd, (size_t)st.st_size, ret_text, ret_size);
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
	int fd = open_in_root(files->root_fd, path, O_RDONLY | O_DIRECTORY);

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
