// SPDX-License-Identifier: BSD-2-Clause
#include "otlp/otlp_queue.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/number.h"
#include "base/output.h"

#define LOCK "lock"
#define OPEN_FILE "open.jsonl" /* lines are added to it; sealed, it gets a number */
#define SEALED_FORMAT "%020" PRIu64 ".jsonl"
#define SEALED_DIGITS 20
#define NAME_SIZE 40
/* Ours exceed OTLP_QUEUE_BYTES only a little; a larger file is foreign. */
#define LARGEST_FILE (16U << 20)

struct otlp_queue {
	const char *path;
	uint64_t most_bytes;
	int folder, lock, open; /* -1 */
	uint64_t first, next;   /* numbers of sealed files: first ≤ number < next, with gaps */
	int given; /* the file that was read last, -1: none; open, so its inode is unique */
	uint64_t given_number;
	uint64_t sealed_bytes;
	uint64_t open_bytes;
	unsigned int open_lines;
};

struct otlp_queue *otlp_queue_new(const char *path, uint64_t most_bytes)
{
	struct otlp_queue *queue = malloc(sizeof(*queue));

	if (queue)
		*queue = (struct otlp_queue){ .path = path,
					      .most_bytes = most_bytes,
					      .folder = -1,
					      .lock = -1,
					      .open = -1,
					      .given = -1 };
	return queue;
}

static void close_all(struct otlp_queue *queue)
{
	int *const fds[] = { &queue->open, &queue->lock, &queue->folder };

	for (size_t i = 0; i < ARRAY_SIZE(fds); i++) {
		if (*fds[i] >= 0)
			(void)close(*fds[i]);
		*fds[i] = -1;
	}
}

static void forget_given(struct otlp_queue *queue)
{
	if (queue->given >= 0)
		(void)close(queue->given);
	queue->given = -1;
}

void otlp_queue_free(struct otlp_queue *queue)
{
	if (!queue)
		return;
	(void)otlp_queue_sync(queue);
	forget_given(queue);
	close_all(queue);
	free(queue);
}

static bool number_of(const char *name, uint64_t *ret)
{
	uint64_t number;
	const char *end = number_read(name, 10, &number);

	if (!end || end - name != SEALED_DIGITS || strcmp(end, ".jsonl") != 0 ||
	    number >= UINT64_MAX / 2)
		return false;
	*ret = number;
	return true;
}

/* Sets first, next and sealed_bytes. */
static int scan(struct otlp_queue *queue)
{
	int fd = openat(queue->folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	uint64_t first = UINT64_MAX, next = 0, bytes = 0, number;
	struct dirent *entry;
	struct stat st;
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);

	if (!dir) {
		if (fd >= 0)
			(void)close(fd);
		return -errno;
	}
	while ((entry = readdir(dir))) {
		if (!number_of(entry->d_name, &number) ||
		    fstatat(queue->folder, entry->d_name, &st, AT_SYMLINK_NOFOLLOW) ||
		    !S_ISREG(st.st_mode))
			continue;
		bytes += (uint64_t)st.st_size;
		if (number < first)
			first = number;
		if (number >= next)
			next = number + 1;
	}
	(void)closedir(dir);
	queue->first = next ? first : queue->next;
	queue->next = next > queue->next ? next : queue->next;
	queue->sealed_bytes = bytes;
	return 0;
}

/* Gives the open file its number. */
static int seal(struct otlp_queue *queue)
{
	char name[NAME_SIZE];

	(void)snprintf(name, sizeof(name), SEALED_FORMAT, queue->next);
	if (fsync(queue->open) || renameat(queue->folder, OPEN_FILE, queue->folder, name))
		return -errno;
	(void)close(queue->open);
	queue->open = -1;
	queue->next++;
	queue->sealed_bytes += queue->open_bytes;
	queue->open_bytes = 0;
	queue->open_lines = 0;
	return fsync(queue->folder) ? -errno : 0;
}

/* Cuts off a line that an agent had only written in part when it ended. */
static int cut_partial_line(int fd, off_t *size)
{
	char last;

	while (*size) {
		if (pread(fd, &last, 1, *size - 1) != 1)
			return -errno;
		if (last == '\n')
			break;
		--*size;
	}
	return ftruncate(fd, *size) ? -errno : 0;
}

