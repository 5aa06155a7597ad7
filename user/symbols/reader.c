// SPDX-License-Identifier: BSD-2-Clause
#include "symbols/reader.h"

#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "attribute/parser_wire.h"
#include "base/cleanup.h"
#include "base/text.h"
#include "symbols/reader_child.h"
#include "symbols/reader_wire.h"

#define MOST_STARTS 8
#define PATIENCE_MS 400

static void hang_up(struct reader *reader)
{
	if (reader->socket < 0)
		return;
	(void)close(reader->socket);
	reader->socket = -1;
	/* zero and less would be processes of others */
	if (reader->child > 0) {
		(void)kill(reader->child, SIGKILL);
		(void)waitpid(reader->child, NULL, 0);
	}
}

static bool receive(struct reader *reader, struct reader_answer *ret)
{
	struct pollfd one = { .fd = reader->socket, .events = POLLIN };

	return reader->socket >= 0 && poll(&one, 1, PATIENCE_MS) == 1 &&
	       parser_wire_receive(reader->socket, ret, sizeof(*ret), NULL) == sizeof(*ret);
}

static bool offer(struct reader *reader, int fd, bool by_name, struct reader_answer *ret)
{
	const struct reader_question question = { .ask = READER_OFFER, .by_name = by_name };

	return reader->socket >= 0 &&
	       !parser_wire_send(reader->socket, &question, sizeof(question), fd) &&
	       receive(reader, ret) && ret->reply == READER_FILE;
}

static bool offer_again(struct reader *reader)
{
	struct reader_answer answer;

	for (size_t i = 0; i < reader->wanted->file_count; i++) {
		const struct reader_file *file = &reader->files[i];

		if ((file->code_fd >= 0 && !offer(reader, file->code_fd, file->by_name, &answer)) ||
		    (file->debug_fd >= 0 && !offer(reader, file->debug_fd, file->by_name, &answer)))
			return false;
	}
	return true;
}

static bool start(struct reader *reader)
{
	const pid_t self = getpid();
	int ends[2];

	if (reader->starts++ >= MOST_STARTS ||
	    socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends))
		return false;
	reader->child = fork();
	if (!reader->child)
		reader_child_run(ends[1], self, reader->wanted);
	(void)close(ends[1]);
	reader->socket = ends[0];
	if (reader->child < 0) {
		(void)close(ends[0]);
		reader->socket = -1;
	}
	return reader->socket >= 0;
}

static void start_again(struct reader *reader)
{
	hang_up(reader);
	reader->has_map = false;
	while (start(reader)) {
		if (offer_again(reader))
			return;
		hang_up(reader);
	}
}

void reader_start(const struct wanted *wanted, struct reader *ret)
{
	*ret = (struct reader){ .wanted = wanted, .socket = -1 };
	for (size_t i = 0; i < WANTED_FRAMES; i++)
		ret->files[i] = (struct reader_file){ -1, -1, false, false };
	(void)start(ret);
}

void reader_stop(struct reader *reader)
{
	/* it ends by itself when its socket is closed */
	if (reader->socket >= 0) {
		(void)close(reader->socket);
		(void)waitpid(reader->child, NULL, 0);
		reader->socket = -1;
	}
	for (size_t i = 0; i < WANTED_FRAMES; i++) {
		if (reader->files[i].code_fd >= 0)
			(void)close(reader->files[i].code_fd);
		if (reader->files[i].debug_fd >= 0)
			(void)close(reader->files[i].debug_fd);
	}
}

/* Takes the descriptor if the file is needed. Whether it is the code. */
static bool take(struct reader_file *file, const struct reader_answer *answer, int *fd)
{
	const bool adds_lines = (answer->uses & READER_HAS_LINES) && !file->has_lines;

	const bool is_code = (answer->uses & READER_HAS_CODE) && file->code_fd < 0;

	if (!is_code && (!adds_lines || file->debug_fd >= 0))
		return false;
	*(is_code ? &file->code_fd : &file->debug_fd) = *fd;
	file->has_lines = file->has_lines || adds_lines;
	*fd = -1;
	return is_code;
}

