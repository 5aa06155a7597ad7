// SPDX-License-Identifier: BSD-2-Clause
#include "base/whole_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/output.h"

/* A device or a pipe must not be replaced, and a folder cannot be. */
static int check_target(const char *path)
{
	struct stat st;

	if (lstat(path, &st))
		return errno == ENOENT ? 0 : -errno;
	if (S_ISDIR(st.st_mode))
		return -EISDIR;
	return S_ISREG(st.st_mode) ? 0 : -EEXIST;
}

static int fill(const char *partial, const void *data, size_t size)
{
	AUTO_CLOSE int fd =
		open(partial, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	int error;

	if (fd < 0)
		return -errno;
	error = output_write(fd, data, size);
	return !error && fsync(fd) ? -errno : error;
}

/* The name survives a power cut, too, where the folder can be synced. */
static void sync_folder(const char *path)
{
	const char *slash = strrchr(path, '/');
	AUTO_FREE char *folder = !slash          ? strdup(".")
				 : slash == path ? strdup("/")
						 : strndup(path, (size_t)(slash - path));
	AUTO_CLOSE int fd = folder ? open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;

	if (fd >= 0)
		(void)fsync(fd);
}

int whole_file_write(const char *path, const void *data, size_t size)
{
	AUTO_FREE char *partial = NULL;
	int error = check_target(path);

	if (error)
		return error;
	if (asprintf(&partial, "%s.partial", path) < 0) {
		partial = NULL;
		return -ENOMEM;
	}
	/* what is there may be another program's, open, or linked to: ours is a new one */
	(void)unlink(partial);
	error = fill(partial, data, size);
	if (!error && rename(partial, path))
		error = -errno;
	if (error)
		(void)unlink(partial);
	else
		sync_folder(path);
	return error;
}
