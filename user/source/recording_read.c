// SPDX-License-Identifier: BSD-2-Clause
#include "source/recording_read.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "source/recording_format.h"

#define MOST_CHUNK (64U << 10)
#define MOST_SYMBOLS (16U << 10)
#define MOST_NAMES (4U << 10)

struct reader {
	FILE *file;
	const volatile int *stop;
	uint64_t offset;
	/* of the next frame */
	char names[MOST_NAMES];
	size_t names_size;
};

/* 1: all there; 0: nothing more; else as recording_read(). A pipe can block: the request to stop
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
	if (header.kallsyms_size > MOST_SYMBOLS || header.record_size > MOST_CHUNK ||
	    size != sizeof(header) + header.record_size + header.kallsyms_size)
		return -RECORDING_CORRUPT;
	frame = (struct frame){
		.sequence = header.sequence,
		.realtime_offset_ns = header.realtime_offset_ns,
		.record = body + sizeof(header),
		.record_size = header.record_size,
		.symbols = body + sizeof(header) + header.record_size,
		.kallsyms_size = header.kallsyms_size,
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

/* Opening a FIFO waits until a program opens it for writing. */
static FILE *open_file(const char *path, const volatile int *stop)
{
	FILE *file;

	do
		file = fopen(path, "re");
	while (!file && errno == EINTR && !*stop);
	return file;
}

/* The writer of the file chose them: a boot's id is part of names, and a node has one. */
static void read_origin(const struct origin *written, struct origin *ret)
{
	static const char letters[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-";

	*ret = *written;
	ret->boot_id[sizeof(ret->boot_id) - 1] = '\0';
	ret->node[sizeof(ret->node) - 1] = '\0';
	for (char *at = ret->boot_id; *at; at++)
		if (!strchr(letters, *at))
			*at = '_';
	if (!*ret->boot_id)
		(void)strcpy(ret->boot_id, "unknown");
	if (!*ret->node)
		(void)strcpy(ret->node, "unknown");
}

int recording_read_stream(FILE *stream, const struct frame_receiver *receiver,
			  const volatile int *stop, struct origin *ret_origin, uint64_t *ret_offset)
{
	struct reader reader = { .file = stream, .stop = stop };
	struct file_header header = { 0 };
	int result;

	*ret_offset = 0;
	result = get(&reader, &header, sizeof(header));
	if (result < 0 && result != -RECORDING_CUT)
		return result;
	if (memcmp(header.magic, RECORDING_MAGIC, sizeof(header.magic)) != 0)
		return -RECORDING_NOT_ONE;
	if (result < 0)
		return result;
	if (header.version != RECORDING_FORMAT)
		return -RECORDING_VERSION;
	read_origin(&header.origin, ret_origin);
	return read_chunks(&reader, receiver, ret_offset);
}

int recording_read(const char *path, const struct frame_receiver *receiver,
		   const volatile int *stop, struct origin *ret_origin, uint64_t *ret_offset)
{
	AUTO_FCLOSE FILE *opened = strcmp(path, "-") ? open_file(path, stop) : NULL;
	FILE *stream = strcmp(path, "-") ? opened : stdin;

	*ret_offset = 0;
	if (!stream)
		return errno == EINTR ? -EINTR : -RECORDING_IO;
	return recording_read_stream(stream, receiver, stop, ret_origin, ret_offset);
}

const char *recording_failure_text(int failure)
{
	switch (-failure) {
	case RECORDING_NOT_ONE:
		return "is not a recording made by 'killtrace record'";
	case RECORDING_VERSION:
		return "was recorded by another version of killtrace: replay it with that one";
	case RECORDING_CUT:
		return "is cut: everything before the cut was reported";
	case RECORDING_CORRUPT:
		return "is corrupt: everything before the damage was reported";
	default:
		return "cannot be read";
	}
}
