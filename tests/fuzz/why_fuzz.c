// SPDX-License-Identifier: BSD-2-Clause
/*
 * A line that somebody gives to `killtrace why`, and what the process that reads ELF files answers
 * about it: the line, a zero byte, answers. The explanation is harmless to a terminal and valid
 * JSON, whatever the names in both are.
 */
#include <sys/socket.h>

#include "base/cleanup.h"
#include "demand.h"
#include "line/json_tree.h"
#include "line/record_read.h"
#include "symbols/reader.h"
#include "symbols/reader_wire.h"
#include "telling.h"
#include "why/as_json.h"
#include "why/as_markdown.h"
#include "why/as_text.h"
#include "why/past.h"
#include "why/why.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* More than the reader's bound, so that no process is started. */
#define NO_STARTS 1000
#define MOST_ANSWERS 24

/* The answers are in the socket before the question; with no child, none is started. */
static void begin_answers(struct reader *reader, const struct wanted *wanted, const uint8_t *bytes,
			  size_t size, int *ret_peer)
{
	int ends[2];

	demand(!socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends), "a socket");
	*reader = (struct reader){ .wanted = wanted, .socket = ends[0], .starts = NO_STARTS };
	for (size_t i = 0; i < WANTED_FRAMES; i++)
		reader->files[i] = (struct reader_file){ .code_fd = 0, .debug_fd = -1 };
	for (unsigned int i = 0; i < MOST_ANSWERS; i++) {
		struct reader_answer answer = { .reply = READER_END };
		const size_t part = size < sizeof(answer) ? size : sizeof(answer);

		memcpy(&answer, bytes, part);
		bytes += part;
		size -= part;
		demand(send(ends[1], &answer, sizeof(answer), 0) > 0, "an answer");
	}
	*ret_peer = ends[1];
}

static void demand_text(const char *text, size_t size)
{
	demand(memchr(text, 0, size), "a text ends");
}

static void take_answers(struct symbols *symbols, const struct wanted *wanted, const uint8_t *bytes,
			 size_t size)
{
	struct reader reader;
	int peer;

	begin_answers(&reader, wanted, bytes, size, &peer);
	for (uint32_t i = 0; i <= symbols->count && i < MOST_ANSWERS; i++) {
		struct symbols_frame *frame = wanted_frame(symbols, i);

		if (!reader_name(&reader, true, i, frame))
			continue;
		demand(frame->count <= SYMBOLS_PLACES, "so many places");
		for (size_t at = 0; at < frame->count; at++) {
			demand_text(frame->places[at].function, sizeof(frame->places[at].function));
			demand_text(frame->places[at].file, sizeof(frame->places[at].file));
		}
	}
	for (size_t i = 0; i < WANTED_FRAMES; i++)
		reader.files[i].code_fd = -1;
	if (reader.socket >= 0)
		(void)close(reader.socket);
	(void)close(peer);
}

static void demand_texts(const struct explanation *explanation, const json_t *record)
{
	struct buffer text = { 0 }, markdown = { 0 };
	json_t *tree = as_json(explanation, record);
	AUTO_FREE char *line = tree ? json_tree_line(tree) : NULL;

	as_text(explanation, 80, &text);
	as_markdown(explanation, &markdown);
	demand(!text.failed && !markdown.failed && line, "an explanation in every form");
	demand_clean_lines(text.text, text.size);
	demand_clean_lines(markdown.text, markdown.size);
	demand_good_line(strdup(line), strlen(line));
	json_decref(tree);
	free(text.text);
	free(markdown.text);
}

static void explain(const json_t *record, const uint8_t *answers, size_t size)
{
	AUTO_FREE struct symbols *symbols = calloc(1, sizeof(*symbols));
	AUTO_FREE struct wanted *wanted = calloc(1, sizeof(*wanted));
	struct why_past past = { 0 };
	struct explanation explanation;
	struct why why;

	if (!why_of_record(record, 1800000000000000000, &why))
		return;
	wanted_read(record, symbols, wanted);
	wanted_check(wanted);
	take_answers(symbols, wanted, answers, size);
	why.past = &past;
	why.symbols = symbols;
	why_explain(&why, &explanation);
	demand(!explanation.failed, "an explanation");
	demand_texts(&explanation, record);
	explanation_done(&explanation);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTO_FREE char *line = malloc(size + 1);
	size_t length;
	json_t *record;

	memcpy(line, data, size);
	line[size] = '\0';
	length = strlen(line);
	record = record_read(line);
	if (record && json_object_get(record, "cause"))
		explain(record, data + length, size - length);
	json_decref(record);
	return 0;
}
