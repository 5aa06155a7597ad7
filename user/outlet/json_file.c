// SPDX-License-Identifier: BSD-2-Clause
#include "outlet/json_file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/output.h"
#include "base/say.h"
#include "line/repeats.h"

/* Longer than any line, and than all rows of one event. */
#define TAIL_BYTES (256 << 10)

struct json_file {
	struct outlet outlet;
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

/* The end of a file, from its last line to its first. */
struct tail {
	const char *text;
	off_t begin;      /* in the file */
	const char *rest; /* the newline that ends the next line; NULL: there are no more */
};

/* The line, with its size; NULL: there is no whole line. */
static const char *next_line(struct tail *tail, size_t *ret_size)
{
	const char *const end = tail->rest;
	const char *line = end ? memrchr(tail->text, '\n', (size_t)(end - tail->text)) : NULL;

	if (!end || (!line && tail->begin))
		return NULL;
	line = line ? line + 1 : tail->text;
	tail->rest = line > tail->text ? line - 1 : NULL;
	*ret_size = (size_t)(end - line);
	return line;
}

/*
 * The number of the last death in a file, 0: none of this boot. `*ret_whole` is where its last
 * whole line ends: after it can be the rest of a line that a kill or a power cut left. Rows that
 * are only a step together are whole when the last of them is.
 */
static uint64_t last_sequence(int fd, const char *boot_id, off_t *ret_whole)
{
	AUTO_FREE char *text = malloc(TAIL_BYTES);
	const off_t end = lseek(fd, 0, SEEK_END);
	struct tail tail = { text, end > TAIL_BYTES ? end - TAIL_BYTES : 0, NULL };
	const ssize_t size =
		text && end > 0 ? pread(fd, text, (size_t)(end - tail.begin), tail.begin) : 0;
	unsigned int cut = 0, rows_left;
	const char *line;
	uint64_t last;
	size_t length;

	tail.rest = size > 0 ? memrchr(text, '\n', (size_t)size) : NULL;
	*ret_whole = size <= 0   ? end
		     : tail.rest ? tail.begin + (tail.rest + 1 - tail.text)
				 : tail.begin;
	/* lines of losses have no number */
	while ((line = next_line(&tail, &length)))
		if (repeats_of_line(line, length, boot_id, &last, &rows_left)) {
			if (rows_left <= cut)
				return last;
			cut = rows_left;
			*ret_whole = tail.begin + (line - tail.text);
		}
	return 0;
}

/* Half a line of ours is cut off. A line that may be foreign is ended, so that ours begin on a new
 * line. */
static int end_line(int fd, off_t whole, off_t end)
{
	char head[sizeof(EVENT_LINE_HEAD)] = "";

	if (pread(fd, head, sizeof(head) - 1, whole) > 0 &&
	    !strncmp(head, EVENT_LINE_HEAD, strlen(head)))
		return ftruncate(fd, whole);
	return pwrite(fd, "\n", 1, end) == 1 ? 0 : -1;
}

/* Once, before anything is written. */
static void take_up(struct json_file *file, const char *boot_id)
{
	AUTO_CLOSE int fd = -1;
	struct stat st;
	off_t whole;

	if (is_stdout(file))
		return;
	fd = open(file->path, O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	if (fd < 0 || fstat(fd, &st) || !S_ISREG(st.st_mode))
		return;
	file->outlet.has = last_sequence(fd, boot_id, &whole);
	if (whole < st.st_size && end_line(fd, whole, st.st_size))
		say_detail("json: cannot end the last line of '%s': %s, ignoring", file->path,
			   strerror(errno));
}

/* No FIFO and no device: another process must not make us wait, or write into foreign files. */
static int open_file(struct json_file *file)
{
	struct stat st;

	file->outlet.trouble = NULL;
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
		file->outlet.trouble = "it is not a regular file";
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

static int write_lines(struct json_file *file, const char *lines, size_t size)
{
	size_t done = 0;
	int error;

	while ((error = output_write_from(file->fd, lines, size, &done)) == -EAGAIN &&
	       is_stdout(file))
		(void)poll(&(struct pollfd){ .fd = file->fd, .events = POLLOUT }, 1, -1);
	if (!error)
		file->size += size;
	else if (done && !is_stdout(file))
		(void)ftruncate(file->fd, (off_t)file->size);
	return error;
}

/* Writes all rows at once, so that a kill leaves all or none; otherwise they are cut off like half
 * a line. */
static int write_event(struct json_file *file, const struct event *event)
{
	AUTO_FREE char *lines = NULL;
	char *at;

	if (!event->next)
		return write_lines(file, event->line, event->size);
	at = lines = malloc(event_size(event));
	if (!lines)
		return -ENOMEM;
	for (const struct event *row = event; row; row = row->next)
		at = mempcpy(at, row->line, row->size);
	return write_lines(file, lines, (size_t)(at - lines));
}

/* Output to a deleted file would be lost. A file that was moved has an owner, who asks for a new
 * one (SIGHUP). */
static void leave_deleted_file(struct json_file *file)
{
	struct stat st;

	if (file->fd < 0 || is_stdout(file) || fstat(file->fd, &st))
		return;
	file->size = (uint64_t)st.st_size;
	if (st.st_nlink)
		return;
	say("json: '%s' was deleted: a new one is created", file->path);
	close_file(file);
}

static int json_file_deliver(struct outlet *outlet, const struct event *event)
{
	struct json_file *file = (struct json_file *)outlet;
	int error;

	leave_deleted_file(file);
	error = file->fd < 0 ? open_file(file) : 0;
	if (!error && file->most_bytes && file->size && !is_stdout(file) &&
	    file->size + event_size(event) > file->most_bytes)
		error = rotate(file);
	return error ? error : write_event(file, event);
}

static void json_file_reopen(struct outlet *outlet)
{
	close_file((struct json_file *)outlet);
}

static void json_file_free(struct outlet *outlet)
{
	close_file((struct json_file *)outlet);
	free(outlet);
}

struct outlet *json_file_new(const char *path, uint64_t most_bytes, const char *boot_id)
{
	static const struct outlet_ops ops = {
		.name = "json",
		.deliver = json_file_deliver,
		.reopen = json_file_reopen,
		.free = json_file_free,
	};
	struct json_file *file = calloc(1, sizeof(*file));

	if (!file)
		return NULL;
	*file = (struct json_file){
		.outlet = { .ops = &ops,
			    .place = strcmp(path, "-") != 0 ? path : NULL,
			    .takes_rows = true },
		.path = path,
		.most_bytes = most_bytes,
		.fd = -1,
	};
	take_up(file, boot_id);
	return (struct outlet *)file;
}