struct reader_offer reader_offer(struct reader *reader, int fd, bool by_name)
{
	struct reader_offer ret = { .file = -1 };
	struct reader_answer answer;
	AUTO_CLOSE int kept = fd;

	if (!offer(reader, fd, by_name, &answer)) {
		start_again(reader);
		return ret;
	}
	ret.has_id = answer.uses & READER_HAS_ID;
	if (answer.file < 0 || (size_t)answer.file >= reader->wanted->file_count)
		return ret;
	ret.file = answer.file;
	reader->files[answer.file].by_name = reader->wanted->files[answer.file].by_name;
	ret.is_code = take(&reader->files[answer.file], &answer, &kept);
	return ret;
}

/* Not every text is ended: the child may be in an attacker's hands. */
static void copy_text(const char *text, size_t size, char *ret)
{
	char whole[sizeof(((struct reader_answer *)NULL)->function) + 1] = { 0 };

	memcpy(whole, text, size);
	text_valid_utf8(whole, ret, size);
}

static void take_place(const struct reader_answer *answer, struct symbols_place *ret)
{
	*ret = (struct symbols_place){ .line = answer->line,
				       .has_offset = answer->has_offset != 0,
				       .offset = answer->offset };
	copy_text(answer->function, sizeof(answer->function), ret->function);
	copy_text(answer->file_name, sizeof(answer->file_name), ret->file);
}

/* The places of one frame, up to the end of the answer. -1: there is no whole answer. */
static int ask(struct reader *reader, enum reader_ask kind, uint32_t index,
	       struct symbols_place *ret, struct reader_answer *ret_end)
{
	const struct reader_question question = { .ask = kind, .frame = index };
	int count = 0;

	if (reader->socket < 0 || parser_wire_send(reader->socket, &question, sizeof(question), -1))
		return -1;
	while (receive(reader, ret_end)) {
		if (ret_end->reply == READER_END)
			return count;
		if (ret_end->reply != READER_PLACE || count == SYMBOLS_PLACES)
			return -1;
		take_place(ret_end, &ret[count++]);
	}
	return -1;
}

bool reader_map(struct reader *reader, int fd)
{
	const struct reader_question question = { .ask = READER_MAP };
	struct reader_answer answer;
	AUTO_CLOSE int map = fd;

	reader->has_map = reader->socket >= 0 &&
			  !parser_wire_send(reader->socket, &question, sizeof(question), map) &&
			  receive(reader, &answer) && answer.reply == READER_END;
	if (!reader->has_map)
		start_again(reader);
	return reader->has_map;
}

/* The address stays that of the record. */
static bool name_generated(struct reader *reader, uint32_t index, struct symbols_frame *frame)
{
	struct symbols_place place[SYMBOLS_PLACES];
	struct reader_answer end;

	if (!reader->has_map || ask(reader, READER_NAME, index, place, &end) != 1)
		return false;
	frame->state = SYMBOLS_NAMED;
	frame->count = 1;
	frame->places[0] = place[0];
	return true;
}

static bool has_file(const struct reader *reader, uint32_t index)
{
	const int file = wanted_file_of(reader->wanted, index);

	return file >= 0 && reader->files[file].code_fd >= 0;
}

bool reader_name(struct reader *reader, bool by_dwarf, uint32_t index, struct symbols_frame *frame)
{
	struct symbols_place places[SYMBOLS_PLACES];
	struct reader_answer end;
	int count;

	if (reader->wanted->frames[index].is_generated)
		return !by_dwarf && name_generated(reader, index, frame);
	if (!has_file(reader, index))
		return false;
	count = ask(reader, by_dwarf ? READER_LINE : READER_NAME, index, places, &end);
	if (count < 0) {
		start_again(reader);
		return false;
	}
	if (!count && frame->state == SYMBOLS_NAMED)
		return false;
	frame->has_address = end.has_address != 0;
	frame->address = end.address;
	frame->state = count ? SYMBOLS_NAMED : SYMBOLS_NO_NAME;
	frame->count = (size_t)count;
	memcpy(frame->places, places, (size_t)count * sizeof(*places));
	return true;
}
