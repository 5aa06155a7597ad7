// SPDX-License-Identifier: BSD-2-Clause
#include "source/recording_write.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "source/recording_format.h"

struct recording_writer {
	FILE *file;
	char *path, *partial; /* NULL: a stream */
};

static void writer_free(struct recording_writer *writer)
{
	if (writer->file)
		(void)fclose(writer->file);
	free(writer->path);
	free(writer->partial);
	free(writer);
}

/* Data after a failed write would not be understood. */
static int put(struct recording_writer *writer, const void *data, size_t size)
{
	if (ferror(writer->file))
		return -EIO;
	return !size || fwrite(data, size, 1, writer->file) == 1 ? 0 : -errno;
}

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

static int put_header(struct recording_writer *writer, const struct origin *origin)
{
	struct file_header header = {
		.magic = RECORDING_MAGIC,
		.version = RECORDING_FORMAT,
		.origin = *origin,
	};

	return put(writer, &header, sizeof(header));
}

int recording_create(const char *path, const struct origin *origin, struct recording_writer **ret)
{
	struct recording_writer *writer;
	int fd, error = check_target(path);

	if (error)
		return error;
	writer = calloc(1, sizeof(*writer));
	if (!writer)
		return -ENOMEM;
	writer->path = strdup(path);
	if (!writer->path || asprintf(&writer->partial, "%s.partial", path) < 0) {
		writer->partial = NULL;
		writer_free(writer);
		return -ENOMEM;
	}
	/* a file that is there may be another program's, open, or linked to: ours is a new one */
	(void)unlink(writer->partial);
	fd = open(writer->partial, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd >= 0)
		writer->file = fdopen(fd, "we");
	if (!writer->file) {
		error = -errno;
		if (fd >= 0)
			(void)close(fd);
		writer_free(writer);
		return error;
	}
	error = put_header(writer, origin);
	if (error) {
		(void)unlink(writer->partial);
		writer_free(writer);
		return error;
	}
	*ret = writer;
	return 0;
}

struct recording_writer *recording_create_stream(FILE *stream, const struct origin *origin)
{
	struct recording_writer *writer = calloc(1, sizeof(*writer));

	if (!writer) {
		(void)fclose(stream);
		return NULL;
	}
	writer->file = stream;
	if (!put_header(writer, origin))
		return writer;
	writer_free(writer);
	return NULL;
}

/* The reader of a stream waits for each frame. */
static int flush_stream(struct recording_writer *writer)
{
	return writer->path || !fflush(writer->file) ? 0 : -errno;
}

static int put_names(struct recording_writer *writer, const struct frame *frame)
{
	struct chunk_header chunk = { .type = CHUNK_NAMES, .size = (uint32_t)frame->names_size };
	int error;

	if (!frame->names_size)
		return 0;
	error = put(writer, &chunk, sizeof(chunk));
	return error ? error : put(writer, frame->names, frame->names_size);
}

int recording_write_frame(struct recording_writer *writer, const struct frame *frame)
{
	struct frame_header header = {
		.sequence = frame->sequence,
		.realtime_offset_ns = frame->realtime_offset_ns,
		.record_size = (uint32_t)frame->record_size,
		.kallsyms_size = (uint32_t)frame->kallsyms_size,
	};
	struct chunk_header chunk = {
		.type = CHUNK_FRAME,
		.size = (uint32_t)(sizeof(header) + frame->record_size + frame->kallsyms_size),
	};
	int error = put_names(writer, frame);

	if (!error)
		error = put(writer, &chunk, sizeof(chunk));
	if (!error)
		error = put(writer, &header, sizeof(header));
	if (!error)
		error = put(writer, frame->record, frame->record_size);
	if (!error)
		error = put(writer, frame->symbols, frame->kallsyms_size);
	return error ? error : flush_stream(writer);
}

int recording_write_losses(struct recording_writer *writer, const struct losses *losses,
			   int64_t realtime_ns)
{
	struct losses_chunk body = { .realtime_ns = realtime_ns, .losses = *losses };
	struct chunk_header chunk = { .type = CHUNK_LOSSES, .size = sizeof(body) };
	int error = put(writer, &chunk, sizeof(chunk));

	if (!error)
		error = put(writer, &body, sizeof(body));
	return error ? error : flush_stream(writer);
}

/* The bytes that were written, as far as there are any. */
static char *end_bytes(struct recording_writer *writer, char **text, int error)
{
	if (writer->file && fclose(writer->file))
		error = -errno;
	if (writer->file && !error)
		return *text;
	free(*text);
	return NULL;
}

char *recording_header_bytes(const struct origin *origin, size_t *ret_size)
{
	char *text = NULL;
	struct recording_writer writer = { .file = open_memstream(&text, ret_size) };
	int error = writer.file ? put_header(&writer, origin) : -ENOMEM;

	return end_bytes(&writer, &text, error);
}

char *recording_frame_bytes(const struct frame *frame, size_t *ret_size)
{
	char *text = NULL;
	struct recording_writer writer = { .file = open_memstream(&text, ret_size) };
	int error = writer.file ? recording_write_frame(&writer, frame) : -ENOMEM;

	return end_bytes(&writer, &text, error);
}

char *recording_losses_bytes(const struct losses *losses, int64_t realtime_ns, size_t *ret_size)
{
	char *text = NULL;
	struct recording_writer writer = { .file = open_memstream(&text, ret_size) };
	int error = writer.file ? recording_write_losses(&writer, losses, realtime_ns) : -ENOMEM;

	return end_bytes(&writer, &text, error);
}

void recording_abandon(struct recording_writer *writer)
{
	if (writer)
		writer_free(writer);
}

void recording_discard(struct recording_writer *writer)
{
	if (writer && writer->partial)
		(void)unlink(writer->partial);
	recording_abandon(writer);
}

int recording_finish(struct recording_writer *writer)
{
	int error = 0;

	if (!writer)
		return 0;
	if (ferror(writer->file))
		error = -EIO;
	else if (fflush(writer->file) || (writer->path && (fsync(fileno(writer->file)) ||
							   rename(writer->partial, writer->path))))
		error = -errno;
	writer_free(writer);
	return error;
}
