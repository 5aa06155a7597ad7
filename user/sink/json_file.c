// SPDX-License-Identifier: BSD-2-Clause
#include "sink/json_file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct json_file {
	struct target target;
	const char *path;
	uint64_t most_bytes;
	int fd;
	uint64_t size;
};

static bool is_stdout(const struct json_file *file)
{
	return !strcmp(file->path, "-");
}

static void close_file(struct json_file *file)
{
	if (file->fd >= 0 && !is_stdout(file))
		(void)close(file->fd);
	file->fd = -1;
}

/* No FIFO and no device: nobody may make us wait, or write what is not ours. */
static int open_file(struct json_file *file)
{
	struct stat st;

	if (is_stdout(file)) {
		file->fd = STDOUT_FILENO;
		return 0;
	}
	file->fd = open(file->path,
			O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0640);
	if (file->fd < 0)
		return -errno;
	if (fstat(file->fd, &st) || !S_ISREG(st.st_mode)) {
		close_file(file);
		return -EEXIST;
	}
	file->size = (uint64_t)st.st_size;
	return 0;
}

static int rotate(struct json_file *file)
{
	char older[PATH_MAX];
	int length = snprintf(older, sizeof(older), "%s.1", file->path);

	if (length < 0 || (size_t)length >= sizeof(older))
		return -ENAMETOOLONG;
	if (rename(file->path, older) && errno != ENOENT)
		return -errno;
	close_file(file);
	return open_file(file);
}

static int write_line(struct json_file *file, const struct event *event)
{
	size_t done = 0;

	while (done < event->size) {
		ssize_t written = write(file->fd, event->line + done, event->size - done);
		int error = errno;

		if (written < 0 && error == EINTR)
			continue;
		if (written < 0 && error == EAGAIN && is_stdout(file)) {
			(void)poll(&(struct pollfd){ .fd = file->fd, .events = POLLOUT }, 1, -1);
			continue;
		}
		if (written < 0) {
			if (done && !is_stdout(file))
				(void)ftruncate(file->fd, (off_t)file->size);
			return -error;
		}
		done += (size_t)written;
	}
	file->size += event->size;
	return 0;
}

static int json_file_deliver(struct target *target, const struct event *event)
{
	struct json_file *file = (struct json_file *)target;
	int error = file->fd < 0 ? open_file(file) : 0;

	if (!error && file->most_bytes && file->size && !is_stdout(file) &&
	    file->size + event->size > file->most_bytes)
		error = rotate(file);
	return error ? error : write_line(file, event);
}

static void json_file_reopen(struct target *target)
{
	close_file((struct json_file *)target);
}

static void json_file_free(struct target *target)
{
	close_file((struct json_file *)target);
	free(target);
}

struct target *json_file_new(const char *path, uint64_t most_bytes)
{
	static const struct target_ops ops = { "json", json_file_deliver, NULL, json_file_reopen,
					       json_file_free };
	struct json_file *file = calloc(1, sizeof(*file));

	if (!file)
		return NULL;
	*file = (struct json_file){
		.target = { .ops = &ops }, .path = path, .most_bytes = most_bytes, .fd = -1
	};
	return (struct target *)file;
}
