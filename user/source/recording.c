// SPDX-License-Identifier: BSD-2-Clause
#include "source/recording.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"

#define FORMAT_VERSION 1
#define MOST_CHUNK (64U << 10)
#define MOST_SYMBOLS (16U << 10)
#define MOST_NAMES (4U << 10)

static const char file_magic[8] = "KILLTRC";

enum chunk_type {
	CHUNK_FRAME = 1,
	CHUNK_LOSSES = 2,
	CHUNK_NAMES = 3, /* of the frame that follows */
};

struct file_header {
	char magic[8];
	uint32_t version;
	uint32_t reserved;
	struct origin origin;
};

struct chunk_header {
	uint32_t type;
	uint32_t size; /* without this header */
};

struct frame_header {
	uint64_t sequence;
	int64_t realtime_offset_ns;
	uint32_t record_size;
	uint32_t symbols_size;
};

struct losses_chunk {
	int64_t realtime_ns;
	struct losses losses;
};

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

/* What came after a failure would not be understood. */
static int put(struct recording_writer *writer, const void *data, size_t size)
{
	if (ferror(writer->file))
		return -EIO;
	return !size || fwrite(data, size, 1, writer->file) == 1 ? 0 : -errno;
}

/* A device or a pipe is not to be renamed over, and a folder cannot be. */
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
	struct file_header header = { .version = FORMAT_VERSION, .origin = *origin };

	memcpy(header.magic, file_magic, sizeof(header.magic));
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
	/* a file that lies there may be another's, open, or linked to: ours is a new one */
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

/* Who reads a stream waits for what is in it. */
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
		.symbols_size = (uint32_t)frame->symbols_size,
	};
	struct chunk_header chunk = {
		.type = CHUNK_FRAME,
		.size = (uint32_t)(sizeof(header) + frame->record_size + frame->symbols_size),
	};
	int error = put_names(writer, frame);

	if (!error)
		error = put(writer, &chunk, sizeof(chunk));
	if (!error)
		error = put(writer, &header, sizeof(header));
	if (!error)
		error = put(writer, frame->record, frame->record_size);
	if (!error)
		error = put(writer, frame->symbols, frame->symbols_size);
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

struct reader {
	FILE *file;
	const volatile int *stop;
	uint64_t offset;
	/* of the next frame */
	char names[MOST_NAMES];
	size_t names_size;
};

/* 1: all there; 0: nothing more; else as recording_read(). A pipe can keep us waiting: the order to stop
 * interrupts that. */
static int get(struct reader *reader, void *data, size_t size)
{
	size_t got = 0;

	while (got < size) {
		got += fread((char *)data + got, 1, size - got, reader->file);
		if (got == size)
			break;
		if (!ferror(reader->file))
			return got ? -RECORDING_CUT : 0;
		if (errno != EINTR)
			return -RECORDING_IO;
		if (*reader->stop)
			return -EINTR;
		clearerr(reader->file);
	}
	reader->offset += size;
	return 1;
}

static int read_names(struct reader *reader, const char *body, size_t size)
{
	if (size > sizeof(reader->names))
		return -RECORDING_CORRUPT;
	memcpy(reader->names, body, size);
	reader->names_size = size;
	return 0;
}

static int read_frame(struct reader *reader, const char *body, size_t size,
		      const struct frame_receiver *receiver)
{
	struct frame_header header;
	struct frame frame;

	if (size < sizeof(header))
		return -RECORDING_CORRUPT;
	memcpy(&header, body, sizeof(header));
	if (header.symbols_size > MOST_SYMBOLS || header.record_size > MOST_CHUNK ||
	    size != sizeof(header) + header.record_size + header.symbols_size)
		return -RECORDING_CORRUPT;
	frame = (struct frame){
		.sequence = header.sequence,
		.realtime_offset_ns = header.realtime_offset_ns,
		.record = body + sizeof(header),
		.record_size = header.record_size,
		.symbols = body + sizeof(header) + header.record_size,
		.symbols_size = header.symbols_size,
		.names = reader->names,
		.names_size = reader->names_size,
	};
	reader->names_size = 0;
	return receiver->frame(receiver->context, &frame);
}

