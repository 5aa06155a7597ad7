/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * From a frame to its outputs, and what has to hold of them for any bytes: a line of JSON that a
 * parser takes, and a line for people without anything that a terminal obeys.
 */
#ifndef KT_FUZZ_TELLING_H
#define KT_FUZZ_TELLING_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "decode/decode.h"
#include "sink/human.h"
#include "sink/json_record.h"
#include "sink/json_tree.h"

#define WINDOW_NS 1000000000ULL

/* Ends the program where the fuzzer sees it. */
static inline void demand(bool holds, const char *what)
{
	if (holds)
		return;
	(void)fprintf(stderr, "does not hold: %s\n", what);
	abort();
}

static inline void demand_clean(const char *text)
{
	static char again[8 * SUMMARY_SIZE];

	for (const char *at = text; *at; at++)
		demand((unsigned char)*at >= 0x20 && *at != 0x7f, "no control bytes");
	text_valid_utf8(text, again, sizeof(again));
	demand(!strcmp(text, again), "valid UTF-8");
}

/* Takes the line. What it is written by is not what it is read and written again by. */
static inline void demand_good_line(char *taken, size_t length)
{
	AUTO_FREE char *line = taken, *again = NULL;
	json_t *parsed;

	demand(line != NULL, "a line");
	demand(length == strlen(line), "its length");
	demand(length > 2 && line[length - 1] == '\n', "the line ends");
	for (size_t i = 0; i < length - 1; i++)
		demand(line[i] >= 0x20 && line[i] < 0x7f, "printable ASCII");
	parsed = json_loads(line, JSON_REJECT_DUPLICATES, NULL);
	demand(parsed != NULL, "JSON");
	again = json_tree_line(parsed);
	demand(again && !strcmp(again, line), "as jansson writes it");
	json_decref(parsed);
}

static inline void demand_good_human_line(const struct report *report)
{
	static char line[4 * SUMMARY_SIZE];
	static struct sink *sink;
	static int fd = -1;
	ssize_t length;

	if (fd < 0) {
		fd = memfd_create("lines", MFD_CLOEXEC);
		sink = sink_human_new(fd, false);
	}
	demand(ftruncate(fd, 0) == 0 && lseek(fd, 0, SEEK_SET) == 0, "an empty file");
	demand(sink->ops->death(sink, report) == 0, "a line for people");
	length = pread(fd, line, sizeof(line) - 1, 0);
	demand(length > 1 && line[length - 1] == '\n', "the line for people ends");
	line[length - 1] = '\0';
	demand(strlen(line) == (size_t)length - 1, "no NUL");
	demand_clean(line);
}

static inline void tell_death(const struct origin *origin, const struct death *death,
			      const struct frame *frame)
{
	static struct attribution whose;
	static struct report report;
	size_t size = 0;
	char *line;

	attribution_read(death, &whose);
	if (frame->names)
		attribution_read_names(&whose, frame->names, frame->names_size);
	report_make(origin, death, &whose, WINDOW_NS, &report);
	demand(memchr(report.summary, 0, sizeof(report.summary)) != NULL, "the sentence ends");
	demand(report.summary[0] != '\0', "there is a sentence");
	demand_clean(report.summary);
	demand_good_human_line(&report);
	line = json_record_of_death(&report, &size);
	demand_good_line(line, size);
}

static inline int tell_frame(const struct origin *origin, const struct frame *frame)
{
	static struct death death;
	int failure = decode_frame(frame, NULL, &death);

	if (failure)
		demand(-failure >= DECODE_TRUNCATED && -failure <= DECODE_MALFORMED, "a failure");
	else
		tell_death(origin, &death, frame);
	return failure;
}

#endif