/* A file that an earlier agent had begun goes first. */
static int adopt(struct otlp_queue *queue)
{
	struct stat st;
	int error;

	queue->open =
		openat(queue->folder, OPEN_FILE, O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (queue->open < 0)
		return errno == ENOENT ? 0 : -errno;
	if (fstat(queue->open, &st) || !S_ISREG(st.st_mode))
		return -EEXIST;
	error = cut_partial_line(queue->open, &st.st_size);
	if (error)
		return error;
	queue->open_bytes = (uint64_t)st.st_size;
	if (st.st_size)
		return seal(queue);
	(void)close(queue->open);
	queue->open = -1;
	return unlinkat(queue->folder, OPEN_FILE, 0) ? -errno : 0;
}

static int take_folder(struct otlp_queue *queue)
{
	int error;

	queue->folder = open(queue->path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (queue->folder < 0)
		return -errno;
	queue->lock = openat(queue->folder, LOCK,
			     O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0600);
	if (queue->lock < 0)
		return -errno;
	if (flock(queue->lock, LOCK_EX | LOCK_NB))
		return errno == EWOULDBLOCK ? -EADDRINUSE : -errno;
	error = scan(queue);
	return error ? error : adopt(queue);
}

/* The queue was emptied by hand: what is put there now must be kept. */
static void leave_deleted_file(struct otlp_queue *queue)
{
	struct stat st;

	if (queue->open < 0 || fstat(queue->open, &st) || st.st_nlink)
		return;
	(void)close(queue->open);
	queue->open = -1;
	queue->open_bytes = 0;
	queue->open_lines = 0;
}

/* Opens the folder, unless it is open and still has that name. */
static int get_ready(struct otlp_queue *queue)
{
	struct stat here, there;
	int error;

	if (queue->folder >= 0 && !fstat(queue->folder, &here) && !stat(queue->path, &there) &&
	    here.st_ino == there.st_ino && here.st_dev == there.st_dev) {
		leave_deleted_file(queue);
		return 0;
	}
	close_all(queue);
	queue->open_bytes = 0;
	queue->open_lines = 0;
	error = take_folder(queue);
	if (error)
		close_all(queue);
	return error;
}

static int open_new(struct otlp_queue *queue)
{
	queue->open = openat(queue->folder, OPEN_FILE,
			     O_RDWR | O_CREAT | O_EXCL | O_APPEND | O_NOFOLLOW | O_CLOEXEC, 0600);
	return queue->open < 0 ? -errno : 0;
}

/* Writes all of it, or nothing. */
static int append(struct otlp_queue *queue, const char *line, size_t size)
{
	size_t done = 0;
	int error = output_write_from(queue->open, line, size, &done);

	if (error) {
		if (done)
			(void)ftruncate(queue->open, (off_t)queue->open_bytes);
		return error;
	}
	queue->open_bytes += size;
	queue->open_lines++;
	return 0;
}

int otlp_queue_put(struct otlp_queue *queue, const char *line, size_t size)
{
	int error = get_ready(queue);

	if (error)
		return error;
	if (queue->sealed_bytes + queue->open_bytes + size > queue->most_bytes)
		return -ENOBUFS;
	if (queue->open_lines >= OTLP_QUEUE_LINES || queue->open_bytes >= OTLP_QUEUE_BYTES)
		error = seal(queue);
	if (!error && queue->open < 0)
		error = open_new(queue);
	if (!error)
		error = append(queue, line, size);
	if ((error == -ENOSPC || error == -EDQUOT) &&
	    (queue->first < queue->next || queue->open_bytes))
		return -ENOBUFS;
	return error;
}

/* Opens the sealed file with the lowest number; -ENOENT: there are no more. */
static int open_oldest(struct otlp_queue *queue)
{
	char name[NAME_SIZE];
	int fd, error;

	if (queue->first == queue->next)
		return -ENOENT;
	for (int i = 0; i < 2; i++) {
		(void)snprintf(name, sizeof(name), SEALED_FORMAT, queue->first);
		fd = openat(queue->folder, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
		if (fd >= 0 || errno != ENOENT)
			return fd >= 0 ? fd : -errno;
		error = scan(queue); /* it was removed meanwhile */
		if (error)
			return error;
	}
	return -ENOENT;
}

static int read_all(int fd, char **ret_text, size_t *ret_size)
{
	AUTO_FREE char *text = NULL;
	struct stat st;
	size_t size = 0;

	if (fstat(fd, &st))
		return -errno;
	if (!S_ISREG(st.st_mode) || st.st_size > LARGEST_FILE)
		st.st_size = 0; /* treated as empty: its reader counts and removes it */
	text = malloc((size_t)st.st_size + 1);
	if (!text)
		return -ENOMEM;
	while (size < (size_t)st.st_size) {
		ssize_t got = read(fd, text + size, (size_t)st.st_size - size);

		if (got < 0)
			return -errno;
		if (!got)
			break;
		size += (size_t)got;
	}
	text[size] = '\0';
	*ret_text = text;
	*ret_size = size;
	text = NULL;
	return 1;
}

int otlp_queue_oldest(struct otlp_queue *queue, char **ret_text, size_t *ret_size)
{
	int error;

	forget_given(queue);
	error = get_ready(queue);
	if (error)
		return error;
	if (queue->first == queue->next) {
		if (!queue->open_bytes)
			return 0;
		error = seal(queue);
		if (error)
			return error;
	}
	queue->given = open_oldest(queue);
	if (queue->given < 0)
		return queue->given == -ENOENT ? 0 : queue->given;
	queue->given_number = queue->first;
	return read_all(queue->given, ret_text, ret_size);
}

/* The folder, or the file in it, may have been replaced since the file was read. */
static bool is_given(const struct otlp_queue *queue, const struct stat *st)
{
	struct stat given;

	return !fstat(queue->given, &given) && given.st_ino == st->st_ino &&
	       given.st_dev == st->st_dev;
}

static int remove_given(struct otlp_queue *queue)
{
	char name[NAME_SIZE];
	struct stat st;

	(void)snprintf(name, sizeof(name), SEALED_FORMAT, queue->given_number);
	if (fstatat(queue->folder, name, &st, AT_SYMLINK_NOFOLLOW))
		return errno == ENOENT ? 0 : -errno;
	if (!is_given(queue, &st))
		return 0;
	if (unlinkat(queue->folder, name, 0))
		return errno == ENOENT ? 0 : -errno;
	if (queue->first == queue->given_number)
		queue->first++;
	queue->sealed_bytes -= (uint64_t)st.st_size < queue->sealed_bytes ? (uint64_t)st.st_size
									  : queue->sealed_bytes;
	/* what was taken must not come back, even after a crash of the machine */
	return fsync(queue->folder) ? -errno : 0;
}

int otlp_queue_remove_oldest(struct otlp_queue *queue)
{
	int error = 0;

	/* without a folder there is nothing to remove */
	if (queue->given >= 0 && queue->folder >= 0)
		error = remove_given(queue);
	forget_given(queue);
	return error;
}

int otlp_queue_sync(struct otlp_queue *queue)
{
	return queue->open >= 0 && fdatasync(queue->open) ? -errno : 0;
}