static int read_losses(const char *body, size_t size, const struct frame_receiver *receiver)
{
	struct losses_chunk chunk = { 0 };

	/* an older killtrace knew fewer reasons */
	if (size < sizeof(chunk.realtime_ns) || size > sizeof(chunk) || size % sizeof(uint64_t))
		return -RECORDING_CORRUPT;
	memcpy(&chunk, body, size);
	return receiver->losses(receiver->context, &chunk.losses, chunk.realtime_ns);
}

static int read_chunks(struct reader *reader, const struct frame_receiver *receiver,
		       uint64_t *ret_offset)
{
	AUTO_FREE char *body = malloc(MOST_CHUNK);
	struct chunk_header chunk = { 0 };
	int result;

	if (!body) {
		errno = ENOMEM;
		return -RECORDING_IO;
	}
	for (;;) {
		*ret_offset = reader->offset;
		if (*reader->stop)
			return -EINTR;
		result = get(reader, &chunk, sizeof(chunk));
		if (result <= 0)
			return result;
		if (chunk.size > MOST_CHUNK)
			return -RECORDING_CORRUPT;
		result = chunk.size ? get(reader, body, chunk.size) : 1;
		if (result <= 0)
			return result ? result : -RECORDING_CUT;
		if (chunk.type == CHUNK_FRAME)
			result = read_frame(reader, body, chunk.size, receiver);
		else if (chunk.type == CHUNK_LOSSES)
			result = read_losses(body, chunk.size, receiver);
		else if (chunk.type == CHUNK_NAMES)
			result = read_names(reader, body, chunk.size);
		else
			result = -RECORDING_CORRUPT;
		if (result)
			return result;
	}
}

/* A FIFO is waited for until somebody writes to it. */
static FILE *open_file(const char *path, const volatile int *stop)
{
	FILE *file;

	do
		file = fopen(path, "re");
	while (!file && errno == EINTR && !*stop);
	return file;
}

int recording_read(const char *path, const struct frame_receiver *receiver,
		   const volatile int *stop, struct origin *ret_origin, uint64_t *ret_offset)
{
	AUTO_FCLOSE FILE *opened = strcmp(path, "-") ? open_file(path, stop) : NULL;
	struct reader reader = { .file = strcmp(path, "-") ? opened : stdin, .stop = stop };
	struct file_header header = { 0 };
	int result;

	*ret_offset = 0;
	if (!reader.file)
		return errno == EINTR ? -EINTR : -RECORDING_IO;
	result = get(&reader, &header, sizeof(header));
	if (result < 0 && result != -RECORDING_CUT)
		return result;
	if (memcmp(header.magic, file_magic, sizeof(header.magic)) != 0)
		return -RECORDING_NOT_ONE;
	if (result < 0)
		return result;
	if (header.version != FORMAT_VERSION)
		return -RECORDING_VERSION;
	*ret_origin = header.origin;
	ret_origin->boot_id[sizeof(ret_origin->boot_id) - 1] = '\0';
	ret_origin->node[sizeof(ret_origin->node) - 1] = '\0';
	return read_chunks(&reader, receiver, ret_offset);
}

const char *recording_failure_text(int failure)
{
	switch (-failure) {
	case RECORDING_NOT_ONE:
		return "is not a recording made by 'killtrace record'";
	case RECORDING_VERSION:
		return "was recorded by another version of killtrace: replay it with that one";
	case RECORDING_CUT:
		return "is cut: all before that was told";
	case RECORDING_CORRUPT:
		return "is corrupt: all before the damage was told";
	default:
		return "cannot be read";
	}
}
