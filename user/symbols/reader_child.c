// SPDX-License-Identifier: BSD-2-Clause
#include "symbols/reader_child.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/time.h>
#include <unistd.h>

#include "attribute/parser_wire.h"
#include "base/cleanup.h"
#include "base/powerless.h"
#include "symbols/demangle.h"
#include "symbols/dwarf_place.h"
#include "symbols/elf_file.h"
#include "symbols/go_file.h"
#include "symbols/perf_map.h"
#include "symbols/reader_wire.h"

/* Files are mapped and do not count; compressed sections and what DWARF is turned into do. */
#define MOST_MEMORY ((size_t)512 << 20)
/* The standard ones, the socket, one that is offered, and two files for each build ID. */
#define MOST_DESCRIPTORS (5 + 2 * WANTED_FRAMES)
#define PROCESSOR_S 2

static const char *const calls[] = {
	"recvmsg",
	"sendmsg",
	"read",
	"pread64",
	"close",
	"fstat",
	"fstat64",
	"newfstatat",
	"lseek",
	"brk",
	"mmap",
	"mmap2",
	"munmap",
	"mremap",
	"madvise",
	"futex",
	"getrandom",
	"rt_sigreturn",
	"sigreturn",
	"clock_gettime",
	"getpid",
	"exit_group",
	POWERLESS_MAP_FILES,
	NULL,
};

/* The files that one build ID was found in; they may be the same. */
struct reading {
	Elf *code;
	Elf *debug;
	Dwarf *dwarf;
	bool has_go;
	struct go_table go;
};

struct reader {
	int socket;
	const struct libdw *dw;
	const struct wanted *wanted;
	struct reading *readings; /* for each of wanted->files */
	struct perf_map_place generated[WANTED_FRAMES];
};

static void on_too_much(int number)
{
	(void)number;
	_exit(1);
}

static void set_patience(void)
{
	const struct sigaction action = { .sa_handler = on_too_much };
	const struct itimerval timer = { .it_value = { .tv_sec = PROCESSOR_S } };

	(void)sigaction(SIGPROF, &action, NULL);
	(void)setitimer(ITIMER_PROF, &timer, NULL);
}

static void reply(const struct reader *reader, const struct reader_answer *answer)
{
	if (parser_wire_send(reader->socket, answer, sizeof(*answer), -1))
		_exit(0);
}

/* Keeps the file if it is better than what there is. */
static bool keep(const struct libdw *dw, struct reading *reading, Elf *elf, uint32_t *ret_uses)
{
	const bool has_code = elf_file_has_code(elf);
	Dwarf *dwarf = reading->dwarf ? NULL : dw->begin_elf(elf, DWARF_C_READ, NULL);
	bool kept = false;

	*ret_uses = (has_code ? READER_HAS_CODE : 0U) | (dwarf ? READER_HAS_LINES : 0U);
	if (dwarf) {
		reading->dwarf = dwarf;
		reading->debug = elf;
		kept = true;
	}
	if (has_code && !reading->code) {
		reading->code = elf;
		reading->has_go = go_file_table(elf, &reading->go);
		kept = true;
	}
	return kept;
}

static void answer_offer(struct reader *reader, bool by_name, int fd)
{
	struct reader_answer answer = { .reply = READER_FILE, .file = -1 };
	Elf *elf = elf_file_open(fd);
	const uint8_t *id = NULL;
	const size_t size = elf ? elf_file_build_id(reader->dw, elf, &id) : 0;
	bool kept = false;

	answer.file = elf && !size && by_name ? wanted_by_name(reader->wanted)
					      : wanted_index(reader->wanted, id, size);
	if (answer.file >= 0)
		kept = keep(reader->dw, &reader->readings[answer.file], elf, &answer.uses);
	if (size)
		answer.uses |= READER_HAS_ID;
	if (!kept) {
		(void)elf_end(elf);
		(void)close(fd);
	}
	reply(reader, &answer);
}

/* A return address is after the call, which may be the last instruction of its function. */
static uint64_t looked_up(uint32_t frame, uint64_t address)
{
	return frame > 1 && address ? address - 1 : address;
}

static size_t find_symbol(const struct reading *reading, uint64_t address, uint64_t shown,
			  struct symbols_place *ret)
{
	struct elf_symbol symbol;

	if (!elf_file_symbol(reading->code, address, &symbol) &&
	    !(reading->debug && elf_file_symbol(reading->debug, address, &symbol)))
		return 0;
	demangle(symbol.name, ret->function, sizeof(ret->function));
	ret->has_offset = true;
	ret->offset = shown - symbol.start;
	return 1;
}

