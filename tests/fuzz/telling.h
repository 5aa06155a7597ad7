/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * From a frame to its outputs, and conditions for them with any bytes: a line of JSON that a parser
 * accepts, a line for people without control characters, metrics that can be scraped, and a valid
 * entry for the journal.
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
#include "demand.h"
#include "entry.h"
#include "exposition.h"
#include "explain/explain.h"
#include "stdout/human.h"
#include "explain/explain.h"
#include "line/json_record.h"
#include "line/json_tree.h"

#define WINDOW_NS 1000000000ULL

/*
 * Takes ownership of the line. Reading it and writing it again uses other code than writing it
 * first.
 */
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
	static struct printer *printer;
	static struct screen screen = { .fd = -1, .size_fd = -1 };
	unsigned int written;
	ssize_t length;

	if (screen.fd < 0) {
		screen.fd = memfd_create("lines", MFD_CLOEXEC);
		printer = printer_human_new(&screen);
	}
	demand(ftruncate(screen.fd, 0) == 0 && lseek(screen.fd, 0, SEEK_SET) == 0, "an empty file");
	demand(printer->ops->death(printer, report) == 0, "a line for people");
	demand(lines_write(printer->lines, &written) == 0 && written == 1, "written");
	length = pread(screen.fd, line, sizeof(line) - 1, 0);
	demand(length > 1 && line[length - 1] == '\n', "the line for people ends");
	line[length - 1] = '\0';
	demand(strlen(line) == (size_t)length - 1, "no NUL");
	demand_clean(line);
}

static inline void demand_good_entry(const struct report *report)
{
	struct event *event = event_of_death(report);
	size_t size = 0;
	AUTO_FREE char *entry = event ? journal_message(event, &size) : NULL;

	demand(entry != NULL, "an entry for the journal");
	demand_entry(entry, size);
	event_unref(event);
}

static inline void demand_good_metrics(const struct report *report)
{
	struct metrics *metrics = metrics_new("boot");

	metrics_count_death(metrics, report);
	demand_exposition(metrics);
	metrics_free(metrics);
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
	explain_death(origin, death, &whose, WINDOW_NS, &report);
	demand(memchr(report.summary, 0, sizeof(report.summary)) != NULL, "the sentence ends");
	demand(report.summary[0] != '\0', "there is a sentence");
	demand_clean(report.summary);
	demand_good_human_line(&report);
	demand_good_entry(&report);
	demand_good_metrics(&report);
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