/* Go strips its DWARF, but never its own table. */
static size_t find_lines(const struct reader *reader, const struct reading *reading,
			 uint64_t address, uint64_t shown, struct symbols_place *ret)
{
	size_t count = reading->dwarf
			       ? dwarf_place_find(reader->dw, reading->dwarf, address, shown, ret)
			       : 0;

	if (!count && reading->has_go)
		count = go_table_find(&reading->go, address, shown, ret);
	if (count == 1 && !ret[0].function[0])
		(void)find_symbol(reading, address, shown, &ret[0]);
	return count;
}

static void reply_place(const struct reader *reader, const struct symbols_place *place)
{
	struct reader_answer answer = { .reply = READER_PLACE,
					.line = place->line,
					.has_offset = place->has_offset,
					.offset = place->offset };

	memcpy(answer.function, place->function, sizeof(answer.function));
	memcpy(answer.file_name, place->file, sizeof(answer.file_name));
	reply(reader, &answer);
}

static void answer_map(struct reader *reader, int fd)
{
	const struct reader_answer answer = { .reply = READER_END };

	/* address 0 is in no map */
	memset(reader->generated, 0, sizeof(reader->generated));
	for (uint32_t i = 0; i < WANTED_FRAMES; i++) {
		const struct wanted_frame *frame = &reader->wanted->frames[i];

		if (frame->is_generated)
			reader->generated[i].address = looked_up(i, frame->offset);
	}
	(void)perf_map_read_file(fd, reader->generated, WANTED_FRAMES);
	(void)close(fd);
	reply(reader, &answer);
}

static void answer_generated(const struct reader *reader, uint32_t index)
{
	const struct reader_answer end = { .reply = READER_END };
	const struct perf_map_place *found = &reader->generated[index];
	struct symbols_place place = { .has_offset = true };

	if (found->is_found) {
		memcpy(place.function, found->name, sizeof(place.function));
		place.offset = reader->wanted->frames[index].offset - found->start;
		reply_place(reader, &place);
	}
	reply(reader, &end);
}

static void answer_frame(const struct reader *reader, const struct reader_question *question)
{
	const struct wanted_frame *frame = &reader->wanted->frames[question->frame];
	const int file = wanted_file_of(reader->wanted, question->frame);
	const struct reading *reading = file < 0 ? NULL : &reader->readings[file];
	struct symbols_place places[SYMBOLS_PLACES] = { 0 };
	struct reader_answer answer = { .reply = READER_END };
	size_t count = 0;

	if (reading && reading->code &&
	    elf_file_address(reading->code, frame->offset, &answer.address)) {
		const uint64_t address = looked_up(question->frame, answer.address);

		answer.has_address = true;
		count = question->ask == READER_LINE
				? find_lines(reader, reading, address, answer.address, places)
				: find_symbol(reading, address, answer.address, places);
	}
	for (size_t i = 0; i < count; i++)
		reply_place(reader, &places[i]);
	reply(reader, &answer);
}

static void serve(struct reader *reader)
{
	struct reader_question question = { 0 };
	int fd;

	while (parser_wire_receive(reader->socket, &question, sizeof(question), &fd) ==
	       sizeof(question)) {
		if (question.ask == READER_OFFER)
			answer_offer(reader, question.by_name != 0, fd);
		else if (question.ask == READER_MAP)
			answer_map(reader, fd);
		else if (question.frame < WANTED_FRAMES &&
			 reader->wanted->frames[question.frame].is_generated)
			answer_generated(reader, question.frame);
		else if (question.frame < WANTED_FRAMES)
			answer_frame(reader, &question);
	}
}

/* The socket stays; what the parent has open is not this process's affair. */
static void close_others(int *socket)
{
	const int kept = STDERR_FILENO + 1;

	if (*socket != kept && dup2(*socket, kept) < 0)
		_exit(1);
	*socket = kept;
	closefrom(kept + 1);
}

void reader_child_run(int socket, pid_t parent, const struct wanted *wanted)
{
	const struct powerless_limits limits = { MOST_MEMORY, MOST_DESCRIPTORS };
	struct powerless state;
	struct reader reader = { .wanted = wanted,
				 .dw = libdw_load(),
				 .readings = calloc(WANTED_FRAMES, sizeof(struct reading)) };

	(void)prctl(PR_SET_NAME, "killtrace-elf");
	close_others(&socket);
	reader.socket = socket;
	set_patience();
	if (!reader.dw || !reader.readings || powerless_become(&limits, &state))
		_exit(1);
	/* after the change of the user, which resets it */
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() == parent && !powerless_calls(calls))
		serve(&reader);
	_exit(0);
}
